import type { SnapshotFrom } from 'xstate';
import { depthOf } from '../machines/model/context.ts';
import type { modelMachine } from '../machines/model/model.machine.ts';
import { failureCount, type Trip } from './breaker/memory.ts';
import type { TripPolicy } from './breaker/options.ts';
import type { BreakerState } from './breaker/state.ts';
import type { Clock } from './clock.ts';
import type { Pricing } from './pricing.ts';
import { sizeOf } from './queue/ordered-tree.ts';
import type { PriorityClass } from './queue/priority.ts';
import type { ControlState } from './routing/model-view.ts';
import type { Percentiles } from './telemetry/distribution.ts';
import type { ModelFigures } from './telemetry/stats.ts';

/** What an operator sees of one model. */
export interface ModelStatus {
  readonly provider: string;
  /** The provider's name for the model, when it has one. */
  readonly model: string | null;
  readonly weight: number;
  readonly pricing: Pricing | null;
  readonly contextWindow: number | null;
  /** What it shares its failures with; null: nothing is said. */
  readonly upstream: string | null;
  /** Waiting, backing off and running requests: what `maxQueueDepth` bounds. */
  readonly queueDepth: number;
  readonly maxQueueDepth: number;
  readonly maxConcurrency: number;
  /** `accepting`, `saturated`, `full`, `holding` (paused or rate limited), `blocked` (breaker open) or `probing` (half-open). */
  readonly queueState: string;
  readonly control: ControlState;
  /** Calls that may run at once: `maxConcurrency`, or fewer for a while after a recovery or a rate limit. */
  readonly runningLimit: number;
  /** Until when its provider wants to be left alone, in milliseconds since the Unix epoch; null: no limit holds. */
  readonly limitedUntil: number | null;
  readonly running: number;
  /** Calls whose caller was answered while the backend has not let go. */
  readonly lingering: number;
  readonly waiting: Readonly<Record<PriorityClass, number>>;
  /** Requests whose call failed in passing and that will be tried again here. */
  readonly backingOff: number;
  readonly circuitBreaker: {
    readonly state: BreakerState;
    readonly policy: TripPolicy | null;
    /** Failures that count against it while closed: in a row, or in its window. */
    readonly failureCount: number;
    /** Milliseconds since the Unix epoch; null unless it is open. */
    readonly openUntil: number | null;
    /** Openings in a row, as of the last; time spent closed is taken off when it opens again. */
    readonly opens: number;
    /** Why it opened last; null: it never has. */
    readonly lastTrip: Trip | null;
  };
  readonly successes: number;
  readonly failures: number;
  readonly rateLimited: number;
  /** Of successful calls. */
  readonly latencyMs: Percentiles;
  /** Of streamed calls. */
  readonly timeToFirstTokenMs: Percentiles;
}

export function statusOf(
  { context, value }: SnapshotFrom<typeof modelMachine>,
  about: Pick<ModelStatus, 'provider' | 'model' | 'upstream'>,
  figures: ModelFigures,
  clock: Pick<Clock, 'now' | 'wallNow'>,
): ModelStatus {
  const { breaker, load, rateLimit, profile } = context;
  const now = clock.now();
  const wallTimeOf = (time: number): number => Math.round(clock.wallNow() + time - now);
  const { waiting } = load;
  const state = value.breaker as BreakerState;
  return {
    // Not spread: an object that begins with a spread takes ten times as long to make.
    provider: about.provider,
    model: about.model,
    upstream: about.upstream,
    weight: profile.weight,
    pricing: profile.pricing,
    contextWindow: profile.contextWindow,
    queueDepth: depthOf(context),
    maxQueueDepth: context.limits.maxQueueDepth,
    maxConcurrency: context.limits.maxConcurrency,
    queueState: value.queue,
    control: value.control,
    runningLimit: load.runningLimit,
    limitedUntil: rateLimit.until === null ? null : wallTimeOf(rateLimit.until),
    running: load.running,
    lingering: load.lingering,
    waiting: {
      critical: sizeOf(waiting.critical),
      high: sizeOf(waiting.high),
      normal: sizeOf(waiting.normal),
      low: sizeOf(waiting.low),
    },
    backingOff: load.retries.count,
    circuitBreaker: {
      state,
      policy: breaker.options?.policy ?? null,
      failureCount: failureCount(breaker, now),
      openUntil: state === 'open' ? wallTimeOf(breaker.openUntil) : null,
      opens: breaker.opens,
      lastTrip: breaker.lastTrip,
    },
    successes: figures.successes,
    failures: figures.failures,
    rateLimited: figures.rateLimited,
    latencyMs: figures.latencyMs.percentiles(),
    timeToFirstTokenMs: figures.timeToFirstTokenMs.percentiles(),
  };
}

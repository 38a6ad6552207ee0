import type { SnapshotFrom } from 'xstate';
import { depthOf } from '../machines/model/context.ts';
import type { BreakerState } from '../machines/model/emitted.ts';
import type { modelMachine } from '../machines/model/model.machine.ts';
import { sizeOf } from './queue/ordered-tree.ts';
import type { PriorityClass } from './queue/priority.ts';
import type { Percentiles } from './telemetry/distribution.ts';
import type { ModelFigures } from './telemetry/stats.ts';

/** What an operator sees of one model. */
export interface ModelStatus {
  readonly provider: string;
  /** The provider's name for the model, when it has one. */
  readonly model: string | null;
  /** Waiting and running requests: what `maxQueueDepth` bounds. */
  readonly queueDepth: number;
  readonly maxQueueDepth: number;
  readonly maxConcurrency: number;
  /** `accepting`, `saturated`, `full`, `blocked` (breaker open) or `probing` (half-open). */
  readonly queueState: string;
  /** `active`, or `draining` while it is removed. */
  readonly control: string;
  readonly running: number;
  /** Calls whose caller was answered while the backend has not let go. */
  readonly lingering: number;
  readonly waiting: Readonly<Record<PriorityClass, number>>;
  readonly circuitBreaker: {
    readonly state: BreakerState;
    /** Failures in a row while closed. */
    readonly failureCount: number;
    /** Milliseconds since the Unix epoch; null unless it is open. */
    readonly openUntil: number | null;
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
  about: { readonly provider: string; readonly model: string | null },
  figures: ModelFigures,
  wallTimeOf: (time: number) => number,
): ModelStatus {
  const { breaker, load } = context;
  const { waiting } = load;
  const state = value.breaker as BreakerState;
  return {
    ...about,
    queueDepth: depthOf(context),
    maxQueueDepth: context.limits.maxQueueDepth,
    maxConcurrency: context.limits.maxConcurrency,
    queueState: value.queue,
    control: value.control,
    running: load.running,
    lingering: load.lingering,
    waiting: {
      critical: sizeOf(waiting.critical),
      high: sizeOf(waiting.high),
      normal: sizeOf(waiting.normal),
      low: sizeOf(waiting.low),
    },
    circuitBreaker: {
      state,
      failureCount: breaker.failures,
      openUntil: state === 'open' ? Math.round(wallTimeOf(breaker.openUntil)) : null,
    },
    successes: figures.successes,
    failures: figures.failures,
    rateLimited: figures.rateLimited,
    latencyMs: figures.latencyMs.percentiles(),
    timeToFirstTokenMs: figures.timeToFirstTokenMs.percentiles(),
  };
}

import type { ActorRef, Snapshot } from 'xstate';
import { type BreakerMemory, newMemory } from '../../src/breaker/memory.ts';
import type { BreakerOptions } from '../../src/breaker/options.ts';
import { isCurrent, type Permit } from '../../src/breaker/permit.ts';
import { type FirstTokenTimes, NO_FIRST_TOKENS } from '../../src/breaker/silence.ts';
import { type Boosts, DEFAULT_BOOSTS } from '../../src/queue/priority.ts';
import { NO_SERVICE_TIMES, type ServiceTimes } from '../../src/queue/service-times.ts';
import { NONE_WAITING, type Waiting } from '../../src/queue/waiting.ts';
import { hashSeed } from '../../src/random.ts';
import { type Backoff, DEFAULT_BACKOFF } from '../../src/retry/backoff.ts';
import { NO_LIMIT, type RateLimit } from '../../src/retry/rate-limit.ts';
import { MAX_HINT_MS } from '../../src/retry/retry-after.ts';
import type { PeakEwma } from '../../src/routing/peak-ewma.ts';
import type { Slip } from '../../src/routing/slip.ts';
import type { TargetFigures } from '../../src/routing/strategies/ordering.ts';
import { DEFAULT_TIMEOUTS } from '../call-limits.ts';
import type { CallTimeouts, ModelReportEvent, SlotCommand } from '../events.ts';

/** How much a model takes. */
export interface ModelLimits extends CallTimeouts {
  /** Accepted but unfinished requests: waiting, backing off and running. */
  readonly maxQueueDepth: number;
  /** Calls at once. */
  readonly maxConcurrency: number;
  /** Which calls its provider answers piece by piece, and so with signs of life: those of streams, all, or none. */
  readonly streaming: 'on_request' | 'always' | 'never';
  /** How long a request backs off before it is tried again; null: it never is. */
  readonly backoff: Backoff | null;
  /** How long a slot waits for a backend that was told to stop, in milliseconds. */
  readonly abortGraceMs: number;
  readonly boosts: Boosts;
  /** It takes requests that were accepted from then on: added again under an old name, it is a new model. */
  readonly since: number;
}

const DEFAULT_LIMITS: Pick<ModelLimits, keyof CallTimeouts | 'streaming' | 'backoff' | 'boosts' | 'since'> = {
  ...DEFAULT_TIMEOUTS,
  streaming: 'on_request',
  backoff: DEFAULT_BACKOFF,
  boosts: DEFAULT_BOOSTS,
  since: 0,
};

/** What it is chosen by: what strategies weigh it by, and what it can take. */
export interface ModelProfile extends Pick<TargetFigures, 'weight' | 'pricing'> {
  /** The most tokens it takes; null: it does not say. */
  readonly contextWindow: number | null;
  /** `embeddings`: only requests that name it go there. */
  readonly serves: 'chat' | 'embeddings';
}

const DEFAULT_PROFILE: ModelProfile = { weight: 1, pricing: null, contextWindow: null, serves: 'chat' };

type SlotRef = ActorRef<Snapshot<unknown>, SlotCommand>;
type ReportRef = ActorRef<Snapshot<unknown>, ModelReportEvent>;

/** A call that its caller still waits for. */
export interface Call {
  readonly slip: Slip;
  readonly permit: Permit;
  readonly startedAt: number;
  /** It has shown no life for much longer than is usual. */
  readonly isSilent?: true;
}

/** The free slots, last freed first. */
export interface IdleSlot {
  readonly slot: number;
  readonly next: IdleSlot | null;
}

/** What a model tries again. */
export interface Retries {
  /** Requests that wait for their time; each has its place, but neither slot nor permit. */
  readonly backingOff: Waiting;
  readonly count: number;
  /** The ids of all that it tries again: backing off, waiting in the queue, or running. */
  readonly ids: readonly string[];
  /** State of the generator that draws how long they back off. */
  readonly seed: number;
}

/** What a model has to do, and with what. */
export interface Load {
  readonly idle: IdleSlot | null;
  /** By slot; null where the slot is free or lingers. */
  readonly calls: readonly (Call | null)[];
  readonly running: number;
  /** Slots whose caller has been answered while the backend's promise has not settled. */
  readonly lingering: number;
  readonly waiting: Waiting;
  readonly waitingCount: number;
  readonly retries: Retries;
  /** Calls that may run at once: `maxConcurrency`, but for a slow start after a recovery or a rate limit. */
  readonly runningLimit: number;
  readonly serviceTimes: ServiceTimes;
  readonly firstTokens: FirstTokenTimes;
  /** Peak-sensitive average of what successful calls took; null before the first. */
  readonly latency: PeakEwma | null;
}

/**
 * Immutable all the way down: guards stay pure, every old snapshot stays true, and the chart can be explored. Grouped,
 * because XState copies the context's own fields at each `assign`, and a copy of twenty costs forty times one of six.
 */
export interface ModelContext {
  readonly name: string;
  readonly limits: ModelLimits;
  readonly profile: ModelProfile;
  /** Who hears how requests end; null when the model stands alone: it then reports to itself, who ignores it. */
  readonly reportTo: ReportRef | null;
  readonly slots: readonly SlotRef[];
  readonly breaker: BreakerMemory;
  readonly rateLimit: RateLimit;
  readonly load: Load;
}

export interface ModelInput {
  readonly name: string;
  readonly limits: Omit<ModelLimits, keyof typeof DEFAULT_LIMITS> & Partial<typeof DEFAULT_LIMITS>;
  readonly profile?: ModelProfile;
  /** null: the breaker is switched off. */
  readonly breaker: BreakerOptions | null;
  readonly reportTo?: ReportRef;
  /** Seed of what it draws: how much longer it stays open, and how long requests back off. */
  readonly seed?: number;
}

export interface SlotInput {
  readonly slot: number;
  readonly model: string;
  readonly abortGraceMs: number;
}

export function initialContext(input: ModelInput, spawnSlot: (index: number) => SlotRef): ModelContext {
  const { maxConcurrency } = input.limits;
  let idle: IdleSlot | null = null;
  for (let slot = maxConcurrency - 1; slot >= 0; slot--) idle = { slot, next: idle };
  return {
    name: input.name,
    limits: { ...DEFAULT_LIMITS, ...input.limits },
    profile: input.profile ?? DEFAULT_PROFILE,
    reportTo: input.reportTo ?? null,
    slots: Array.from({ length: maxConcurrency }, (_, index) => spawnSlot(index)),
    breaker: newMemory(input.breaker, input.seed ?? 1),
    rateLimit: NO_LIMIT,
    load: {
      idle,
      calls: Array.from({ length: maxConcurrency }, () => null),
      running: 0,
      lingering: 0,
      waiting: NONE_WAITING,
      waitingCount: 0,
      retries: { backingOff: NONE_WAITING, count: 0, ids: [], seed: hashSeed(input.seed ?? 1, 'retries') },
      runningLimit: maxConcurrency,
      serviceTimes: NO_SERVICE_TIMES,
      firstTokens: NO_FIRST_TOKENS,
      latency: null,
    },
  };
}

/** Waiting, backing off and running: what `maxQueueDepth` bounds. */
export const depthOf = ({ load }: ModelContext): number => load.waitingCount + load.retries.count + load.running;

export const isFull = (context: ModelContext): boolean => depthOf(context) >= context.limits.maxQueueDepth;

/** The longest that a provider's hint can ask to be left alone. */
export const maxHintMsOf = ({ breaker }: ModelContext): number => breaker.options?.maxHintMs ?? MAX_HINT_MS;

/** A slot is free, and the slow start allows one more call. */
export const hasFreeSlot = ({ load }: ModelContext): boolean => load.idle !== null && load.running < load.runningLimit;

/** The slow start is not over: fewer calls may run than there are slots. */
export const isRamping = ({ load, limits }: ModelContext): boolean => load.runningLimit < limits.maxConcurrency;

/** How many calls may run when a slow start begins. */
export const firstLimit = ({ breaker, limits }: ModelContext): number =>
  Math.min(breaker.options?.halfOpenMaxProbes ?? 1, limits.maxConcurrency);

/** A permit and a slot are left for one more probe; asked while half-open. */
export const hasFreeProbe = ({ breaker, load }: ModelContext): boolean =>
  load.idle !== null && breaker.probes < (breaker.options?.halfOpenMaxProbes ?? 0);

/** When the earliest probe in flight must have shown life, or null when none is in flight. */
export function probeDueAt({ breaker, load }: ModelContext): number | null {
  if (breaker.options === null || breaker.probes === 0) return null;
  let earliest = Number.POSITIVE_INFINITY;
  for (const call of load.calls) {
    if (call?.permit.probe && isCurrent(call.permit, breaker.generation)) {
      earliest = Math.min(earliest, call.startedAt);
    }
  }
  return earliest + breaker.options.probeTimeoutMs;
}

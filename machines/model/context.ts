import type { ActorRef, Snapshot } from 'xstate';
import type { BreakerOptions } from '../../src/breaker/options.ts';
import type { OpenHistory } from '../../src/breaker/open-time.ts';
import type { Permit } from '../../src/breaker/permit.ts';
import type { BreakerMemory } from '../../src/breaker/verdict.ts';
import { type Boosts, DEFAULT_BOOSTS } from '../../src/queue/priority.ts';
import { NONE_WAITING, type Waiting } from '../../src/queue/waiting.ts';
import type { Slip } from '../../src/routing/slip.ts';
import type { ModelReportEvent, SlotCommand } from '../events.ts';

/** How much a model takes. */
export interface ModelLimits {
  /** Accepted but unfinished requests: waiting and running. */
  readonly maxQueueDepth: number;
  /** Calls at once. */
  readonly maxConcurrency: number;
  /** The longest silence of one call before it counts as failed, in milliseconds. */
  readonly attemptTimeoutMs: number;
  /** How long a slot waits for a backend that was told to stop, in milliseconds. */
  readonly abortGraceMs: number;
  readonly boosts: Boosts;
}

type SlotRef = ActorRef<Snapshot<unknown>, SlotCommand>;
type ReportRef = ActorRef<Snapshot<unknown>, ModelReportEvent>;

/** A call that its caller still waits for. */
export interface Call {
  readonly slip: Slip;
  readonly permit: Permit;
  readonly startedAt: number;
}

/** The free slots, last freed first. */
export interface IdleSlot {
  readonly slot: number;
  readonly next: IdleSlot | null;
}

/** Immutable all the way down: guards stay pure, every old snapshot stays true, and the chart can be explored. */
export interface ModelContext extends BreakerMemory, OpenHistory {
  readonly name: string;
  readonly limits: ModelLimits;
  /** Who hears how requests end; itself, where it is ignored, when the model stands alone. */
  readonly reportTo: ReportRef | null;
  readonly slots: readonly SlotRef[];
  readonly idle: IdleSlot | null;
  /** By slot; null where the slot is free or lingers. */
  readonly calls: readonly (Call | null)[];
  readonly running: number;
  /** Slots whose caller has been answered while the backend's promise has not settled. */
  readonly lingering: number;
  readonly waiting: Waiting;
  readonly waitingCount: number;
  /** Probes in flight. */
  readonly probes: number;
  /** When the breaker turns half-open; meaningful while it is open. */
  readonly openUntil: number;
  /** From when the recovery timer that runs now counts. */
  readonly timerFrom: number;
}

export interface ModelInput {
  readonly name: string;
  readonly limits: Omit<ModelLimits, 'boosts'> & { readonly boosts?: Boosts };
  /** null: the breaker is switched off. */
  readonly breaker: BreakerOptions | null;
  readonly reportTo?: ReportRef;
  /** Seed of the jitter. */
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
    limits: { boosts: DEFAULT_BOOSTS, ...input.limits },
    breaker: input.breaker,
    reportTo: input.reportTo ?? null,
    slots: Array.from({ length: maxConcurrency }, (_, index) => spawnSlot(index)),
    idle,
    calls: Array.from({ length: maxConcurrency }, () => null),
    running: 0,
    lingering: 0,
    waiting: NONE_WAITING,
    waitingCount: 0,
    generation: 1,
    failures: 0,
    successes: 0,
    probes: 0,
    opens: 0,
    closedAt: 0,
    openUntil: 0,
    timerFrom: 0,
    seed: input.seed ?? 1,
  };
}

/** Waiting and running: what `maxQueueDepth` bounds. */
export const depthOf = (context: ModelContext): number => context.waitingCount + context.running;

/** When the earliest probe in flight must have shown life, or null when none is in flight. */
export function probeDueAt(context: ModelContext): number | null {
  if (context.breaker === null || context.probes === 0) return null;
  let earliest = Number.POSITIVE_INFINITY;
  for (const call of context.calls) {
    if (call?.permit.probe && call.permit.spent !== true && call.permit.generation === context.generation) {
      earliest = Math.min(earliest, call.startedAt);
    }
  }
  return earliest + context.breaker.probeTimeoutMs;
}

import type { BreakerState } from '../breaker/state.ts';
import type { Boosts } from '../queue/priority.ts';
import type { Waiting } from '../queue/waiting.ts';

/** What an operator has made of a model; `drained`: nothing is left of what it had. */
export type ControlState = 'active' | 'paused' | 'draining' | 'drained';

/** What selection knows of a model: plain figures, taken from its chart's snapshot or made up by a checker. */
export interface ModelView {
  readonly control: ControlState;
  readonly breaker: BreakerState;
  /** When an open breaker turns half-open; infinite when it is forced open. */
  readonly openUntil: number;
  /** A half-open breaker has a permit and a slot left for one more probe. */
  readonly hasFreeProbe: boolean;
  /** When the earliest probe in flight must have shown life; null when none is in flight. */
  readonly probeDueAt: number | null;
  /** Until when its provider wants to be left alone; null when no rate limit holds. */
  readonly limitedUntil: number | null;
  /** Every place is taken. */
  readonly isFull: boolean;
  /** A request that is admitted starts at once. */
  readonly hasFreeSlot: boolean;
  /** Calls that may run at once. */
  readonly runningLimit: number;
  /** By slot; null where none runs. */
  readonly calls: readonly ({ readonly startedAt: number } | null)[];
  /** Median of what calls have taken lately, in milliseconds; null: too few to tell. */
  readonly medianMs: number | null;
  readonly waiting: Waiting;
  /** What is tried again after a while: it has its place, and waits for nobody's end. */
  readonly backingOff: Waiting;
  readonly boosts: Boosts;
  /** The most tokens it takes; null: it does not say. */
  readonly contextWindow: number | null;
  /** When it was added: requests that were accepted before knew another model of its name. */
  readonly since: number;
}

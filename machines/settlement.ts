import type { Outcome } from '../src/breaker/outcome.ts';
import type { PriorityClass } from '../src/queue/priority.ts';
import type { Slip, SlipKey } from '../src/routing/slip.ts';
import type { RequestDisplaced } from './model/emitted.ts';

/**
 * How a request ended. `unserved`: no candidate was left; its slip tells whether one was tried. `interrupted`: a stream
 * broke after its first content. `stopped`: the router was stopped before it was served.
 * `cache_miss`: it wanted an answer from the cache or none.
 */
export type SettlementVerdict =
  | 'served'
  | 'rejected'
  | 'unserved'
  | 'interrupted'
  | 'aborted'
  | 'deadline'
  | 'stopped'
  | 'cache_miss';

/** What the charts know of a request that is over. */
export interface Settlement {
  readonly key: SlipKey;
  /** null when the request was called off on its way between two models. */
  readonly slip: Slip | null;
  readonly at: number;
  readonly verdict: SettlementVerdict;
  /** The model that reported last, or that once gave the answer that was stored. */
  readonly model?: string;
  readonly retryAfterMs?: number | undefined;
}

/**
 * A request is over; emitted by the root exactly once for each. A router that is bound to a ledger gives it `output`
 * or `error` too, as accessors: what serialises or inspects events sees figures only.
 */
export interface RequestSettled {
  readonly type: 'request.settled';
  readonly id: string;
  readonly settlement: Settlement;
  readonly tenant?: string | undefined;
  readonly output?: unknown;
  readonly error?: unknown;
}

export interface AttemptFailed {
  readonly type: 'attempt.failed';
  readonly model: string;
  readonly requestId: string;
  readonly outcome: Outcome;
  readonly ms: number;
  readonly at: number;
  readonly status?: number;
  readonly code?: string;
  /** The same model tries it again after so many milliseconds; absent: it does not. */
  readonly retryInMs?: number;
}

/** A model has its place among the others, and its actor. */
export interface ModelAdded {
  readonly type: 'model.added';
  readonly model: string;
}

export interface ModelRemoved {
  readonly type: 'model.removed';
  readonly model: string;
}

/** An event came for something that is over; it changed nothing. */
export interface EventDropped {
  readonly type: 'event.dropped';
  readonly event: string;
  readonly requestId: string;
}

/** No candidate takes it now; it waits for the first that comes back. */
export interface RequestParked {
  readonly type: 'request.parked';
  readonly requestId: string;
  readonly class: PriorityClass;
  readonly at: number;
}

export type RouterEmitted =
  | RequestSettled
  | AttemptFailed
  | ModelAdded
  | ModelRemoved
  | EventDropped
  | RequestParked
  | RequestDisplaced;

export const settlementOf = (settlement: Settlement): RequestSettled => ({
  type: 'request.settled',
  id: settlement.key.id,
  settlement,
});

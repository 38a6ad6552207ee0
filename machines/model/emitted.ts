import type { Trip, TripCause } from '../../src/breaker/memory.ts';
import type { Outcome } from '../../src/breaker/outcome.ts';
import type { BreakerState } from '../../src/breaker/state.ts';
import type { PriorityClass } from '../../src/queue/priority.ts';
import type { ControlState } from '../../src/routing/model-view.ts';

/**
 * `failures` in a row, a `failure_rate`, a `slow_call_rate` or the `silence` of its calls has tripped it; a
 * `probe_failed`; its `recovery_due`; it has `recovered`; it was `configured`, `forced` or `reset` by somebody, or `restored` from a memo.
 */
export type BreakerCause = TripCause | 'recovery_due' | 'recovered' | 'configured' | 'forced' | 'reset' | 'restored';

/** A breaker has changed its state, and why. */
export interface BreakerChanged {
  readonly type: 'breaker.changed';
  readonly model: string;
  readonly from: BreakerState;
  readonly to: BreakerState;
  readonly cause: BreakerCause;
  readonly at: number;
  /** Openings in a row that still lengthen the next one. */
  readonly opens: number;
  /** How long it stays open; null unless it has opened. */
  readonly openForMs: number | null;
  /** What tripped it, when it has opened because of results. */
  readonly trip?: Trip;
  /** The request whose result decided, its status and its code, where a result decided. */
  readonly requestId?: string;
  readonly status?: number;
  readonly code?: string;
}

/** A result came in after the breaker had changed: it moves nothing, but still settles its own request. */
export interface ResultStale {
  readonly type: 'result.stale';
  readonly model: string;
  readonly requestId: string;
  readonly outcome: Outcome;
  /** The generation that permitted the call, and the one that holds now. */
  readonly generation: number;
  readonly currentGeneration: number;
  readonly at: number;
}

/** A waiting request gave way to a more important one. */
export interface RequestDisplaced {
  readonly type: 'request.displaced';
  /** The full model; null: it was parked, and the parking was full. */
  readonly model: string | null;
  readonly requestId: string;
  readonly class: PriorityClass;
  readonly byRequestId: string;
  readonly byClass: PriorityClass;
  readonly at: number;
}

/** A breaker that only observes would have opened. */
export interface BreakerWouldOpen {
  readonly type: 'breaker.would_open';
  readonly model: string;
  readonly trip: Trip;
  readonly requestId: string;
  readonly at: number;
}

/** An operator has paused, drained or resumed a model, or it has become empty. */
export interface ControlChanged {
  readonly type: 'control.changed';
  readonly model: string;
  readonly from: ControlState;
  readonly to: ControlState;
  readonly at: number;
}

/** A provider has answered 429: nothing is sent to the model until then. Also when a limit that holds is lengthened. */
export interface RateLimitBegan {
  readonly type: 'rate_limit.began';
  readonly model: string;
  readonly requestId: string;
  readonly at: number;
  /** How long it holds from now, in milliseconds. */
  readonly forMs: number;
  /** Limits in a row without a success between them. */
  readonly strikes: number;
}

export interface RateLimitEnded {
  readonly type: 'rate_limit.ended';
  readonly model: string;
  readonly at: number;
}

export type ModelEmitted =
  | BreakerChanged
  | BreakerWouldOpen
  | ResultStale
  | RequestDisplaced
  | ControlChanged
  | RateLimitBegan
  | RateLimitEnded;

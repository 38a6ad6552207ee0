import type { Outcome } from '../../src/breaker/outcome.ts';
import type { PriorityClass } from '../../src/queue/priority.ts';

export type BreakerState = 'closed' | 'open' | 'half_open' | 'forced_closed';

/** A breaker has changed its state, and why. */
export interface BreakerChanged {
  readonly type: 'breaker.changed';
  readonly model: string;
  readonly from: BreakerState;
  readonly to: BreakerState;
  /** `failures`, `probe_failed`, `recovery_due`, `recovered` or `configured`. */
  readonly cause: string;
  readonly at: number;
  /** Openings in a row that still lengthen the next one. */
  readonly opens: number;
  /** How long it stays open; null unless it has opened. */
  readonly openForMs: number | null;
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

/** A waiting request gave way to a more important one at a full model. */
export interface RequestDisplaced {
  readonly type: 'request.displaced';
  readonly model: string;
  readonly requestId: string;
  readonly class: PriorityClass;
  readonly byRequestId: string;
  readonly byClass: PriorityClass;
  readonly at: number;
}

export type ModelEmitted = BreakerChanged | ResultStale | RequestDisplaced;

import type { BreakerState } from '../breaker/state.ts';
import type { PriorityClass } from '../queue/priority.ts';
import type { Scalar } from '../routing/match.ts';
import type { ControlState } from '../routing/model-view.ts';

/**
 * What can happen to a router, as seen from outside. Requests are called `r1`, `r2`, … in the order in which they are
 * made; a call is named by its request and its model.
 */
export type PolicyEvent =
  | {
      readonly type: 'request';
      readonly priority: PriorityClass;
      readonly metadata?: Readonly<Record<string, Scalar>>;
      /** Pinned: it goes there or nowhere. */
      readonly model?: string;
      /** In which order the targets are asked; absent: as the rule's strategy says, which then leaves nothing to chance. */
      readonly order?: readonly string[];
    }
  | { readonly type: 'call.succeeded'; readonly request: string; readonly model: string }
  /** With a failure that may be passing (503). */
  | {
      readonly type: 'call.failed';
      readonly request: string;
      readonly model: string;
      readonly retryAfterMs?: number;
    }
  /** With a failure that lasts (401): the router's own fault, not tried again there. */
  | { readonly type: 'call.refused'; readonly request: string; readonly model: string }
  /** The caller's own fault (400). */
  | { readonly type: 'call.ignored'; readonly request: string; readonly model: string }
  /** 429, with the provider's hint when there is one. */
  | {
      readonly type: 'call.rate_limited';
      readonly request: string;
      readonly model: string;
      readonly retryAfterMs?: number;
    }
  /** Its caller leaves. */
  | { readonly type: 'request.cancel'; readonly request: string }
  | { readonly type: 'time.passed'; readonly ms: number }
  | { readonly type: OperatorEventType; readonly model: string };

/** What an operator does to one model. */
export type OperatorEventType =
  | 'pause'
  | 'resume'
  | 'drain'
  | 'breaker.force_open'
  | 'breaker.force_closed'
  | 'breaker.reset';

/** `served:<model>`, `failed:<error code>`, or `cancelled`. */
export type PolicyOutcome = `served:${string}` | `failed:${string}` | 'cancelled';

/** What can be seen of one model. */
export interface ModelObservation {
  readonly control: ControlState;
  readonly breaker: BreakerState;
  /** Failures that count against it; 0 unless it is closed. */
  readonly failures: number;
  readonly isLimited: boolean;
  /** Whose calls run there, in the order of their numbers. */
  readonly running: readonly string[];
  readonly waiting: Readonly<Record<PriorityClass, number>>;
  readonly backingOff: number;
}

/** What can be seen of a router between two events. */
export interface PolicyObservation {
  readonly models: Readonly<Record<string, ModelObservation>>;
  /** Of every request that is over, by name. */
  readonly settled: Readonly<Record<string, PolicyOutcome>>;
  /** Requests that wait outside every model. */
  readonly parked: number;
}

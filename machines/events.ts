import type { RestoredBreaker } from '../src/breaker/memo.ts';
import type { BreakerOptions } from '../src/breaker/options.ts';
import type { Permit } from '../src/breaker/permit.ts';
import type { SkipReason, Slip, SlipKey } from '../src/routing/slip.ts';

// Every event carries `at`, the time on the router's clock when it came about: guards compare it with the context and
// never ask a clock. Ids travel in payloads and never in an event's type, because a state node remembers each type.

/** Why a call or a request is called off. */
export type CancelReason = 'aborted' | 'deadline' | 'removed' | 'router_stopped';

/** A request enters: sent to the router by whoever made it with `createRequest`, and on by the router to a model. */
export interface RequestEvent {
  readonly type: 'request';
  readonly slip: Slip;
  readonly at: number;
  /** No candidate is left: at a rate-limited model it takes a place and waits for the limit's end. */
  readonly waitsOutLimit?: true;
}

/** Its caller has left, or its time has run out. Whoever holds the request lets it go. */
export interface RequestCancelEvent extends SlipKey {
  readonly type: 'request.cancel';
  readonly reason: 'aborted' | 'deadline';
  readonly at: number;
}

/** What a slot reports of a call that has ended. */
export interface CallFigures {
  readonly slot: number;
  readonly slip: Slip;
  readonly permit: Permit;
  readonly at: number;
  /** The caller has its answer, but the backend's promise has not settled: the slot is not free yet. */
  readonly lingers: boolean;
  /** Content of a stream has already reached the caller, so the request cannot move on. */
  readonly interrupts: boolean;
  readonly firstTokenMs?: number | undefined;
  /** From its start to its first content, also of an answer that its caller is given whole. */
  readonly contentAfterMs?: number | undefined;
  readonly status?: number | undefined;
  readonly code?: string | undefined;
  readonly retryAfterMs?: number | undefined;
}

export type CallEvent =
  | ({ readonly type: 'call.succeeded' } & CallFigures)
  | ({ readonly type: 'call.failed' } & CallFigures)
  /** `provesHealth`: the request was refused, but the breaker counts a success. */
  | ({ readonly type: 'call.ignored'; readonly provesHealth?: true } & CallFigures)
  | ({ readonly type: 'call.rate_limited' } & CallFigures)
  | ({ readonly type: 'call.cancelled'; readonly reason: CancelReason } & CallFigures);

/** To a model: the time has come to try a request again that backs off there. Without it, nothing happens. */
export interface RetryDueEvent extends SlipKey {
  readonly type: 'retry.due';
  readonly at: number;
}

/** How long a call may last, and how long it may be silent, before it is the model's failure. Milliseconds. */
export interface CallTimeouts {
  /** From its start to its end; null: 60,000, and as long as it is not silent when it is streamed. */
  readonly attemptTimeoutMs: number | null;
  /** Streamed: from its start to its first content. */
  readonly firstTokenTimeoutMs: number;
  /** Streamed: between two pieces after that. */
  readonly idleTimeoutMs: number;
  /** Streamed: the pace that it has to keep after that, over each 10 s; null: none. */
  readonly minTokensPerSecond: number | null;
}

/** To a slot. */
export type SlotCommand =
  | {
      readonly type: 'call.start';
      readonly slip: Slip;
      readonly permit: Permit;
      readonly timeouts: CallTimeouts;
      /** The provider hands out its answer piece by piece. */
      readonly isStreamed: boolean;
      /** At which age it is noticed when it has shown no life; null: it is not. */
      readonly silentAfterMs: number | null;
      /** The lease of a probe: the longest silence before it has failed. null for a call that is no probe. */
      readonly probeTimeoutMs: number | null;
      readonly at: number;
    }
  | { readonly type: 'call.cancel'; readonly id: string; readonly reason: CancelReason; readonly at: number }
  /** The provider is silent: the call is given up, unless its caller has had something of it. */
  | { readonly type: 'call.give_up'; readonly at: number };

/** To a model, by its slots. Those that are no outcomes do not begin with `call.`. */
export type SlotEvent =
  | CallEvent
  | { readonly type: 'slot.freed'; readonly slot: number; readonly abandoned: boolean; readonly at: number }
  | {
      /** A call has shown no life for much longer than is usual. */
      readonly type: 'silence.noticed';
      readonly slot: number;
      readonly slip: Slip;
      /** When any call of the model last did. */
      readonly lastSignAt: number;
      readonly at: number;
    }
  | { readonly type: 'stream.started'; readonly slot: number; readonly slip: Slip; readonly at: number }
  | {
      /** A streaming probe has outlived its lease with content flowing: that is a success, whatever comes later. */
      readonly type: 'probe.proved';
      readonly slot: number;
      readonly slip: Slip;
      readonly permit: Permit;
      readonly at: number;
    };

/** What an operator tells a model; told twice, it holds once. */
export type OperatorCommand =
  | 'pause'
  | 'resume'
  | 'drain'
  | 'breaker.force_open'
  | 'breaker.force_closed'
  | 'breaker.reset';

type OperatorEvent = {
  [Command in OperatorCommand]: { readonly type: Command; readonly at: number };
}[OperatorCommand];

export interface Poll {
  /** The parked request that was woken last, which is not woken twice by the same word; null: none yet. */
  readonly after: SlipKey | null;
}

/** To a model, by the router. */
export type ModelCommand =
  | RequestEvent
  | RequestCancelEvent
  | RetryDueEvent
  | { readonly type: 'breaker.configure'; readonly breaker: BreakerOptions | null; readonly at: number }
  | OperatorEvent
  /** Asks it to say again, behind what it has been sent before, whether it can take a request. */
  | ({ readonly type: 'poll'; readonly at: number } & Poll)
  | { readonly type: 'breaker.restore'; readonly memo: RestoredBreaker; readonly at: number }
  /** The time of its rate limit has come. */
  | { readonly type: 'limit.ended'; readonly at: number }
  /** Gives back what waits and calls off what runs. */
  | { readonly type: 'evict'; readonly reason: 'removed' | 'router_stopped'; readonly at: number }
  /** Gives back what waits; what runs goes on. */
  | { readonly type: 'release'; readonly reason: 'router_stopped'; readonly at: number };

/** Raised by a model's breaker region for its queue region, with the time of what caused it. */
export type BreakerSignal =
  | { readonly type: 'breaker.opened'; readonly at: number }
  | { readonly type: 'breaker.half_opened'; readonly at: number }
  | { readonly type: 'breaker.closed'; readonly at: number }
  /** No change of the breaker, but a slow start is over: more calls may run. */
  | { readonly type: 'slow_start.ended'; readonly at: number };

export type ModelEvent = ModelCommand | SlotEvent | BreakerSignal;

interface ModelReport {
  readonly model: string;
  readonly slip: Slip;
  readonly at: number;
}

interface FailureReport extends ModelReport {
  readonly interrupts: boolean;
  readonly retryAfterMs?: number | undefined;
}

/** To the router, by a model. */
export type ModelReportEvent =
  | ({ readonly type: 'model.started' } & ModelReport)
  | ({ readonly type: 'model.succeeded' } & ModelReport)
  | ({ readonly type: 'model.failed' } & FailureReport)
  /** A call failed in passing: the request keeps its place, and is tried again there when it is told so. */
  | ({ readonly type: 'model.retrying'; readonly due: number } & ModelReport)
  | ({ readonly type: 'model.ignored' } & FailureReport)
  | ({ readonly type: 'model.rate_limited' } & FailureReport)
  | ({ readonly type: 'model.cancelled'; readonly reason: CancelReason; readonly interrupts: boolean } & ModelReport)
  /** The request was not called, or waited in vain: `reason` says why. */
  | ({ readonly type: 'model.returned'; readonly reason: SkipReason; readonly retryAfterMs?: number } & ModelReport)
  /** It can take a request again that it would have refused. */
  | {
      readonly type: 'model.available';
      readonly model: string;
      readonly at: number;
      /** The answer to a `poll`: by then the model has taken what it had been sent. */
      readonly polled?: Poll;
    }
  /** Its breaker has opened. */
  | { readonly type: 'model.opened'; readonly model: string; readonly until: number; readonly at: number }
  | { readonly type: 'model.limited'; readonly model: string; readonly until: number; readonly at: number }
  | { readonly type: 'model.drained'; readonly model: string };

/** To the timers. */
export type TimerCommand =
  | {
      readonly type: 'timer.set';
      readonly kind: TimerKind;
      readonly key: string;
      readonly due: number;
      readonly slip?: SlipKey | HeldKey;
    }
  | { readonly type: 'timer.clear'; readonly kind: TimerKind; readonly key: string };

/**
 * `deadline`: a request's time; `retry`: the end of its back-off; `grace`: how long a model that is removed may finish;
 * `limit`: a rate limit's end.
 */
export type TimerKind = 'deadline' | 'retry' | 'grace' | 'limit';

/** A request and the model that holds it. */
export interface HeldKey extends SlipKey {
  readonly model: string;
}

export type TimerDueEvent =
  | {
      readonly type: 'timer.due';
      readonly kind: 'deadline';
      readonly key: string;
      readonly slip: SlipKey;
      readonly at: number;
    }
  | {
      readonly type: 'timer.due';
      readonly kind: 'retry';
      readonly key: string;
      readonly slip: HeldKey;
      readonly at: number;
    }
  | { readonly type: 'timer.due'; readonly kind: 'grace' | 'limit'; readonly key: string; readonly at: number };

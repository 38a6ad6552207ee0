import { EventEmitter } from 'eventemitter3';
import type { CacheChanged } from '../../machines/cache/events.ts';
import type {
  BreakerChanged,
  BreakerWouldOpen,
  ControlChanged,
  RateLimitBegan,
  RateLimitEnded,
  RequestDisplaced,
  ResultStale,
} from '../../machines/model/emitted.ts';
import type { AttemptFailed, EventDropped, RequestParked, RequestSettled } from '../../machines/settlement.ts';
import { LLMRouterError } from '../errors.ts';
import { type Trace, traceOf } from '../routing/trace.ts';

/** A request is over. Figures only; the answer is its caller's. */
export interface RequestSettledEvent {
  readonly type: 'request.settled';
  readonly requestId: string;
  readonly success: boolean;
  /** The error's code; `cancelled` when the caller left. */
  readonly code?: string;
  readonly model?: string;
  readonly latencyMs: number;
  readonly tenant?: string;
  readonly trace: Trace;
}

/** The event of a settlement, as listeners hear it. */
export function settledEventOf({ id, settlement, tenant, error }: RequestSettled): RequestSettledEvent {
  const trace = traceOf(settlement.slip!, settlement.at);
  const { verdict, model } = settlement;
  const code = verdict === 'aborted' ? 'cancelled' : error instanceof LLMRouterError ? error.code : undefined;
  return {
    type: 'request.settled',
    requestId: id,
    success: verdict === 'served',
    latencyMs: trace.totalMs,
    trace,
    ...(code !== undefined && { code }),
    ...(model !== undefined && { model }),
    ...(tenant !== undefined && { tenant }),
  };
}

/** A model's queue has changed. Only computed while somebody listens. */
export interface QueueChangedEvent {
  readonly type: 'queue.changed';
  readonly model: string;
  readonly state: string;
  readonly waiting: number;
  readonly backingOff: number;
  readonly running: number;
  readonly lingering: number;
}

/** A listener threw. What it threw is its own; the router went on. */
export interface ListenerFailedEvent {
  readonly type: 'listener.failed';
  readonly event: string;
  readonly error: unknown;
}

export interface RouterEvents {
  'request.settled': (event: RequestSettledEvent) => void;
  'breaker.changed': (event: BreakerChanged) => void;
  'queue.changed': (event: QueueChangedEvent) => void;
  'attempt.failed': (event: AttemptFailed) => void;
  'breaker.would_open': (event: BreakerWouldOpen) => void;
  'cache.changed': (event: CacheChanged) => void;
  'control.changed': (event: ControlChanged) => void;
  'rate_limit.began': (event: RateLimitBegan) => void;
  'rate_limit.ended': (event: RateLimitEnded) => void;
  'request.displaced': (event: RequestDisplaced) => void;
  'request.parked': (event: RequestParked) => void;
  'result.stale': (event: ResultStale) => void;
  'event.dropped': (event: EventDropped) => void;
  'listener.failed': (event: ListenerFailedEvent) => void;
}

export type RouterEventName = keyof RouterEvents;
type Wrapper = (event: unknown) => void;
type EventOf<Name extends RouterEventName> = Parameters<RouterEvents[Name]>[0];

/**
 * The router's events. A listener that throws, or whose promise rejects, changes nothing but a `listener.failed`; it
 * can therefore never stop another listener, a request or the process.
 */
export class EventBus {
  readonly #emitter = new EventEmitter();
  /** The wrapper of each listener, by event: what the emitter holds never throws. */
  readonly #wrappers = new Map<RouterEventName, Map<unknown, Wrapper>>();
  readonly #onCount: (name: RouterEventName, count: number) => void;

  /** @param onCount called after listeners of an event were added or removed. */
  constructor(onCount: (name: RouterEventName, count: number) => void) {
    this.#onCount = onCount;
  }

  on<Name extends RouterEventName>(name: Name, listener: RouterEvents[Name]): void {
    this.#add(name, listener, (event) => this.#guard(name, () => listener(event as never)));
  }

  once<Name extends RouterEventName>(name: Name, listener: RouterEvents[Name]): void {
    this.#add(name, listener, (event) => {
      this.off(name, listener);
      this.#guard(name, () => listener(event as never));
    });
  }

  off<Name extends RouterEventName>(name: Name, listener: RouterEvents[Name]): void {
    const wrapper = this.#wrappers.get(name)?.get(listener);
    if (wrapper === undefined) return;
    this.#wrappers.get(name)!.delete(listener);
    this.#emitter.off(name, wrapper);
    this.#onCount(name, this.count(name));
  }

  count(name: RouterEventName): number {
    return this.#emitter.listenerCount(name);
  }

  emit<Name extends RouterEventName>(name: Name, event: EventOf<Name>): void {
    this.#emitter.emit(name, event);
  }

  /** The same listener twice on one event is one listener, as with an EventTarget. */
  #add(name: RouterEventName, listener: unknown, wrapper: Wrapper): void {
    const known = this.#wrappers.get(name) ?? new Map<unknown, Wrapper>();
    if (known.has(listener)) return;
    this.#wrappers.set(name, known.set(listener, wrapper));
    this.#emitter.on(name, wrapper);
    this.#onCount(name, this.count(name));
  }

  #guard(name: RouterEventName, call: () => unknown): void {
    try {
      const result = call();
      // Any thenable: a promise may come from another realm.
      const isThenable = typeof (result as PromiseLike<unknown> | null | undefined)?.then === 'function';
      if (isThenable) Promise.resolve(result).catch((error: unknown) => this.#failed(name, error));
    } catch (error) {
      this.#failed(name, error);
    }
  }

  #failed(name: RouterEventName, error: unknown): void {
    // A failing `listener.failed` listener has nobody left to be told.
    if (name !== 'listener.failed') this.emit('listener.failed', { type: 'listener.failed', event: name, error });
  }
}

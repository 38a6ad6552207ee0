// The black box that every implementation is driven through. Time is virtual: `advance` moves it and lets everything
// that is due happen.

/** A row that an implementation's API cannot say at all; the message is the reason that the comparison prints. */
export class NotExpressible extends Error {}

export type State = 'closed' | 'open' | 'half_open' | 'forced_open' | 'forced_closed';

/** `ignored`: it throws, and the configuration says that this is not the provider's fault. */
export type Outcome = 'success' | 'failure' | 'ignored';

/** How a call stands: `parked` is neither running nor refused. */
export type CallStatus = 'running' | 'parked' | 'rejected' | 'done';

export interface Call {
  readonly status: CallStatus;
  /** What its caller got; undefined before that and when it got an answer. */
  readonly error: unknown;
  /** Ends a running call. `waitMs`: how long the provider asks to be left alone. */
  settle(outcome: Outcome, waitMs?: number): Promise<void>;
  /** Its caller leaves. */
  abort(): Promise<void>;
}

export type Policy =
  /** Opens after so many failures and no success; nothing else matters. */
  | { readonly kind: 'failures'; readonly failures: number }
  /** Opens after so many failures in a row. */
  | { readonly kind: 'consecutive'; readonly failures: number }
  /** Opens when the share of failures among the last `size` results is `rate` or more; `slides`: the row needs that. */
  | {
      readonly kind: 'count';
      readonly size: number;
      readonly rate: number;
      readonly minimum: number;
      readonly slides?: true;
    }
  /** The same over the results of the last `ms`. */
  | { readonly kind: 'time'; readonly ms: number; readonly rate: number; readonly minimum: number };

export interface BreakerConfig {
  readonly policy: Policy;
  /** How long it stays open; each failed probe multiplies it by `growth`. Default 60,000, without growth. */
  readonly recoveryMs?: number;
  readonly growth?: number;
  /** A failure may say how long it is to stay open. */
  readonly hints?: true;
  /** Successes in a row that close it. Default 1. */
  readonly successThreshold?: number;
  /** Calls at once while half-open. Default 1. */
  readonly probes?: number;
  /** How long a probe may show no life. */
  readonly probeTimeoutMs?: number;
  /** A call that takes longer than `ms` is slow; it opens when the share of those is `rate` or more. */
  readonly slow?: { readonly ms: number; readonly rate: number };
  /** A call is given up after `ms`; whether that is a failure. */
  readonly timeout?: { readonly ms: number; readonly counts: boolean };
  /** Calls at once; more are refused. */
  readonly capacity?: number;
  /** A refused call is tried again after `delayMs`, so often; `rejections`: also when the breaker refused it. */
  readonly retry?: { readonly attempts: number; readonly delayMs: number; readonly rejections: boolean };
  /** What is run in place of a call that failed. */
  readonly fallback?: () => void;
  /** Judges thrown errors in place of `Outcome`: what is listed in `ignore` never counts, else `record` does. */
  readonly classes?: { readonly record: ErrorClass; readonly ignore: ErrorClass };
  /** What ends as `ignored` is defined as a success, not only as nobody's fault. */
  readonly ignoredIsSuccess?: true;
  /** Never opens, only tells that it would have. */
  readonly observe?: boolean;
  /** How long after its making no failure opens it. */
  readonly warmUpMs?: number;
  readonly initially?: 'open';
}

export type ErrorClass = new (message: string) => Error;

export type BreakerEvent =
  | { readonly type: 'changed'; readonly to: State }
  /** It only observes and would have opened. */
  | { readonly type: 'would_open' };

export interface Breaker {
  begin(): Promise<Call>;
  /** A call that ends at once by throwing this. */
  throws(error: Error): Promise<Call>;
  advance(ms: number): Promise<void>;
  state(): State;
  /** By hand. What it gives undoes it, as far as the implementation can. */
  force(to: 'open' | 'closed' | 'half_open' | 'reset'): Promise<() => Promise<void>>;
  /** Failures that count now. */
  failures(): number;
  /** Calls that the breaker has refused so far. */
  rejections(): number;
  /** How long the caller of a refused call should wait, as the refusal itself says. */
  remainingMs(call: Call): number;
  /** Whether an error is the implementation's own and not the call's. */
  isOwn(error: unknown): boolean;
  /** What made it open, asked afterwards; null when it no longer knows. */
  why(): string | null;
  export(): unknown;
  /** Begins anew from a memo; the clock runs on. */
  import(memo: unknown): Promise<void>;
  on(listener: (event: BreakerEvent) => void): void;
  shutdown(): Promise<void>;
}

export type Class = 'critical' | 'high' | 'normal' | 'low';

export interface QueueConfig {
  /** Jobs at once. */
  readonly slots: number;
  /** Jobs that may wait; absent: no bound. */
  readonly places?: number;
  /** Jobs that may start in each interval, where the implementation knows such a bound; `slots` bounds them else. */
  readonly quota?: { readonly starts: number; readonly perMs: number };
}

export interface Job {
  readonly status: 'waiting' | 'running' | 'rejected' | 'done';
  readonly error: unknown;
  finish(): Promise<void>;
}

export interface Queue {
  /** `id`: jobs may share it. */
  add(priority: Class, signal?: AbortSignal, id?: string): Job;
  /** Lets everything that is ready happen. */
  settle(): Promise<void>;
  pause(): Promise<void>;
  /** Everything that waits leaves. */
  clear(): Promise<void>;
  resize(slots: number): Promise<void>;
  /** Jobs that wait. */
  size(): number;
}

export type Name = 'llm-router' | 'opossum' | 'cockatiel' | 'p-queue';

export interface Implementation {
  readonly name: Name;
  /** @throws {NotExpressible} */
  createBreaker(config: BreakerConfig): Breaker;
  /** @throws {NotExpressible} */
  createQueue(config: QueueConfig): Queue;
  /** Lets go of everything that was made. */
  release?(): Promise<void>;
}

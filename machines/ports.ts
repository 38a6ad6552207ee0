import type { Outcome } from '../src/breaker/outcome.ts';
import type { SilenceCode } from '../src/retry/classify.ts';
import type { Slip } from '../src/routing/slip.ts';
import type { CacheReportEvent, EmbedderEvent } from './cache/events.ts';
import type { CancelReason } from './events.ts';

/** The time and the timers that the callback logics use; `Clock` has them. */
export interface TimePort {
  readonly now: () => number;
  readonly setTimeout: (callback: () => void, ms: number) => unknown;
  readonly clearTimeout: (handle: unknown) => void;
}

export interface CallResult {
  readonly outcome: Outcome;
  /** `ignored`: its breaker counts it as a success all the same. */
  readonly provesHealth?: true;
  readonly status?: number | undefined;
  readonly code?: string | undefined;
  readonly retryAfterMs?: number | undefined;
}

/** Hears how a call goes. Each method returns at once and never throws. */
export interface CallObserver {
  /** The first content has come, of an answer that its caller is given whole. */
  began(): void;
  /** The first content of a stream has reached the caller. */
  started(): void;
  /** The backend has shown life, with about so many tokens of content. */
  progressed(tokens: number): void;
  /** The caller reads too slowly: until `resumed`, silence is not the backend's fault. */
  paused(): void;
  resumed(): void;
  /** The backend's promise has settled; called exactly once. */
  ended(result: CallResult): void;
}

/** Where a slot reaches the backend. */
export interface CallPort {
  /**
   * Calls the model's backend for a request; `isStreamed`: it is to answer piece by piece. null when the ledger no
   * longer holds the request: it was settled on its way here and must not be called.
   */
  start(slip: Slip, model: string, observer: CallObserver, isStreamed: boolean): RunningCall | null;
}

export type { SilenceCode };

export interface RunningCall {
  /** Tells the backend to stop. The observer still hears `ended` when it has. */
  abort(reason: CancelReason | SilenceCode): void;
}

/** Where the cache's logic reaches what is stored and the embedder. Each method returns at once and never throws. */
export interface CachePort {
  /** Loads the embedder, and tells from then on how it does. */
  load(report: (event: EmbedderEvent) => void): void;
  /** Looks a request up: reports on it exactly once, at once or later, unless it leaves before. */
  lookUp(slip: Slip, isSemantic: boolean, report: (event: CacheReportEvent) => void): void;
  /** A request is over or called off: it is not reported on any more. Nothing when it is not being looked up. */
  leave(id: string): void;
  /** Whatever is still being looked up is a miss; what shares a call that runs waits for its end. */
  release(): void;
}

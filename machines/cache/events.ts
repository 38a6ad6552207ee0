import type { Slip } from '../../src/routing/slip.ts';
import type { RequestCancelEvent } from '../events.ts';
import type { SettlementVerdict } from '../settlement.ts';

export type CacheState = 'off' | 'warming' | 'ready' | 'degraded';

/** To the cache, by the router. */
export type CacheCommand =
  | {
      readonly type: 'cache.enable';
      /** An embedder is wanted. */
      readonly isSemantic: boolean;
      /** After how many milliseconds an embedder that could not be had is tried again. */
      readonly retryMs: number;
      readonly at: number;
    }
  | { readonly type: 'cache.look_up'; readonly slip: Slip; readonly at: number }
  | RequestCancelEvent
  /** The router stops: whatever is still being looked up is a miss. */
  | { readonly type: 'cache.release'; readonly at: number };

/** To the router, by the cache: exactly one for each look-up that was not called off. */
export type CacheReportEvent =
  /** Nothing that may be served: the request is routed. */
  | { readonly type: 'cache.missed'; readonly slip: Slip; readonly at: number }
  /** The request is over: it was answered from what is stored, or as the call ended that it shared with others. */
  | {
      readonly type: 'cache.settled';
      readonly slip: Slip;
      readonly verdict: SettlementVerdict;
      readonly model?: string;
      readonly retryAfterMs?: number;
      readonly at: number;
    };

/** To the cache, by the logic that does its work. */
export type EmbedderEvent =
  | { readonly type: 'embedder.loaded'; readonly at: number }
  /** It could not be had, or is gone. */
  | { readonly type: 'embedder.failed'; readonly reason: string; readonly at: number }
  | { readonly type: 'embedding.succeeded'; readonly at: number }
  | { readonly type: 'embedding.failed'; readonly reason: string; readonly at: number };

export type CacheEvent = CacheCommand | CacheReportEvent | EmbedderEvent;

/** To the logic that does its work. */
export type CacheWork =
  | { readonly type: 'embedder.load' }
  | Extract<CacheCommand, { type: 'request.cancel' | 'cache.release' }>
  | { readonly type: 'cache.look_up'; readonly slip: Slip; readonly isSemantic: boolean; readonly at: number };

/** The cache has changed its state. */
export interface CacheChanged {
  readonly type: 'cache.changed';
  readonly from: CacheState;
  readonly to: CacheState;
  /** Why it is degraded. */
  readonly reason?: string;
  readonly at: number;
}

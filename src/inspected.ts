import type { CacheStats } from './cache/stats.ts';
import type { Clock } from './clock.ts';
import type { Settled } from './ledger.ts';
import type { Logger } from './router-options.ts';
import type { ModelStatus } from './status.ts';

/** Follows what leaves no trace in the charts. It must not throw. */
export interface Watcher {
  /** A request of a caller's is over. */
  settled(event: Settled): void;
  /** A request that the router made for itself is over, and nobody else counts its calls. */
  called(event: Settled): void;
}

/** What an inspector needs of a router besides its actors, its events and its status. */
export interface Inspected {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Accepted and not settled, the router's own among them. */
  pending(): number;
  /** null: there is no cache. */
  cache(): CacheStats | null;
  /** undefined: there is no such model. */
  about(model: string): Pick<ModelStatus, 'provider' | 'model'> | undefined;
  /** Tells the watcher until the returned function is called. */
  watch(watcher: Watcher): () => void;
}

/** Where an inspector looks into a router. */
export const inspected: unique symbol = Symbol('llm-router.inspected');

import type { CacheState } from '../../machines/cache/events.ts';
import type { EmbedderProgress } from './embedder.ts';
import type { JudgeFigures } from './judge.ts';
import type { VectorIndexStats } from './vector-index.ts';

/** How a router's cache does. Counts are since it was enabled. */
export interface CacheStats {
  /** `warming`: the embedder is being loaded; `degraded`: it could not be had, only the exact tier serves. */
  readonly state: CacheState;
  /** Why it is degraded; null unless it is. */
  readonly reason: string | null;
  /** Whose vectors the semantic tier compares, or would; null: there is no semantic tier. */
  readonly embedderId: string | null;
  /** How far a file of the embedder has been loaded; null unless one is being loaded. */
  readonly loading: EmbedderProgress | null;
  /** Requests that were answered from what is stored. */
  readonly hits: { readonly exact: number; readonly semantic: number };
  /** Requests that were looked up in vain and went on to a model. */
  readonly misses: number;
  /** Requests that were answered by a call that an identical one had begun. */
  readonly shared: number;
  /** Answers that were stored. */
  readonly stored: number;
  /** Answers that are there. */
  readonly entries: number;
  /** Of these, how many a similar prompt can find. */
  readonly withVector: number;
  /** Further prompts that a judge has said to ask the same as a stored one. */
  readonly aliases: number;
  /** Answers that had to make room, and that have expired. */
  readonly evictions: number;
  readonly expirations: number;
  /** Words of the judge, and what its answers have cost. */
  readonly judgements: Readonly<JudgeFigures>;
  /** null: no embedder has been loaded yet. `kind` is `exact` where hnswlib-node is missing. */
  readonly index: VectorIndexStats | null;
  /** What an operator should know of the file that keeps the answers; null: nothing. */
  readonly warning: string | null;
  /** Changes that could not be written there and are given up. */
  readonly unwritten: number;
}

/** What a purge takes away: the answers for which everything holds that is given. */
export interface CachePurge {
  readonly tenant?: string | undefined;
  readonly cacheScope?: string | undefined;
  /** The last text of the user, word for word. */
  readonly prompt?: string | undefined;
  /** Stored longer ago than so many milliseconds. */
  readonly olderThanMs?: number | undefined;
}

import type { FinishReason, ToolCall, Usage } from '../backends/backend.ts';

/** What is kept of an answer. */
export interface StoredAnswer {
  readonly content: string;
  readonly reasoning?: string;
  readonly finishReason?: FinishReason;
  readonly usage?: Usage;
  readonly toolCalls?: readonly ToolCall[];
  /** The model that gave it, by its name in the router. */
  readonly modelUsed: string;
  readonly provider: string;
}

/** An answer with all that it takes to find it again, in memory and in a store. */
export interface CacheRow {
  /** SHA-256 of the canonical request in base64url, 43 characters. */
  readonly key: string;
  /** SHA-256, in base64url, of what two requests must have in common for one to be answered with the other's. */
  readonly scope: string;
  /** The final user text where semantic matching is allowed; else null. */
  readonly text: string | null;
  readonly answer: StoredAnswer;
  /** Milliseconds since the Unix epoch. */
  readonly storedAt: number;
  /** Milliseconds since the Unix epoch; from then on it is never served. */
  readonly expiresAt: number;
  /** Whose request it was, and its `cacheScope`; by these it can be purged. */
  readonly tenant: string | null;
  readonly cacheScope: string | null;
  /** Of `text`; null when there is no text, or no embedder has seen it yet. */
  readonly vector: Float32Array | null;
}

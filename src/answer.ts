import type { BackendChunk, FinishReason, ToolCall, Usage } from './backends/backend.ts';
import type { Trace } from './routing/trace.ts';

/** What `generate` resolves with, and what a stream ends with. */
export interface Answer {
  readonly requestId: string;
  readonly content: string;
  /** The model that answered, by its name in the router. */
  readonly modelUsed: string;
  /** Its provider: `ollama`, `openai`, … or `custom`. */
  readonly provider: string;
  /** Always true: a request that is not served rejects. */
  readonly success: true;
  /** Milliseconds from acceptance to settlement. */
  readonly latencyMs: number;
  /** Milliseconds of it spent in queues. */
  readonly queueMs: number;
  /** As the provider that answered counted; absent when it did not say. */
  readonly usage?: Usage;
  readonly finishReason?: FinishReason;
  readonly toolCalls: readonly ToolCall[];
  readonly reasoning?: string;
  /** The provider's own answer, where its backend hands it out. */
  readonly raw?: unknown;
  /** It was stored before, and no model was called. */
  readonly cached: boolean;
  /** `exact`: the same request was asked before; `semantic`: one like it. Absent when it is not cached. */
  readonly cacheKind?: 'exact' | 'semantic';
  /** Cosine of its prompt and the stored one's; absent unless the hit is semantic. */
  readonly similarity?: number;
  /**
   * What its tokens cost, by the model's `pricing`, in that currency; 0 when no model was called for it. Absent when
   * the model has no `pricing` or the provider did not count. Failed attempts are not in it.
   */
  readonly cost?: number;
  /** Calls of a backend that it took. */
  readonly attempts: number;
  /** As given with the request. */
  readonly tenant?: string;
  readonly trace: Trace;
}

/** A piece of a streamed answer. */
export type StreamChunk =
  | Exclude<BackendChunk, { type: 'finish' }>
  /** What came so far is void: the stream broke off, and begins again from this model. */
  | { readonly type: 'restart'; readonly model: string }
  /** The last chunk: the whole answer with its figures. */
  | { readonly type: 'done'; readonly answer: Answer };

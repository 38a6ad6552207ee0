import type { Answer } from '../answer.ts';

/** What `POST /generate` answers. */
export interface AnswerBody {
  readonly content: string;
  readonly model_used: string;
  readonly provider: string;
  readonly success: true;
  readonly latency_ms: number;
  readonly queue_ms: number;
  readonly cached: boolean;
  /** `exact` or `semantic`; null when it is not cached. */
  readonly cache_kind: 'exact' | 'semantic' | null;
  /** Cosine of the two prompts; null unless the hit is semantic. */
  readonly similarity: number | null;
  /** null when the model has no `pricing` or the provider did not count. */
  readonly cost: number | null;
  /** null when the provider did not say. */
  readonly usage: {
    readonly prompt_tokens: number;
    readonly completion_tokens: number;
    readonly total_tokens: number;
  } | null;
  readonly attempts: number;
}

export function answerBody({ usage, ...answer }: Answer): AnswerBody {
  return {
    content: answer.content,
    model_used: answer.modelUsed,
    provider: answer.provider,
    success: answer.success,
    latency_ms: roundMs(answer.latencyMs),
    queue_ms: roundMs(answer.queueMs),
    cached: answer.cached,
    cache_kind: answer.cacheKind ?? null,
    similarity: answer.similarity ?? null,
    cost: answer.cost ?? null,
    usage:
      usage === undefined
        ? null
        : {
            prompt_tokens: usage.promptTokens,
            completion_tokens: usage.completionTokens,
            total_tokens: usage.totalTokens,
          },
    attempts: answer.attempts,
  };
}

/** To a tenth: what is finer says nothing about a model. */
export const roundMs = (ms: number): number => Math.round(ms * 10) / 10;

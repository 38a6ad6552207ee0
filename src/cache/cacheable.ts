import type { FinishReason, LLMRequest, LLMResponse } from '../backends/backend.ts';
import { recordOf } from '../backends/json.ts';
import type { NotCachedReason } from '../routing/cache-verdict.ts';
import type { CacheMode } from './mode.ts';

/** Most providers' own, and what a request that names no temperature is taken for. */
const USUAL_TEMPERATURE = 1;

/** Why a request is neither looked up nor stored; null: it is both. */
export function notCacheable(
  content: LLMRequest | string,
  mode: CacheMode,
  { maxTemperature }: { readonly maxTemperature: number },
): NotCachedReason | null {
  if (mode === 'bypass') return 'bypassed';
  const temperature = temperatureOf(content);
  if (temperature !== null) return temperature <= maxTemperature ? null : 'temperature_high';
  return maxTemperature >= USUAL_TEMPERATURE ? null : 'temperature_unset';
}

/**
 * The highest temperature that a request may be answered at; null: it leaves that to the provider. `providerOptions` go
 * over the request's own, and in Ollama's body the temperature lies in `options`.
 */
function temperatureOf(content: LLMRequest | string): number | null {
  if (typeof content === 'string') return null;
  const { temperature, providerOptions = {} } = content;
  const stated = [temperature, providerOptions['temperature'], recordOf(providerOptions['options'])['temperature']];
  const given = stated.filter((value) => value !== undefined);
  // What is no number is the provider's to read: most take null for their own.
  const known = given.map((value) => (typeof value === 'number' ? value : USUAL_TEMPERATURE));
  return known.length === 0 ? null : Math.max(...known);
}

/** How a request was answered. */
export interface Served {
  readonly response: Pick<LLMResponse, 'content' | 'success' | 'finishReason' | 'toolCalls'>;
  /** By one of its rule's fallbacks. */
  readonly byFallback: boolean;
  /** Its caller left before the end. */
  readonly wasAborted: boolean;
  /** Its stream broke off and began again. */
  readonly wasRestarted: boolean;
}

export type NotStoredReason =
  | 'aborted'
  | 'failed'
  | 'restarted'
  | 'fallback'
  /** Cut at `maxTokens`, or where the model's context ended. */
  | 'truncated'
  | 'content_filtered'
  /** It ended for a reason that is the provider's own word, so nobody knows whether it is whole. */
  | 'end_unclear'
  /** Neither text nor a tool call. */
  | 'empty';

/** Why an answer is not stored; null: it may be. */
export function notStorable(
  { response, byFallback, wasAborted, wasRestarted }: Served,
  { cacheFallbacks }: { readonly cacheFallbacks: boolean },
): NotStoredReason | null {
  if (wasAborted) return 'aborted';
  if (response.success === false) return 'failed';
  if (wasRestarted) return 'restarted';
  if (byFallback && !cacheFallbacks) return 'fallback';
  const isEmpty = response.content.trim() === '' && (response.toolCalls ?? []).length === 0;
  return notWhole(response.finishReason ?? 'stop') ?? (isEmpty ? 'empty' : null);
}

function notWhole(finishReason: FinishReason): NotStoredReason | null {
  switch (finishReason) {
    case 'stop':
    case 'tool_calls':
      return null;
    case 'length':
      return 'truncated';
    case 'content_filter':
      return 'content_filtered';
    default:
      return 'end_unclear';
  }
}

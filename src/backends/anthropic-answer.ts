import type { FinishReason, LLMResponse, Usage } from './backend.ts';
import type { HttpAnswer } from './http-answer.ts';
import { countOf, type JsonRecord, listOf, recordOf, textOf } from './json.ts';
import { errorIn } from './provider-error.ts';

const FINISH_REASONS: Readonly<Record<string, FinishReason>> = {
  end_turn: 'stop',
  stop_sequence: 'stop',
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  tool_use: 'tool_calls',
  refusal: 'content_filter',
};

/** A whole message. @throws {BackendError} the error that it carries, or `malformed_response` */
export function parseMessage(json: unknown, answer: HttpAnswer): LLMResponse {
  const word = errorIn(json);
  if (word !== null) throw answer.refusal(word);
  const { content, stop_reason, usage } = recordOf(json);
  if (!Array.isArray(content)) throw answer.malformed('no message');
  const blocks = listOf(content).map(recordOf);
  const toolCalls = blocks
    .filter(({ type }) => type === 'tool_use')
    .map(({ id, name, input }, index) => ({
      id: textOf(id) ?? `call_${index}`,
      name: textOf(name) ?? '',
      arguments: JSON.stringify(input ?? {}),
    }));
  const reasoning = joined(blocks, 'thinking');
  const finishReason = finishReasonOf(stop_reason);
  const figures = usageOf(recordOf(usage));
  return {
    content: joined(blocks, 'text'),
    ...(toolCalls.length > 0 && { toolCalls }),
    ...(reasoning !== '' && { reasoning }),
    ...(finishReason !== undefined && { finishReason }),
    ...(figures !== undefined && { usage: figures }),
    raw: json,
  };
}

/** The texts of all blocks of a type, whose field bears the type's name. */
const joined = (blocks: readonly JsonRecord[], type: 'text' | 'thinking'): string =>
  blocks.map((block) => (block['type'] === type ? (textOf(block[type]) ?? '') : '')).join('');

export function finishReasonOf(stopReason: unknown): FinishReason | undefined {
  const reason = textOf(stopReason);
  return reason !== undefined && Object.hasOwn(FINISH_REASONS, reason) ? FINISH_REASONS[reason] : reason;
}

/** Anthropic counts what it read from or wrote to its prompt cache apart; it was part of the prompt all the same. */
export function usageOf(usage: JsonRecord): Usage | undefined {
  const input = countOf(usage['input_tokens']);
  const completionTokens = countOf(usage['output_tokens']);
  if (input === undefined || completionTokens === undefined) return undefined;
  const written = countOf(usage['cache_creation_input_tokens']) ?? 0;
  const read = countOf(usage['cache_read_input_tokens']) ?? 0;
  const promptTokens = input + written + read;
  return { promptTokens, completionTokens, totalTokens: promptTokens + completionTokens };
}

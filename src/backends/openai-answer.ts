import type { FinishReason, LLMResponse, ToolCall, Usage } from './backend.ts';
import type { HttpAnswer } from './http-answer.ts';
import { countOf, type JsonRecord, listOf, recordOf, textOf } from './json.ts';
import { errorIn } from './provider-error.ts';

/** A whole chat completion. @throws {BackendError} the error that it carries, or `malformed_response` */
export function parseCompletion(json: unknown, answer: HttpAnswer): LLMResponse {
  const word = errorIn(json);
  if (word !== null) throw answer.refusal(word);
  const { choices, usage } = recordOf(json);
  const choice = recordOf(listOf(choices)[0]);
  const message = recordOf(choice['message']);
  const toolCalls = toolCallsOf(message);
  const finishReason = finishReasonOf(choice);
  const content = message['content'] ?? message['refusal'] ?? '';
  // A model may end without a word (only reasoning, or cut at once), but then it says how it ended.
  const isAnswer = message['content'] != null || toolCalls.length > 0 || finishReason !== undefined;
  if (typeof content !== 'string' || choice['message'] === undefined || !isAnswer) {
    throw answer.malformed('no chat completion');
  }
  const figures = usageOf(usage);
  const reasoning = reasoningOf(message);
  return {
    content,
    ...(toolCalls.length > 0 && { toolCalls }),
    ...(reasoning !== undefined && { reasoning }),
    ...(finishReason !== undefined && { finishReason }),
    ...(figures !== undefined && { usage: figures }),
    raw: json,
  };
}

function toolCallsOf(message: JsonRecord): ToolCall[] {
  return listOf(message['tool_calls']).map((call, index) => {
    const { id, function: called } = recordOf(call);
    const { name, arguments: text } = recordOf(called);
    return { id: textOf(id) ?? `call_${index}`, name: textOf(name) ?? '', arguments: textOf(text) ?? '' };
  });
}

/** Of a message or of a delta; servers disagree on the name. */
export const reasoningOf = (source: JsonRecord): string | undefined =>
  textOf(source['reasoning_content']) ?? textOf(source['reasoning']);

export function finishReasonOf(choice: JsonRecord): FinishReason | undefined {
  const reason = textOf(choice['finish_reason']);
  return reason === 'function_call' ? 'tool_calls' : reason;
}

export function usageOf(usage: unknown): Usage | undefined {
  const { prompt_tokens, completion_tokens, total_tokens } = recordOf(usage);
  const promptTokens = countOf(prompt_tokens);
  const completionTokens = countOf(completion_tokens);
  if (promptTokens === undefined || completionTokens === undefined) return undefined;
  return { promptTokens, completionTokens, totalTokens: countOf(total_tokens) ?? promptTokens + completionTokens };
}

import type { BackendChunk, FinishReason, LLMResponse, ToolCall, Usage } from './backend.ts';
import { describeBody, type HttpAnswer } from './http-answer.ts';
import { countOf, isRecord, type JsonRecord, jsonOf, listOf, recordOf, textOf } from './json.ts';
import { readLines } from './ndjson.ts';
import { errorIn } from './provider-error.ts';

export type OllamaApi = 'chat' | 'generate';

/** Where the two calls put what the model says. */
const messageIn: Readonly<Record<OllamaApi, (record: JsonRecord) => JsonRecord>> = {
  chat: ({ message }) => recordOf(message),
  generate: ({ response, thinking }) => ({ content: response, thinking }),
};

/** A whole answer. @throws {BackendError} the error that it carries, or `malformed_response` */
export function parseAnswer(json: unknown, answer: HttpAnswer, api: OllamaApi): LLMResponse {
  const word = errorIn(json);
  if (word !== null) throw answer.refusal(word);
  const record = recordOf(json);
  const message = messageIn[api](record);
  const toolCalls = toolCallsOf(message, 0);
  if (typeof message['content'] !== 'string' && toolCalls.length === 0) throw answer.malformed('no message');
  if (record['done'] === false) throw answer.malformed('a piece of a stream');
  const reasoning = textOf(message['thinking']);
  return {
    content: textOf(message['content']) ?? '',
    ...(toolCalls.length > 0 && { toolCalls }),
    ...(reasoning !== undefined && { reasoning }),
    ...endOf(record, toolCalls.length > 0),
    raw: json,
  };
}

/**
 * The chunks of a streamed answer. Only `done: true` makes it whole.
 * @throws {BackendError} `stream_truncated` when it ends without, `malformed_response` when it is no stream at all
 */
export async function* readAnswerStream(answer: HttpAnswer, api: OllamaApi): AsyncGenerator<BackendChunk> {
  let toolCalls = 0;
  let hasLines = false;
  let last: JsonRecord | undefined;
  for await (const { text: line, isEnded } of readLines(answer)) {
    const json = jsonOf(line);
    if (!isRecord(json)) {
      // The last line may be half of one: then it is the cut that matters.
      if (hasLines && !isEnded) break;
      throw answer.malformed(hasLines ? 'a line that is not a JSON object' : describeBody(line, answer.contentType));
    }
    hasLines = true;
    const word = errorIn(json);
    if (word !== null) throw answer.refusal(word);
    const message = messageIn[api](json);
    const reasoning = textOf(message['thinking']);
    if (reasoning !== undefined) yield { type: 'reasoning', text: reasoning };
    const text = textOf(message['content']);
    if (text !== undefined) yield { type: 'text', text };
    for (const call of toolCallsOf(message, toolCalls)) yield { type: 'tool_call', index: toolCalls++, ...call };
    if (json['done'] === true) {
      last = json;
      break;
    }
  }
  if (!hasLines) throw answer.malformed('an empty body');
  if (last === undefined) throw answer.truncated();
  answer.release();
  yield { type: 'finish', ...endOf(last, toolCalls > 0) };
}

function toolCallsOf(message: JsonRecord, from: number): ToolCall[] {
  return listOf(message['tool_calls']).map((call, index) => {
    const { id, function: called } = recordOf(call);
    const { name, arguments: given } = recordOf(called);
    const text = typeof given === 'string' ? given : JSON.stringify(given ?? {});
    return { id: textOf(id) ?? `call_${from + index}`, name: textOf(name) ?? '', arguments: text };
  });
}

function endOf(record: JsonRecord, hasToolCalls: boolean): { finishReason?: FinishReason; usage?: Usage } {
  const reason = textOf(record['done_reason']);
  const promptTokens = countOf(record['prompt_eval_count']);
  const completionTokens = countOf(record['eval_count']);
  return {
    // Ollama says `stop` where its model stopped to call a tool.
    ...(reason !== undefined && { finishReason: reason === 'stop' && hasToolCalls ? 'tool_calls' : reason }),
    ...(promptTokens !== undefined &&
      completionTokens !== undefined && {
        usage: { promptTokens, completionTokens, totalTokens: promptTokens + completionTokens },
      }),
  };
}

import type { BackendChunk, FinishReason, Usage } from './backend.ts';
import type { HttpAnswer } from './http-answer.ts';
import { type JsonRecord, listOf, recordOf, textOf } from './json.ts';
import { finishReasonOf, reasoningOf, usageOf } from './openai-answer.ts';
import { readEvents } from './sse.ts';

/** How long a finished answer waits for its usage and `[DONE]`, which some servers never send. */
const FINISH_GRACE_MS = 500;

/**
 * The chunks of a streamed chat completion. Only a finish reason makes it whole, `[DONE]` or not.
 * @throws {BackendError} `stream_truncated` when it ends without one, `malformed_response` when it is no stream at all
 */
export async function* readCompletionStream(answer: HttpAnswer): AsyncGenerator<BackendChunk> {
  let finishReason: FinishReason | undefined;
  let usage: Usage | undefined;
  let hasEvents = false;
  for await (const event of readEvents(answer, () => finishReason !== undefined)) {
    hasEvents = true;
    const choice = recordOf(listOf(event['choices']).find((each) => (recordOf(each)['index'] ?? 0) === 0));
    const pieces = [...deltasOf(recordOf(choice['delta']))];
    yield* pieces;
    const reason = finishReasonOf(choice);
    if (reason !== undefined && finishReason === undefined) {
      finishReason = reason;
      answer.endWithin(FINISH_GRACE_MS);
    }
    // No content, but a sign of life.
    if (pieces.length === 0 && finishReason === undefined) yield { type: 'text', text: '' };
    const figures = usageOf(event['usage']);
    usage = figures ?? usage;
    // Usage may come with every event, growing; only what comes at or after the end is final.
    if (finishReason !== undefined && figures !== undefined) break;
  }
  if (!hasEvents) throw answer.malformed('no events');
  if (finishReason === undefined) throw answer.truncated();
  answer.release();
  yield { type: 'finish', finishReason, ...(usage !== undefined && { usage }) };
}

function* deltasOf(delta: JsonRecord): Generator<BackendChunk> {
  const reasoning = reasoningOf(delta);
  if (reasoning !== undefined) yield { type: 'reasoning', text: reasoning };
  const text = textOf(delta['content']) ?? textOf(delta['refusal']);
  if (text !== undefined) yield { type: 'text', text };
  for (const [position, call] of listOf(delta['tool_calls']).entries()) {
    const { index, id, function: called } = recordOf(call);
    const name = textOf(recordOf(called)['name']);
    const piece = textOf(recordOf(called)['arguments']);
    yield {
      type: 'tool_call',
      index: typeof index === 'number' ? index : position,
      ...(textOf(id) !== undefined && { id: textOf(id)! }),
      ...(name !== undefined && { name }),
      ...(piece !== undefined && { arguments: piece }),
    };
  }
}

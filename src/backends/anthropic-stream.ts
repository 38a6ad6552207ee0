import { finishReasonOf, usageOf } from './anthropic-answer.ts';
import type { BackendChunk } from './backend.ts';
import type { HttpAnswer } from './http-answer.ts';
import { type JsonRecord, recordOf, textOf } from './json.ts';
import { readEvents } from './sse.ts';

/** A tool call that is being streamed. */
interface OpenCall {
  /** Its position among the answer's tool calls; Anthropic counts blocks of every kind. */
  readonly index: number;
  readonly input: unknown;
  hasArguments: boolean;
}

/**
 * The chunks of a streamed message. Only `message_stop` makes it whole.
 * @throws {BackendError} `stream_truncated` when it ends without, `malformed_response` when it is no stream at all
 */
export async function* readMessageStream(answer: HttpAnswer): AsyncGenerator<BackendChunk> {
  const calls = new Map<unknown, OpenCall>();
  let usage: JsonRecord = {};
  let stopReason: unknown;
  let hasEvents = false;
  let isWhole = false;
  for await (const event of readEvents(answer, () => false)) {
    hasEvents = true;
    if (event['type'] === 'message_start') usage = recordOf(recordOf(event['message'])['usage']);
    if (event['type'] === 'message_delta') {
      stopReason = recordOf(event['delta'])['stop_reason'] ?? stopReason;
      usage = { ...usage, ...known(recordOf(event['usage'])) };
    }
    // No content, but a sign of life.
    if (event['type'] === 'ping' || event['type'] === 'message_start') yield { type: 'text', text: '' };
    yield* blockChunks(event, calls);
    if (event['type'] !== 'message_stop') continue;
    isWhole = true;
    break;
  }
  if (!hasEvents) throw answer.malformed('no events');
  if (!isWhole) throw answer.truncated();
  answer.release();
  const finishReason = finishReasonOf(stopReason);
  const figures = usageOf(usage);
  yield {
    type: 'finish',
    ...(finishReason !== undefined && { finishReason }),
    ...(figures !== undefined && { usage: figures }),
  };
}

/** What the last event leaves out or has as null was said by the first. */
const known = (usage: JsonRecord): JsonRecord =>
  Object.fromEntries(Object.entries(usage).filter(([, value]) => value !== null));

/** What one event adds to the answer; of what is not known, nothing. */
function* blockChunks(event: JsonRecord, calls: Map<unknown, OpenCall>): Generator<BackendChunk> {
  const { type, index: block, content_block, delta } = event;
  if (type === 'content_block_start') {
    const { type: kind, id, name, input, ...content } = recordOf(content_block);
    yield* textChunks(content);
    if (kind !== 'tool_use') return;
    const call = { index: calls.size, input, hasArguments: false };
    calls.set(block, call);
    yield { type: 'tool_call', index: call.index, id: textOf(id) ?? `call_${call.index}`, name: textOf(name) ?? '' };
  }
  const call = calls.get(block);
  if (type === 'content_block_delta') {
    const { type: kind, partial_json, ...content } = recordOf(delta);
    yield* textChunks(content);
    const piece = kind === 'input_json_delta' ? textOf(partial_json) : undefined;
    if (call === undefined || piece === undefined) return;
    call.hasArguments = true;
    yield { type: 'tool_call', index: call.index, arguments: piece };
  }
  // A tool without parameters is called with no piece of JSON, or an empty one, which is no JSON text.
  if (type === 'content_block_stop' && call !== undefined && !call.hasArguments) {
    yield { type: 'tool_call', index: call.index, arguments: JSON.stringify(call.input ?? {}) };
  }
}

function* textChunks({ text, thinking }: JsonRecord): Generator<BackendChunk> {
  const reasoning = textOf(thinking);
  if (reasoning !== undefined) yield { type: 'reasoning', text: reasoning };
  const piece = textOf(text);
  if (piece !== undefined) yield { type: 'text', text: piece };
}

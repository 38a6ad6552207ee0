import type { StreamChunk } from '../answer.ts';
import { answerBody } from './answer-body.ts';
import { errorAnswer } from './errors.ts';

/**
 * A stream as server-sent events: `text`, `reasoning`, `tool_call`, then `done` with what the plain answer would be, or
 * `error`. The last event is the only one that says how it ended: a stream that just stops was cut.
 */
export async function* eventsOf(
  first: IteratorResult<StreamChunk>,
  chunks: AsyncIterableIterator<StreamChunk>,
  onError: (error: unknown) => void,
): AsyncGenerator<string> {
  try {
    for (let result = first; !result.done; result = await chunks.next()) yield eventOf(result.value);
  } catch (error) {
    onError(error);
    yield serverSentEvent('error', errorAnswer(error).body);
  } finally {
    await chunks.return?.();
  }
}

function eventOf(chunk: StreamChunk): string {
  if (chunk.type === 'done') return serverSentEvent('done', answerBody(chunk.answer));
  const { type, ...data } = chunk;
  return serverSentEvent(type, data);
}

/** JSON has no line breaks of its own, so one `data:` line holds it. */
const serverSentEvent = (event: string, data: object): string => `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;

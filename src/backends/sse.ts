import { createParser, type EventSourceMessage, type ParseError } from 'eventsource-parser';
import { describeBody, type HttpAnswer, MAX_ANSWER_BYTES } from './http-answer.ts';
import { isRecord, jsonOf } from './json.ts';
import { errorIn, wordOf } from './provider-error.ts';

/**
 * The JSON events of a stream, until `[DONE]` or its end.
 * @param isWhole whether the answer is whole already: then a connection that breaks has broken nothing
 * @throws {BackendError} for an error the provider reports and for whatever is no event
 */
export async function* readEvents(
  answer: HttpAnswer,
  isWhole: () => boolean,
): AsyncGenerator<Readonly<Record<string, unknown>>> {
  const events: EventSourceMessage[] = [];
  let hasEvents = false;
  let fault: ParseError | undefined;
  const parser = createParser({
    maxBufferSize: MAX_ANSWER_BYTES,
    onEvent: (event) => events.push(event),
    onError: (error) => {
      if (error.type !== 'invalid-retry') fault ??= error;
    },
  });
  for await (const text of untilBroken(answer, isWhole)) {
    parser.feed(text);
    for (let event = events.shift(); event !== undefined; event = events.shift()) {
      answer.assertAwaited();
      if (event.data.trim() === '[DONE]') return;
      hasEvents = true;
      yield jsonEvent(answer, event);
    }
    if (fault !== undefined) throw faultOf(answer, fault);
  }
  // The last event of a body that forgot its blank line; half an event is not one.
  parser.feed('\n\n');
  if (fault !== undefined && !hasEvents) throw faultOf(answer, fault);
  const last = events.shift();
  if (last === undefined || jsonOf(last.data) === undefined) return;
  yield jsonEvent(answer, last);
}

async function* untilBroken(answer: HttpAnswer, isWhole: () => boolean): AsyncGenerator<string> {
  try {
    yield* answer.chunks();
  } catch (error) {
    if (answer.isAborted || !isWhole()) throw error;
  }
}

function jsonEvent(answer: HttpAnswer, { event, data }: EventSourceMessage): Readonly<Record<string, unknown>> {
  const json = jsonOf(data);
  if (!isRecord(json)) throw answer.malformed('an event that is not a JSON object');
  const word = errorIn(json) ?? (event === 'error' ? wordOf(json) : null);
  if (word !== null) throw answer.refusal(word);
  return json;
}

/** A line that is no field of an event: some servers drop a bare JSON error or a page into the stream. */
function faultOf(answer: HttpAnswer, { line = '' }: ParseError): Error {
  const word = errorIn(jsonOf(line));
  if (word !== null) return answer.refusal(word);
  return answer.malformed(line.startsWith('<') ? describeBody(line, 'html') : 'a line that is no event');
}

// What the soak's backends say and how its callers check it: an answer names its request and ends with a mark, so that a
// truncated or a swapped one shows.

const END = '|end';

export const answerFor = (key, model) => `${key}|${model}${END}`;

/** The answer in a few pieces. */
export function piecesFor(key, model, dice) {
  const text = answerFor(key, model);
  const pieces = [];
  for (let from = 0; from < text.length; ) {
    const length = dice.whole(3, 12);
    pieces.push(text.slice(from, from + length));
    from += length;
  }
  return pieces;
}

/**
 * What is wrong with an answer, or null.
 * @param text what its reader has put together, if it was streamed
 * @param wholeOf the whole answer of a model to a request
 */
export function wrongWithAnswer(answer, record, text, wholeOf = answerFor) {
  if (answer.success !== true) return `success is ${answer.success}`;
  if (answer.requestId !== record.id) return `it is of ${answer.requestId}`;
  if (answer.content !== wholeOf(record.key, answer.modelUsed)) return `its content is ${answer.content}`;
  if (text !== undefined && text !== answer.content) return `what was streamed is ${text}`;
  const served = answer.trace.candidates.filter(({ verdict }) => verdict === 'served');
  if (served.length !== 1 || served[0].model !== answer.modelUsed) return 'its trace does not name who served it once';
  const attempts = answer.trace.candidates.flatMap((candidate) => candidate.attempts);
  return attempts.length === answer.attempts ? null : `${answer.attempts} attempts, ${attempts.length} in its trace`;
}

/** What is wrong with the half of an answer that an interrupted stream leaves its reader, or null. */
export function wrongWithPartial(error, text) {
  const { partialText } = error;
  if (partialText === '') return 'it was interrupted, but with no partial text';
  return partialText === text ? null : `its partial text is ${partialText}, what was streamed is ${text}`;
}

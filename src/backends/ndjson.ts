import { type HttpAnswer, MAX_ANSWER_BYTES } from './http-answer.ts';

/** The lines of a body that are not blank, the last one also when nothing ends it. */
export async function* readLines(
  answer: HttpAnswer,
): AsyncGenerator<{ readonly text: string; readonly isEnded: boolean }> {
  let rest: string[] = [];
  let size = 0;
  for await (const chunk of answer.chunks()) {
    const lines = chunk.split('\n');
    const last = lines.pop()!;
    for (const line of lines) {
      rest.push(line);
      const text = rest.join('').trim();
      rest = [];
      size = 0;
      answer.assertAwaited();
      if (text !== '') yield { text, isEnded: true };
    }
    rest.push(last);
    size += last.length;
    if (size > MAX_ANSWER_BYTES) throw answer.malformed('a line without end');
  }
  const text = rest.join('').trim();
  if (text !== '') yield { text, isEnded: false };
}

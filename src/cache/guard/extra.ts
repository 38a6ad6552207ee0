import type { Pair } from './pair.ts';
import type { Reading } from './reading.ts';

/** Whether one text has a word of content that the other does without. */
export const saysMore = ({ onlyA, onlyB }: Pair): boolean =>
  [...onlyA, ...onlyB].some(({ kind }) => kind === 'content');

/** What narrows a question down: in children, for beginners, during a flight, if it rains. */
const NARROWING = new Set(
  'in on at for with without during under over near within against via like as if while since'.split(' '),
);

/** Whether one text narrows down what the other asks, or has more to say in a language that cannot be judged. */
export function narrowsMore(pair: Pair): boolean {
  const { a, b } = pair;
  if (!a.isEnglish || !b.isEnglish) return saysMore(pair);
  return narrows(a, b) || narrows(b, a);
}

const narrows = (a: Reading, b: Reading): boolean =>
  a.roles.some(
    ({ token, marker }) =>
      token.kind === 'content' &&
      token.unit === null &&
      marker !== null &&
      NARROWING.has(marker) &&
      !b.counts.has(token.key),
  );

import { EMPTY_TALLY, plus, type Result, type Tally } from './tally.ts';

/** The last results, whenever they came, and what they come to. */
export interface CountWindow {
  readonly kind: 'count';
  readonly tally: Tally;
  /** Two bits a result, sixteen results a word, so that a step copies a sixteenth of the window. */
  readonly words: readonly number[];
  /** Where the next result goes: over the oldest, once the window is full. */
  readonly next: number;
}

const FAILURE = 1;
const SLOW = 2;
const RESULTS_PER_WORD = 16;

export const EMPTY_COUNT_WINDOW: CountWindow = { kind: 'count', tally: EMPTY_TALLY, words: [], next: 0 };

/** What the window comes to with one more result; the oldest slides out of a full one. */
export function tallyWith(window: CountWindow, size: number, result: Result): Tally {
  const { tally, words, next } = window;
  if (tally.total < size) return plus(tally, result);
  return plus(minus(tally, words[Math.floor(next / RESULTS_PER_WORD)]! >> shiftOf(next)), result);
}

export function withResult(window: CountWindow, size: number, result: Result): CountWindow {
  const { next, words } = window;
  const index = Math.floor(next / RESULTS_PER_WORD);
  const shift = shiftOf(next);
  const bits = (result.isFailure ? FAILURE : 0) | (result.isSlow ? SLOW : 0);
  const word = ((words[index] ?? 0) & ~(3 << shift)) | (bits << shift);
  return {
    kind: 'count',
    tally: tallyWith(window, size, result),
    words: index < words.length ? words.with(index, word) : [...words, word],
    next: (next + 1) % size,
  };
}

/** What so many results in words come to. */
export function tallyOf(words: readonly number[], total: number): Tally {
  let [failures, slow] = [0, 0];
  for (let index = 0; index < total; index++) {
    const bits = words[Math.floor(index / RESULTS_PER_WORD)]! >> shiftOf(index);
    if (bits & FAILURE) failures++;
    if (bits & SLOW) slow++;
  }
  return { total, failures, slow };
}

/** How many words hold so many results. */
export const wordsFor = (total: number): number => Math.ceil(total / RESULTS_PER_WORD);

/** Where a result stands in its word. */
const shiftOf = (index: number): number => 2 * (index % RESULTS_PER_WORD);

const minus = ({ total, failures, slow }: Tally, bits: number): Tally => ({
  total: total - 1,
  failures: bits & FAILURE ? failures - 1 : failures,
  slow: bits & SLOW ? slow - 1 : slow,
});

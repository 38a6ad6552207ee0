import type { Pair } from './pair.ts';
import type { Reading } from './reading.ts';
import type { Token } from './tokens.ts';

/** Also everyday words: a time only after one of these, or with a capital within a sentence. */
const AMBIGUOUS: ReadonlyMap<string, string> = new Map([
  ['may', 'may'],
  ['march', 'march'],
  ['fall', 'autumn'],
]);
const BEFORE_TIME = new Set('in by since until till early late mid this next last every during of the'.split(' '));

const POINTERS: ReadonlyMap<string, string> = new Map([
  ['last', 'last'],
  ['previous', 'last'],
  ['past', 'last'],
  ['next', 'next'],
  ['coming', 'next'],
  ['upcoming', 'next'],
  ['this', 'this'],
  ['current', 'this'],
]);
const SPANS = new Set('day week month quarter year decade century season semester term night'.split(' '));
/** What is meant when nothing is said. */
const PRESENT = new Set(['now', 'this']);

/**
 * The times a text speaks of: days, months, seasons, times of day, where they point (last week, next year), and what comes
 * before or after.
 */
export function timesOf(tokens: readonly Token[]): ReadonlySet<string> {
  const times = new Set<string>();
  tokens.forEach((token, at) => {
    const time = timeAt(tokens, at);
    if (time !== null) times.add(time);
    const next = tokens[at + 1];
    const pointer = POINTERS.get(token.lower);
    if (pointer !== undefined && next !== undefined && (SPANS.has(next.key) || timeAt(tokens, at + 1) !== null)) {
      times.add(pointer);
    }
  });
  return times;
}

function timeAt(tokens: readonly Token[], at: number): string | null {
  const { lower, written, time, startsSentence, gap } = tokens[at]!;
  if (time !== null) return time;
  const before = tokens[at - 1];
  if (lower === 'am' || lower === 'pm') return before?.kind === 'number' && gap.trim() === '' ? lower : null;
  const ambiguous = AMBIGUOUS.get(lower);
  if (ambiguous === undefined) return null;
  const isMeant = BEFORE_TIME.has(before?.lower ?? '') || (/^\p{Lu}/u.test(written) && !startsSentence);
  return isMeant ? ambiguous : null;
}

/** Whether the texts speak of different times, or one of what was and the other of what is or will be. */
export const hasOtherTimes = ({ a, b }: Pair): boolean =>
  pointsElsewhere(a, b) || pointsElsewhere(b, a) || (isPast(a) && isLater(b)) || (isLater(a) && isPast(b));

const pointsElsewhere = (a: Reading, b: Reading): boolean =>
  [...a.times].some((time) => !b.times.has(time) && !PRESENT.has(time));

const PAST = ['did', 'was', 'were', 'had'];
const LATER = ['is', 'are', 'am', 'do', 'does', 'will'];
const hasOne = ({ counts }: Reading, words: readonly string[]): boolean => words.some((word) => counts.has(word));

const isPast = (reading: Reading): boolean => hasOne(reading, PAST) && !hasOne(reading, LATER);
const isLater = (reading: Reading): boolean => hasOne(reading, LATER) && !hasOne(reading, PAST);

import { DEGREES } from './degrees.ts';
import { FUNCTION_WORDS } from './function-words.ts';
import { keyOf } from './keys.ts';
import { FRAME_WORDS, LIGHT_VERBS } from './light-words.ts';
import { stem } from './stem.ts';
import { TIME_NAMES } from './time-names.ts';
import { unitNamed } from './unit-names.ts';

/**
 * How much a word says: `function` carries grammar, `frame` only asks ("tell me about"), `light` is a verb that another
 * phrasing does without, `content` is what the text is about.
 */
export type WordKind = 'function' | 'frame' | 'light' | 'content';

/** What is known of a word wherever it stands. */
export interface Entry {
  /** Of a word of grammar the word itself. */
  readonly stemmed: string;
  /** Equal for words that mean the same; a superlative's ends in `+`. */
  readonly key: string;
  readonly kind: WordKind;
  readonly unit: string | null;
  readonly time: string | null;
}

/** Most words of a text have been seen before; looking them up anew takes most of a verdict's time. */
const SEEN = new Map<string, Entry>();
const MAX_SEEN = 10_000;

/** @param lower a word in lower case */
export function entryOf(lower: string): Entry {
  const seen = SEEN.get(lower);
  if (seen !== undefined) return seen;
  if (SEEN.size >= MAX_SEEN) SEEN.clear();
  const entry = lookedUp(lower);
  SEEN.set(lower, entry);
  return entry;
}

function lookedUp(lower: string): Entry {
  const time = named(TIME_NAMES, lower);
  if (FUNCTION_WORDS.has(lower)) return { stemmed: lower, key: lower, kind: 'function', unit: null, time };
  const unit = unitNamed(lower);
  const stemmed = stem(lower);
  const key = unit ?? time ?? keyOf(lower) + (DEGREES.get(lower)?.isSuperlative ? '+' : '');
  return { stemmed, key, kind: unit === null ? kindOf(stemmed) : 'content', unit, time };
}

/** Under a word or its singular. */
const named = (names: ReadonlyMap<string, string>, lower: string): string | null =>
  names.get(lower) ?? (lower.endsWith('s') ? names.get(lower.slice(0, -1)) : undefined) ?? null;

function kindOf(stemmed: string): WordKind {
  if (FRAME_WORDS.has(stemmed)) return 'frame';
  return LIGHT_VERBS.has(stemmed) ? 'light' : 'content';
}

import type { WordKind } from './lexicon.ts';
import { FRAME_WORDS } from './light-words.ts';
import { type Folded, foldNumber } from './numerals.ts';
import { PHRASE_STARTS, PHRASES, representative } from './synonyms.ts';
import { unitCounted } from './unit-names.ts';
import { type Word, wordsOf } from './words.ts';

export interface Token {
  /** Equal for words that mean the same. A number's is its value after `#`, a superlative's ends in `+`. */
  readonly key: string;
  readonly kind: WordKind | 'number';
  readonly lower: string;
  readonly stemmed: string;
  readonly written: string;
  readonly unit: string | null;
  readonly time: string | null;
  /** What stands between it and the token before. */
  readonly gap: string;
  readonly startsSentence: boolean;
}

/** What a key is but for the superlative's mark. */
export const baseOf = (key: string): string => (key.endsWith('+') && key.length > 1 ? key.slice(0, -1) : key);

/** @param text as `plain` gives it */
export function tokensOf(text: string): Token[] {
  const words = wordsOf(text);
  const tokens: Token[] = [];
  for (let at = 0; at < words.length; ) {
    const folded = foldNumber(words, at);
    if (folded !== null) {
      for (const token of numberTokens(words[at]!, folded, tokens.length === 0)) tokens.push(token);
      at += folded.length;
      continue;
    }
    const length = phraseLength(words, at);
    tokens.push(wordToken(words, at, length, tokens.at(-1)));
    at += length;
  }
  return tokens;
}

const numberTokens = (word: Word, { values }: Folded, isFirst: boolean): Token[] =>
  values.map((value, at) => tokenOf(at === 0 ? word : { ...word, gap: ',' }, `#${value}`, 'number', null, isFirst));

function tokenOf(word: Word, key: string, kind: Token['kind'], unit: string | null, isFirst: boolean): Token {
  const { lower, text, gap, entry } = word;
  const { stemmed, time } = entry;
  const startsSentence = isFirst || endsSentence(gap);
  return { key, kind, lower, stemmed, written: text, unit, time, gap, startsSentence };
}

function wordToken(words: readonly Word[], at: number, length: number, before: Token | undefined): Token {
  const word = words[at]!;
  const { lower, text, entry } = word;
  const isFirst = before === undefined;
  if (length > 1) {
    const key = representative(phraseAt(words, at, length));
    return tokenOf(word, key, FRAME_WORDS.has(key) ? 'frame' : 'content', null, isFirst);
  }
  const counted = isCounted(word, before) ? unitCounted(text) : null;
  if (counted !== null) return tokenOf(word, counted, 'content', counted, isFirst);
  if (entry.unit === null && isLabel(word, before, words[at + 1]?.gap ?? '')) {
    return tokenOf(word, representative(text.endsWith('s') ? lower.slice(0, -1) : lower), 'content', null, isFirst);
  }
  return tokenOf(word, entry.key, entry.kind, entry.unit, isFirst);
}

const isCounted = ({ gap }: Word, before: Token | undefined): boolean =>
  (before?.kind === 'number' && /^[\s°-]*$/.test(gap)) || (gap !== ' ' && gap.includes('°'));

/** Letters that name something and are no word: API, US, the v of v2, the A of plan A, the a of a + b. */
function isLabel({ text, lower, gap, entry }: Word, before: Token | undefined, after: string): boolean {
  if (gap === '' && before?.kind === 'number') return true;
  if (text.length === 1) {
    return isOperand(gap, after) || (/[A-HJ-Z]/.test(text) && before !== undefined && !endsSentence(gap));
  }
  return (
    text !== lower && /^\p{Lu}{2,}s?$/u.test(text) && (entry.kind !== 'function' || lower === 'us' || lower === 'it')
  );
}

/** Whether what stands before or after is an operator or a call's bracket. What begins a line may be a list's mark. */
const isOperand = (before: string, after: string): boolean =>
  (/^[^\n]+$/.test(before) && /[=<>+*/%^|&-] ?$|^[([]$/.test(before)) || /^ ?[=<>+*/%^|&-]|^[)\]]/.test(after);

const phraseAt = (words: readonly Word[], at: number, length: number): string =>
  words
    .slice(at, at + length)
    .map(({ entry }) => entry.stemmed)
    .join('_');

/** How many words from here stand for one. */
function phraseLength(words: readonly Word[], at: number): number {
  if (!PHRASE_STARTS.has(words[at]!.entry.stemmed)) return 1;
  for (const length of [3, 2]) {
    if (at + length > words.length) continue;
    const isJoined = words.slice(at + 1, at + length).every(({ gap }) => gap === ' ' || gap === '-');
    if (isJoined && PHRASES.has(phraseAt(words, at, length))) return length;
  }
  return 1;
}

const endsSentence = (gap: string): boolean => gap !== ' ' && /[.?!:\n"“]/.test(gap);

import { DEGREES } from './degrees.ts';
import { FUNCTION_WORDS } from './function-words.ts';
import { keyOfStem } from './keys.ts';
import { FRAME_WORDS, LIGHT_VERBS } from './light-words.ts';
import { type Folded, foldNumber } from './numerals.ts';
import { PHRASE_STARTS, PHRASES, representative } from './synonyms.ts';
import { TIME_NAMES } from './time-names.ts';
import { unitOf } from './unit-names.ts';
import { type Word, wordsOf } from './words.ts';

/**
 * How much a word says: `function` carries grammar, `frame` only asks ("tell me about"), `light` is a verb that another
 * phrasing does without, `content` is what the text is about.
 */
export type TokenKind = 'function' | 'frame' | 'light' | 'content' | 'number';

export interface Token {
  /** Equal for words that mean the same. A number's is its value after `#`, a superlative's ends in `+`. */
  readonly key: string;
  readonly lower: string;
  readonly stemmed: string;
  readonly written: string;
  readonly kind: TokenKind;
  readonly unit: string | null;
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
      tokens.push(...numberTokens(words[at]!, folded, tokens.length === 0));
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

function tokenOf(
  { lower, stemmed, text, gap }: Word,
  key: string,
  kind: TokenKind,
  unit: string | null,
  isFirst: boolean,
): Token {
  return { key, lower, stemmed, written: text, kind, unit, gap, startsSentence: isFirst || endsSentence(gap) };
}

function wordToken(words: readonly Word[], at: number, length: number, before: Token | undefined): Token {
  const word = words[at]!;
  const isFirst = before === undefined;
  if (length > 1) {
    const key = representative(phraseAt(words, at, length));
    return tokenOf(word, key, FRAME_WORDS.has(key) ? 'frame' : 'content', null, isFirst);
  }
  const unit = unitOf(word.text, word.lower, isCounted(word, before));
  if (unit !== null) return tokenOf(word, unit, 'content', unit, isFirst);
  const { lower, stemmed } = word;
  if (isLabel(word, before, words[at + 1]?.gap ?? '')) {
    return tokenOf(word, representative(/s$/.test(word.text) ? lower.slice(0, -1) : lower), 'content', null, isFirst);
  }
  if (FUNCTION_WORDS.has(lower)) return tokenOf(word, lower, 'function', null, isFirst);
  const time = TIME_NAMES.get(lower);
  if (time !== undefined) return tokenOf(word, time, 'content', null, isFirst);
  const key = keyOfStem(stemmed, lower);
  return tokenOf(word, DEGREES.get(lower)?.isSuperlative ? `${key}+` : key, kindOf(stemmed), null, isFirst);
}

const isCounted = ({ gap }: Word, before: Token | undefined): boolean =>
  (before?.kind === 'number' && /^[\s°-]*$/.test(gap)) || gap.includes('°');

/** Letters that name something and are no word: API, US, the v of v2, the A of plan A, the a of a + b. */
function isLabel({ text, lower, gap }: Word, before: Token | undefined, after: string): boolean {
  if (gap === '' && before?.kind === 'number') return true;
  if (text.length === 1) {
    return isOperand(gap, after) || (/[A-HJ-Z]/.test(text) && before !== undefined && !endsSentence(gap));
  }
  return (
    text !== lower && /^\p{Lu}{2,}s?$/u.test(text) && (!FUNCTION_WORDS.has(lower) || lower === 'us' || lower === 'it')
  );
}

/** Whether what stands before or after is an operator or a call's bracket. What begins a line may be a list's mark. */
const isOperand = (before: string, after: string): boolean =>
  (/^[^\n]+$/.test(before) && /[=<>+*/%^|&-] ?$|^[([]$/.test(before)) || /^ ?[=<>+*/%^|&-]|^[)\]]/.test(after);

function kindOf(stemmed: string): TokenKind {
  if (FRAME_WORDS.has(stemmed)) return 'frame';
  return LIGHT_VERBS.has(stemmed) ? 'light' : 'content';
}

const phraseAt = (words: readonly Word[], at: number, length: number): string =>
  words
    .slice(at, at + length)
    .map(({ stemmed }) => stemmed)
    .join('_');

/** How many words from here stand for one. */
function phraseLength(words: readonly Word[], at: number): number {
  if (!PHRASE_STARTS.has(words[at]!.stemmed)) return 1;
  for (const length of [3, 2]) {
    if (at + length > words.length) continue;
    const isJoined = words.slice(at + 1, at + length).every(({ gap }) => gap === ' ' || gap === '-');
    if (isJoined && PHRASES.has(phraseAt(words, at, length))) return length;
  }
  return 1;
}

const endsSentence = (gap: string): boolean => gap !== ' ' && /[.?!:\n"“]/.test(gap);

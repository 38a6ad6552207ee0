import { DEGREES } from './degrees.ts';
import { FUNCTION_WORDS } from './function-words.ts';
import { keyOf } from './keys.ts';
import { FRAME_WORDS, LIGHT_VERBS } from './light-words.ts';
import { type Folded, foldNumber } from './numerals.ts';
import { stem } from './stem.ts';
import { PHRASES, representative } from './synonyms.ts';
import { unitOf } from './units.ts';
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

const numberTokens = ({ text, lower, gap }: Word, { values }: Folded, isFirst: boolean): Token[] =>
  values.map((value, index) => ({
    key: `#${value}`,
    lower,
    stemmed: lower,
    written: text,
    kind: 'number',
    unit: null,
    gap: index === 0 ? gap : ',',
    startsSentence: isFirst || endsSentence(gap),
  }));

function wordToken(words: readonly Word[], at: number, length: number, before: Token | undefined): Token {
  const { text: written, lower, gap } = words[at]!;
  const startsSentence = before === undefined || endsSentence(gap);
  const isCounted = (before?.kind === 'number' && /^[\s°-]*$/.test(gap)) || gap.includes('°');
  const unit = length === 1 ? unitOf(written, isCounted) : null;
  const facts = { lower, stemmed: stem(lower), written, unit, gap, startsSentence };
  if (unit !== null) return { ...facts, key: unit, kind: 'content' };
  if (length > 1) {
    const phrase = phraseAt(words, at, length);
    const isFrame = FRAME_WORDS.has(representative(phrase));
    return { ...facts, key: representative(phrase), kind: isFrame ? 'frame' : 'content' };
  }
  const isAcronym = /^\p{Lu}{2,}$/u.test(written) && (!FUNCTION_WORDS.has(lower) || lower === 'us' || lower === 'it');
  // The v of v2, the A of plan A, the a of a + b: a letter that names something.
  const isGlued = gap === '' && before?.kind === 'number';
  const isLetter = written.length === 1 && (isOperand(gap, words[at + 1]?.gap ?? '') || (/[A-HJ-Z]/.test(written) && !startsSentence));
  if (isAcronym || isGlued || isLetter) return { ...facts, key: representative(lower), kind: 'content' };
  const degree = DEGREES.get(lower);
  const key = keyOf(lower) + (degree?.isSuperlative ? '+' : '');
  return { ...facts, key, kind: kindOf(lower) };
}

/** Whether what stands before or after is an operator or a call's bracket. What begins a line may be a list's mark. */
const isOperand = (before: string, after: string): boolean =>
  /^[^\n]+$/.test(before) && /[=<>+*/%^|&-] ?$|^[([]$/.test(before) || /^ ?[=<>+*/%^|&-]|^[)\]]/.test(after);

function kindOf(lower: string): TokenKind {
  if (FUNCTION_WORDS.has(lower)) return 'function';
  const stemmed = stem(lower);
  if (FRAME_WORDS.has(stemmed)) return 'frame';
  return LIGHT_VERBS.has(stemmed) ? 'light' : 'content';
}

function phraseAt(words: readonly Word[], at: number, length: number): string {
  return words
    .slice(at, at + length)
    .map(({ lower }) => stem(lower))
    .join('_');
}

/** How many words from here stand for one. */
function phraseLength(words: readonly Word[], at: number): number {
  for (const length of [3, 2]) {
    if (at + length > words.length) continue;
    const isJoined = words.slice(at + 1, at + length).every(({ gap }) => gap === ' ' || gap === '-');
    if (isJoined && PHRASES.has(phraseAt(words, at, length))) return length;
  }
  return 1;
}

const endsSentence = (gap: string): boolean => /[.?!:\n"“]/.test(gap);

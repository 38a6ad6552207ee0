import { MULTIPLIERS, NUMBER_WORDS, romanValue } from './number-words.ts';
import type { Word } from './words.ts';

/** Numbers that a run of words stands for. */
export interface Folded {
  readonly values: readonly string[];
  /** How many words it took. */
  readonly length: number;
}

/** The number that begins at a word, however it is written: 1,000; 10k; 3rd; 50 million; twenty-one; II. null: none. */
export function foldNumber(words: readonly Word[], at: number): Folded | null {
  const { text, lower } = words[at]!;
  if (startsWithDigit(text)) return digits(words, at);
  if (NUMBER_WORDS.has(lower) || MULTIPLIERS.has(lower)) return spelled(words, at);
  const roman = romanValue(text, words[at - 1]?.lower);
  return roman === null ? null : { values: [String(roman)], length: 1 };
}

function startsWithDigit(text: string): boolean {
  const code = text.charCodeAt(0);
  if (code < 128) return code >= 48 && code <= 57 && !text.includes('_');
  return /^\p{N}[^_]*$/u.test(text);
}

function digits(words: readonly Word[], at: number): Folded {
  const { text, gap } = words[at]!;
  const sign = /[\s([{,=<>*/+:][-−]$/.test(gap) || (at === 0 && /^[-−]$/.test(gap)) ? '-' : '';
  const isGrouped = /^\d{1,3}(?:,\d{3})+(?:\.\d+)?$/.test(text);
  const [first, ...rest] = isGrouped ? [text.replaceAll(',', '')] : text.split(',');
  const next = words[at + 1];
  if (rest.length === 0 && next !== undefined) {
    const isGlued = next.gap === '';
    if (isGlued && /^(?:st|nd|rd|th)$/.test(next.lower)) return { values: [first!], length: 2 };
    const factor = isGlued && next.lower === 'k' ? 1000 : MULTIPLIERS.get(next.lower);
    const value = Number(first) * (factor ?? Number.NaN);
    if (Number.isFinite(value)) return { values: [sign + String(value)], length: 2 };
  }
  return { values: [sign + first!, ...rest], length: 1 };
}

function spelled(words: readonly Word[], from: number): Folded | null {
  if (isUnitSecond(words, from)) return null;
  let total = 0;
  let current = 0;
  let at = from;
  for (; at < words.length; at++) {
    const { lower } = words[at]!;
    const multiplier = MULTIPLIERS.get(lower);
    const value = NUMBER_WORDS.get(lower);
    if (multiplier === 100) current = (current || 1) * 100;
    else if (multiplier !== undefined) {
      total += (current || 1) * multiplier;
      current = 0;
    } else if (value !== undefined && fits(value, current, at === from)) current += value;
    else if (
      lower !== 'and' ||
      at === from ||
      !isGreat(words[at - 1]!) ||
      !NUMBER_WORDS.has(words[at + 1]?.lower ?? '')
    )
      break;
  }
  const isOneAlone = at === from + 1 && words[from]!.lower === 'one';
  return isOneAlone ? null : { values: [String(total + current)], length: at - from };
}

/** Twenty and one are twenty-one; two and three are two numbers. */
const fits = (value: number, current: number, isFirst: boolean): boolean =>
  isFirst || (value < 10 ? value > 0 && current % 10 === 0 && current % 100 !== 10 : current % 100 === 0);

const isGreat = ({ lower }: Word): boolean => MULTIPLIERS.has(lower);

/** "a second" is a time; "the second", "my second" and "Second World War" count. */
function isUnitSecond(words: readonly Word[], at: number): boolean {
  if (words[at]!.lower !== 'second') return false;
  const before = words[at - 1]?.lower ?? '';
  const isCounting = /^(?:the|my|your|his|her|our|their|its|'s)$/.test(before);
  return !isCounting && !/^\p{Lu}/u.test(words[at + 1]?.text ?? '');
}

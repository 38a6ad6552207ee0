import type { Pair } from './pair.ts';
import { quotesOtherCode } from './quoted.ts';
import type { Reading } from './reading.ts';

// Only marks that prose has no use for: not a dash, a slash within a word, an ampersand, a star or parentheses alone.
// Each begins with a character that is rare in prose, and looks back from there: that is what makes the search fast.
const MARKS: readonly RegExp[] = [
  /\\\S/, // an escape with its letter: \d
  /--?(?<=(?:^|[\s'"(`])--?)\p{L}[\p{L}\p{N}-]*/u, // an option: -r, --hard
  /\/(?<=(?:^|[\s'"(`])(?:~|\.{1,2})?\/)[\w./-]+/, // a path
  /(?:\+\+|--)(?<=[\w)\]](?:\+\+|--))(?<!\b[Cc]\+\+)(?!\w)|(?:\+\+|--)[\w(]/, // i++ is not ++i, and C++ is neither
  /\$(?=[\p{L}_{(])/u,
  /[!=<>|&+*/:.%^~-]?={1,3}|<<|>>|->|&&|\|\||\*\*|\/\/|::|\?\?|\?\.|\.\.\.?(?=\w)/,
  /[<>|^{}[\]]|!(?=\w)|~(?<=\w~)(?=\w)|\(\)/,
  /[+*/%](?<=[\w)\]]\s.)(?=\s[\w([-])|[+*/-](?<=\d\s?.)(?=\s?\d)/, // arithmetic
];
const MARK = new RegExp(MARKS.map(({ source }) => source).join('|'), 'gu');

/** Marks of programming; blanks round them say nothing. @param text as `plain` gives it */
export const marksIn = (text: string): string[] => Array.from(text.matchAll(MARK), ([mark]) => mark).sort();

/** Whether the texts hold different code, as far as marks, backticks and, in the same words, brackets and quotes tell. */
export function hasOtherCode({ a, b }: Pair): boolean {
  if (a.marks.join(' ') !== b.marks.join(' ') || quotesOtherCode(a, b)) return true;
  return a.marks.length > 0 && saysSame(a, b) && punctuationOf(a) !== punctuationOf(b);
}

const saysSame = (a: Reading, b: Reading): boolean =>
  a.tokens.length === b.tokens.length && a.tokens.every(({ key }, at) => key === b.tokens[at]!.key);

const punctuationOf = ({ text }: Reading): string =>
  text
    .replaceAll(/\s+/g, '')
    .replaceAll(/[\p{L}\p{M}\p{N}]+/gu, ' ')
    .replace(/(?<![.?!…])[.?!…]+$/, '');

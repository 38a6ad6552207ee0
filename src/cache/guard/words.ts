import { type Lexeme, lexemesOf } from './lexemes.ts';
import { type Entry, entryOf } from './lexicon.ts';

/** A word or number as it was written, contractions taken apart. */
export interface Word extends Lexeme {
  readonly lower: string;
  readonly entry: Entry;
}

/** Contractions that no rule takes apart, and those that are often written without an apostrophe. */
const CONTRACTED: ReadonlyMap<string, readonly string[]> = new Map([
  ["won't", ['will', 'not']],
  ["can't", ['can', 'not']],
  ["shan't", ['shall', 'not']],
  ["ain't", ['is', 'not']],
  ["let's", ['let', 'us']],
  ['cannot', ['can', 'not']],
  ['wont', ['will', 'not']],
  ['cant', ['can', 'not']],
  ['im', ['i', 'am']],
  ['ive', ['i', 'have']],
  ...'do does did is are was were has have had could should would'
    .split(' ')
    .map((verb): [string, string[]] => [`${verb}nt`, [verb, 'not']]),
  ...'what how where who that'.split(' ').map((word): [string, string[]] => [`${word}s`, [word, 'is']]),
]);
const BEFORE_IS = new Set('what who where when why how it that this there here he she everything something'.split(' '));
const REST: ReadonlyMap<string, string> = new Map([
  ['m', 'am'],
  ['re', 'are'],
  ['ve', 'have'],
  ['ll', 'will'],
  ['d', 'would'],
]);

/** The parts of a contraction, null for any other word; a genitive's ending stays as `'s`. */
function partsOf(lower: string): readonly string[] | null {
  const known = CONTRACTED.get(lower);
  if (known !== undefined) return known;
  const cut = lower.indexOf("'");
  if (cut === -1) return null;
  if (lower.endsWith("n't")) return [lower.slice(0, -3), 'not'];
  const base = lower.slice(0, cut);
  const rest = lower.slice(cut + 1);
  if (rest === 's') return [base, BEFORE_IS.has(base) ? 'is' : "'s"];
  return [base, REST.get(rest) ?? rest];
}

/** @param text as `plain` gives it */
export function wordsOf(text: string): Word[] {
  const words: Word[] = [];
  for (const { text: written, gap } of lexemesOf(text)) {
    const lower = written.toLowerCase();
    const parts = partsOf(lower);
    if (parts === null) {
      // U.S. and e.g.: single letters.
      const isSpelled = lower[1] === '.' && /^\p{L}(?:\.\p{L})+$/u.test(lower);
      words.push(wordOf(written, isSpelled ? lower.replaceAll('.', '') : lower, gap));
      continue;
    }
    parts.forEach((part, at) => {
      words.push(at === 0 ? wordOf(written.slice(0, part.length), part, gap) : wordOf(part, part, ''));
    });
  }
  return words;
}

const wordOf = (text: string, lower: string, gap: string): Word => ({
  text,
  lower,
  gap,
  entry: entryOf(lower),
});

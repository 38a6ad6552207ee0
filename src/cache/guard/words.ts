import { FUNCTION_WORDS } from './function-words.ts';
import { type Lexeme, lexemesOf } from './lexemes.ts';
import { stem } from './stem.ts';

/** A word or number as it was written, contractions taken apart. */
export interface Word extends Lexeme {
  readonly lower: string;
  /** A word of grammar has none but itself. */
  readonly stemmed: string;
}

const CONTRACTED: ReadonlyMap<string, readonly string[]> = new Map([
  ["won't", ['will', 'not']],
  ["can't", ['can', 'not']],
  ["shan't", ['shall', 'not']],
  ["ain't", ['is', 'not']],
  ["let's", ['let', 'us']],
  ['cannot', ['can', 'not']],
]);
const UNAPOSTROPHED: ReadonlyMap<string, string> = new Map(
  "dont don't;doesnt doesn't;didnt didn't;isnt isn't;arent aren't;wasnt wasn't;werent weren't;hasnt hasn't;havent haven't;hadnt hadn't;wont won't;cant can't;couldnt couldn't;shouldnt shouldn't;wouldnt wouldn't;whats what's;hows how's;wheres where's;whos who's;im i'm;ive i've;thats that's"
    .split(';')
    .map((pair) => pair.split(' ') as [string, string]),
);
const BEFORE_IS = new Set('what who where when why how it that this there here he she everything something'.split(' '));
const REST: ReadonlyMap<string, string> = new Map([
  ['m', 'am'],
  ['re', 'are'],
  ['ve', 'have'],
  ['ll', 'will'],
  ['d', 'would'],
]);

/** The parts of a word with an apostrophe; a genitive's ending stays as `'s`. */
function partsOf(lower: string): readonly string[] {
  const word = UNAPOSTROPHED.get(lower) ?? lower;
  const known = CONTRACTED.get(word);
  if (known !== undefined) return known;
  const cut = word.indexOf("'");
  if (cut === -1) return [word];
  if (word.endsWith("n't")) return [word.slice(0, -3), 'not'];
  const base = word.slice(0, cut);
  const rest = word.slice(cut + 1);
  if (rest === 's') return [base, BEFORE_IS.has(base) ? 'is' : "'s"];
  return [base, REST.get(rest) ?? rest];
}

/** @param text as `plain` gives it */
export function wordsOf(text: string): Word[] {
  return lexemesOf(text).flatMap(({ text: written, gap }) => {
    const lower = written.toLowerCase();
    // U.S. and e.g.: single letters.
    const joined = lower[1] === '.' && /^\p{L}(?:\.\p{L})+$/u.test(lower) ? lower.replaceAll('.', '') : lower;
    const [first, ...rest] = partsOf(joined);
    if (rest.length === 0) return [wordOf(written, first!, gap)];
    return [wordOf(written.slice(0, first!.length), first!, gap), ...rest.map((part) => wordOf(part, part, ''))];
  });
}

const wordOf = (text: string, lower: string, gap: string): Word => ({
  text,
  lower,
  gap,
  stemmed: FUNCTION_WORDS.has(lower) ? lower : stem(lower),
});

import { symbolsIn } from './code.ts';
import { plain } from './lexemes.ts';
import { namesOf } from './names.ts';
import { type Quotation, quotationsIn } from './quoted.ts';
import { timesOf } from './time.ts';
import { type Token, tokensOf } from './tokens.ts';
import { unitsOf } from './unit-use.ts';

/** All that the rules look at in one text. */
export interface Reading {
  readonly tokens: readonly Token[];
  /** How often each key stands in it. */
  readonly counts: ReadonlyMap<string, number>;
  readonly names: ReadonlySet<string>;
  readonly times: ReadonlySet<string>;
  readonly units: ReadonlySet<string>;
  readonly quotations: readonly Quotation[];
  /** Marks of programming, sorted. */
  readonly symbols: readonly string[];
  readonly isEnglish: boolean;
}

export function readingOf(written: string): Reading {
  const text = plain(written);
  // A text all in capitals has none.
  const tokens = tokensOf(/\p{Ll}/u.test(text) ? text : text.toLowerCase());
  const counts = new Map<string, number>();
  for (const { key } of tokens) counts.set(key, (counts.get(key) ?? 0) + 1);
  return {
    tokens,
    counts,
    names: namesOf(tokens),
    times: timesOf(tokens),
    units: unitsOf(text, tokens),
    quotations: quotationsIn(text),
    symbols: symbolsIn(text),
    isEnglish: isEnglish(tokens),
  };
}

/** About half the words of an English text are function words; in other languages few look like one. */
function isEnglish(tokens: readonly Token[]): boolean {
  const words = tokens.filter(({ kind }) => kind !== 'number');
  const known = words.filter(({ kind }) => kind === 'function' || kind === 'frame');
  return known.length >= 0.3 * words.length;
}

/** The tokens of the first text that have no equal in the second, one for one. */
export function unmatched(a: Reading, b: Reading): Token[] {
  const left = new Map(b.counts);
  return a.tokens.filter(({ key }) => {
    const count = left.get(key) ?? 0;
    left.set(key, count - 1);
    return count <= 0;
  });
}

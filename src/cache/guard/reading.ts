import { marksIn } from './code.ts';
import { plain } from './lexemes.ts';
import { namesOf } from './names.ts';
import { isNegator } from './negation.ts';
import { collapsed, type Quotation, quotationsIn } from './quoted.ts';
import { type Role, rolesOf } from './roles.ts';
import { timesOf } from './time.ts';
import { type Token, tokensOf } from './tokens.ts';
import { unitsOf } from './unit-use.ts';

/** All that the rules look at in one text. */
export interface Reading {
  /** White space as single blanks. */
  readonly text: string;
  readonly lower: string;
  readonly tokens: readonly Token[];
  /** How often each key stands in it. */
  readonly counts: ReadonlyMap<string, number>;
  readonly roles: readonly Role[];
  /** How often it says no. */
  readonly negators: number;
  readonly names: ReadonlySet<string>;
  readonly times: ReadonlySet<string>;
  readonly units: ReadonlySet<string>;
  readonly quotations: readonly Quotation[];
  /** Marks of programming, sorted. */
  readonly marks: readonly string[];
  readonly isEnglish: boolean;
}

export function readingOf(written: string): Reading {
  const text = plain(written);
  // A text all in capitals has none.
  const tokens = tokensOf(/\p{Ll}/u.test(text) ? text : text.toLowerCase());
  const counts = new Map<string, number>();
  for (const { key } of tokens) counts.set(key, (counts.get(key) ?? 0) + 1);
  const oneLine = collapsed(text);
  const names = namesOf(tokens);
  return {
    text: oneLine,
    lower: oneLine.toLowerCase(),
    tokens,
    counts,
    roles: rolesOf(tokens),
    negators: tokens.filter((_, at) => isNegator(tokens, at)).length,
    names,
    times: timesOf(tokens),
    units: unitsOf(text, tokens),
    quotations: quotationsIn(text),
    marks: marksIn(text),
    isEnglish: isEnglish(tokens, names),
  };
}

/** About half the words of an English text are function words, names aside; in other languages few look like one. */
function isEnglish(tokens: readonly Token[], names: ReadonlySet<string>): boolean {
  const words = tokens.filter(({ kind, key, unit }) => kind !== 'number' && unit === null && !names.has(key));
  const known = words.filter(({ kind }) => kind === 'function' || kind === 'frame');
  return known.length >= 0.25 * words.length;
}

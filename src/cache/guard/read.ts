import { marksIn } from './code.ts';
import { plain } from './lexemes.ts';
import { namesOf } from './names.ts';
import { negatorsOf } from './negation.ts';
import { collapsed, quotationsIn } from './quoted.ts';
import type { Reading } from './reading.ts';
import { rolesOf } from './roles.ts';
import { isEnglishWord } from './synonyms.ts';
import { timesOf } from './time.ts';
import { type Token, tokensOf } from './tokens.ts';
import { unitsOf } from './units.ts';

export function readingOf(written: string): Reading {
  const text = plain(written);
  // A text all in capitals has none.
  const tokens = tokensOf(/\p{Ll}/u.test(text) ? text : text.toLowerCase());
  const counts = new Map<string, number>();
  for (const { key } of tokens) counts.set(key, (counts.get(key) ?? 0) + 1);
  const oneLine = collapsed(text);
  const negators = negatorsOf(tokens);
  const names = namesOf(tokens);
  return {
    text: oneLine,
    lower: oneLine.toLowerCase(),
    tokens,
    counts,
    roles: rolesOf(tokens, negators),
    negators,
    names,
    times: timesOf(tokens),
    units: unitsOf(text, tokens),
    quotations: quotationsIn(text),
    marks: marksIn(text),
    isEnglish: isEnglish(tokens, names),
  };
}

/** At least a quarter of an English text's words are among those that are known here, names aside; of others hardly any. */
function isEnglish(tokens: readonly Token[], names: ReadonlySet<string>): boolean {
  const words = tokens.filter(({ kind, key, unit }) => kind !== 'number' && unit === null && !names.has(key));
  const known = words.filter(({ kind, stemmed }) => kind !== 'content' || isEnglishWord(stemmed));
  return known.length >= Math.floor(0.25 * words.length);
}

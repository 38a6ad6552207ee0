import type { Reading } from './reading.ts';
import { stem } from './stem.ts';
import type { Token } from './tokens.ts';

/** Words that turn a statement round or leave all else out, and the commonest of some other languages. */
const NEGATORS = new Set(
  'not never no without neither none nothing nobody nowhere non unable impossible except unless hardly barely instead only nicht nie kein keine keinen keiner ohne pas jamais sans sin nunca nada não sem niet geen zonder nooit ikke inte utan uden senza mai не нет без никогда bez değil لا'.split(
    ' ',
  ),
);
/** Verbs that say no, by their stems. */
const DENIALS = new Set('refuse lack avoid prevent exclude fail'.split(' ').map(stem));

/** The places of the tokens that say no. */
export const negatorsOf = (tokens: readonly Token[]): ReadonlySet<number> =>
  new Set(tokens.flatMap((_, at) => (isNegator(tokens, at) ? [at] : [])));

/** Whether a text says no with that token. "or not" and "not only" say nothing; what is gluten-free is without. */
function isNegator(tokens: readonly Token[], at: number): boolean {
  const { lower, stemmed, gap } = tokens[at]!;
  const before = tokens[at - 1]?.lower;
  if (lower === 'free') return gap === '-';
  if (lower === 'not') return before !== 'or' && tokens[at + 1]?.lower !== 'only';
  if (lower === 'only') return before !== 'not';
  return NEGATORS.has(lower) || DENIALS.has(stemmed);
}

/** Whether one text says no where the other does not. Counted, not by parity: two negations seldom cancel out. */
export const isNegated = (a: Reading, b: Reading): boolean => a.negators.size !== b.negators.size;

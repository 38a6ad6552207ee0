import type { Pair } from './pair.ts';
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
export function negatorsOf(tokens: readonly Token[]): ReadonlySet<number> {
  const places = new Set<number>();
  for (let at = 0; at < tokens.length; at++) if (isNegator(tokens, at)) places.add(at);
  return places;
}

/** Whether a text says no with that token. "or not" and "not only" say nothing; what is gluten-free is without. */
function isNegator(tokens: readonly Token[], at: number): boolean {
  const { lower, stemmed, gap } = tokens[at]!;
  if (!NEGATORS.has(lower)) return DENIALS.has(stemmed) || (lower === 'free' && gap === '-');
  if (lower === 'not') return tokens[at - 1]?.lower !== 'or' && tokens[at + 1]?.lower !== 'only';
  return lower !== 'only' || tokens[at - 1]?.lower !== 'not';
}

/** Whether one text says no where the other does not. Counted, not by parity: two negations seldom cancel out. */
export const isNegated = ({ a, b }: Pair): boolean => a.negators.size !== b.negators.size;

import type { Reading } from './reading.ts';
import { stem } from './stem.ts';
import type { Token } from './tokens.ts';

const stems = (words: string): ReadonlySet<string> => new Set(words.split(' ').map(stem));

/** Words that turn a statement round, those that only imply it too, and the commonest of some other languages. */
const NEGATORS = stems(
  'not never no without neither none nothing nobody nowhere non unable impossible refuse lack avoid prevent exclude except unless fail hardly barely nicht nie kein keine keinen keiner ohne pas jamais sans sin nunca nada não sem nunca niet geen zonder nooit ikke inte utan uden senza mai не нет без никогда ні bez değil μη δεν لا ليس لم 不 没',
);

/** Where a text says no: the places of its negators among its tokens. "or not" and "not only" say nothing. */
export const negatorsOf = (tokens: readonly Token[]): number[] =>
  tokens.flatMap(({ lower }, at) => {
    if (!NEGATORS.has(stem(lower))) return [];
    const isIdle = lower === 'not' && (tokens[at - 1]?.lower === 'or' || tokens[at + 1]?.lower === 'only');
    return isIdle ? [] : [at];
  });

/** Whether one text says no where the other does not. Counted, not by parity: two negations seldom cancel out. */
export const isNegated = (a: Reading, b: Reading): boolean =>
  negatorsOf(a.tokens).length !== negatorsOf(b.tokens).length;

import type { Pair } from './pair.ts';
import type { Token } from './tokens.ts';

const has = (tokens: readonly Token[], ...kinds: readonly Token['kind'][]): boolean =>
  tokens.some(({ kind }) => kinds.includes(kind));

/** Whether each text speaks of something that the other does not: the one in the other's stead, as far as one can tell. */
export function isSwapped({ a, b, onlyA, onlyB }: Pair): boolean {
  if (has(onlyA, 'content') && has(onlyB, 'content', 'light')) return true;
  if (has(onlyA, 'light') && has(onlyB, 'content')) return true;
  return hasOneSwap(a.tokens, b.tokens);
}

/** Whether the texts are equal but for one word in the same place, and not only in grammar. */
function hasOneSwap(a: readonly Token[], b: readonly Token[]): boolean {
  if (a.length !== b.length) return false;
  const places = a.flatMap(({ key }, at) => (key === b[at]!.key ? [] : [at]));
  const [at] = places;
  // A number against a word is 1 against "one": others have been told apart.
  return places.length === 1 && ![a[at!]!, b[at!]!].every(({ kind }) => kind === 'function' || kind === 'number');
}

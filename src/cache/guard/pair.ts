import type { Reading } from './reading.ts';
import type { Token } from './tokens.ts';

/** Two texts side by side. What one rule says of a and b it says of b and a. */
export interface Pair {
  readonly a: Reading;
  readonly b: Reading;
  /** The tokens of `a` that have no equal in `b`, one for one. */
  readonly onlyA: readonly Token[];
  readonly onlyB: readonly Token[];
}

export const pairOf = (a: Reading, b: Reading): Pair => ({ a, b, onlyA: only(a, b), onlyB: only(b, a) });

function only(a: Reading, b: Reading): Token[] {
  const used = new Map<string, number>();
  return a.tokens.filter(({ key }) => {
    const count = b.counts.get(key);
    if (count === undefined) return true;
    const place = used.get(key) ?? 0;
    used.set(key, place + 1);
    return place >= count;
  });
}

import type { Reading } from './reading.ts';
import type { Token } from './tokens.ts';

/** What stands in one of two texts and not in the other, one for one. */
export interface Unmatched {
  readonly onlyA: readonly Token[];
  readonly onlyB: readonly Token[];
}

export const unmatched = (a: Reading, b: Reading): Unmatched => ({ onlyA: only(a, b), onlyB: only(b, a) });

function only(a: Reading, b: Reading): Token[] {
  const left = new Map(b.counts);
  return a.tokens.filter(({ key }) => {
    const count = left.get(key) ?? 0;
    left.set(key, count - 1);
    return count <= 0;
  });
}

import { oppositesOf, unprefixed } from './antonyms.ts';
import type { Pair } from './pair.ts';
import { baseOf, type Token } from './tokens.ts';

/** Whether one text has a word, and the other its opposite in its stead. */
export const hasOpposites = ({ onlyA, onlyB }: Pair): boolean => meets(onlyA, onlyB) || meets(onlyB, onlyA);

/** The table is symmetric, prefixes are not. */
function meets(some: readonly Token[], others: readonly Token[]): boolean {
  const keys = new Set(others.map(({ key }) => baseOf(key)));
  return some.some(({ key, lower }) => {
    for (const opposite of oppositesOf(baseOf(key))) if (keys.has(opposite)) return true;
    return unprefixed(lower).some((opposite) => keys.has(opposite));
  });
}

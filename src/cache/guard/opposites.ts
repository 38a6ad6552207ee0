import { oppositesOf, unprefixed } from './antonyms.ts';
import type { Pair } from './pair.ts';
import { baseOf, type Token } from './tokens.ts';

/** Whether one text has a word, and the other its opposite in its stead. */
export function hasOpposites({ onlyA, onlyB }: Pair): boolean {
  const [basesA, basesB] = [basesOf(onlyA), basesOf(onlyB)];
  return meets(basesA, basesB) || meets(basesB, basesA);
}

const basesOf = (tokens: readonly Token[]): ReadonlySet<string> => new Set(tokens.map(({ key }) => baseOf(key)));

/** The table is symmetric, prefixes are not. */
function meets(some: ReadonlySet<string>, others: ReadonlySet<string>): boolean {
  for (const key of some) {
    for (const opposite of oppositesOf(key)) if (others.has(opposite)) return true;
    for (const opposite of unprefixed(key)) if (others.has(opposite)) return true;
  }
  return false;
}

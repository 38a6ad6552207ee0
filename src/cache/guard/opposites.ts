import { oppositesOf, unprefixed } from './antonyms.ts';
import { type Reading, unmatched } from './reading.ts';
import { baseOf } from './tokens.ts';

/** Whether one text has a word, and the other its opposite in its stead. */
export function hasOpposites(a: Reading, b: Reading): boolean {
  const onlyA = basesOf(a, b);
  const onlyB = basesOf(b, a);
  return meets(onlyA, onlyB) || meets(onlyB, onlyA);
}

const basesOf = (a: Reading, b: Reading): ReadonlySet<string> =>
  new Set(unmatched(a, b).map(({ key }) => baseOf(key)));

/** The table is symmetric, prefixes are not. */
function meets(some: ReadonlySet<string>, others: ReadonlySet<string>): boolean {
  for (const key of some) {
    for (const opposite of oppositesOf(key)) if (others.has(opposite)) return true;
    for (const opposite of unprefixed(key)) if (others.has(opposite)) return true;
  }
  return false;
}

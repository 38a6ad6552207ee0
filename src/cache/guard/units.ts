import type { Pair } from './pair.ts';
import type { Token } from './tokens.ts';
import { isLoose, signsIn } from './unit-names.ts';

export const unitsOf = (text: string, tokens: readonly Token[]): ReadonlySet<string> =>
  new Set([...signsIn(text), ...tokens.flatMap(({ unit }) => (unit === null ? [] : [unit]))]);

/** Whether one text measures in something that the other does not. */
export function hasOtherUnits({ a, b }: Pair): boolean {
  const onlyA = [...a.units].filter((unit) => !b.units.has(unit));
  const onlyB = [...b.units].filter((unit) => !a.units.has(unit));
  if (onlyA.length > 0 && onlyB.length > 0) return true;
  return [...onlyA, ...onlyB].some((unit) => !isLoose(unit));
}

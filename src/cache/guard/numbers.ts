import type { Pair } from './pair.ts';
import type { Reading } from './reading.ts';
import type { Token } from './tokens.ts';

/** Whether the texts hold different numbers, however they are written. The word "one" may stand for 1 or for nothing. */
export const hasOtherNumbers = ({ a, b, onlyA, onlyB }: Pair): boolean => hasMore(onlyA, b) || hasMore(onlyB, a);

function hasMore(only: readonly Token[], { counts }: Reading): boolean {
  const extra = only.filter(({ kind }) => kind === 'number');
  const ones = extra.filter(({ key }) => key === '#1').length;
  return extra.length > ones || ones > (counts.get('one') ?? 0);
}

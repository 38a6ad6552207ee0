import { type Reading, unmatched } from './reading.ts';

/** Whether the texts hold different numbers, however they are written. The word "one" may stand for 1 or for nothing. */
export function hasOtherNumbers(a: Reading, b: Reading): boolean {
  return hasMore(a, b) || hasMore(b, a);
}

function hasMore(a: Reading, b: Reading): boolean {
  const extra = unmatched(a, b).filter(({ kind }) => kind === 'number');
  const ones = extra.filter(({ key }) => key === '#1').length;
  return extra.length > ones || ones > (b.counts.get('one') ?? 0);
}

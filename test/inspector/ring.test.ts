import { expect, it } from 'vitest';
import { Ring } from '../../src/inspector/ring.ts';

function filled(most: number, count: number): Ring<number> {
  const ring = new Ring<number>(most);
  for (let n = 1; n <= count; n++) ring.push(n);
  return ring;
}

it.each([0, 1, 3, 4, 5, 9, 1_000])('keeps the last four of %i', (count) => {
  const kept = [...filled(4, count).after(0)];

  expect(kept).toEqual(
    Array.from({ length: Math.min(4, count) }, (_, index) => count - Math.min(4, count) + index + 1),
  );
});

it('gives what came after a number, as far as it is kept', () => {
  const ring = filled(4, 10);

  expect([...ring.after(8)]).toEqual([9, 10]);
  expect([...ring.after(10)]).toEqual([]);
  expect([...ring.after(2)]).toEqual([7, 8, 9, 10]);
  expect(ring.count).toBe(10);
});

import { expect, it } from 'vitest';
import { hasBudget } from '../../src/retry/budget.ts';

/** How many retries at once are allowed. */
function allowed(running: number): number {
  let retrying = 0;
  while (hasBudget(retrying, running)) retrying++;
  return retrying;
}

it.each([
  [1, 3],
  [15, 3],
  [16, 4],
  [20, 4],
  [32, 7],
  [1_000, 200],
])('with %i calls running, %i may be retried at once: three, or a fifth of them', (running, retries) => {
  expect(allowed(running)).toBe(retries);
});

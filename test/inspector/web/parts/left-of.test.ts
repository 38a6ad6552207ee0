import { expect, it } from 'vitest';
import { leftOf } from '../../../../src/inspector/web/parts/left-of.ts';

it('runs from whole to nothing, and stays within', () => {
  expect([0, 40_000, 70_000, 100_000, 130_000].map((now) => leftOf(100_000, 60_000, now))).toEqual([1, 1, 0.5, 0, 0]);
});

it('is over at once where there was no time', () => {
  expect(leftOf(5, 0, 0)).toBe(0);
});

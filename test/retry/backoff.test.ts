import { describe, expect, it } from 'vitest';
import { backoff, DEFAULT_BACKOFF } from '../../src/retry/backoff.ts';

const USUAL = { baseMs: 500, maxMs: 8_000 };

/** Many draws of the wait before the n-th retry. */
function draws(retry: number, options = USUAL, count = 2_000): number[] {
  const drawn: number[] = [];
  let seed = 1;
  for (let index = 0; index < count; index++) {
    const next = backoff(retry, options, seed, 0);
    drawn.push(next.ms);
    seed = next.seed;
  }
  return drawn;
}

describe('the wait before a retry', () => {
  it.each([
    [1, 500],
    [2, 1_000],
    [3, 2_000],
    [5, 8_000],
    [6, 8_000],
  ])('is spread evenly over everything from nothing to the longest: retry %i, %i ms', (retry, longest) => {
    const drawn = draws(retry);
    const quarters = [0, 0, 0, 0];
    for (const ms of drawn) quarters[Math.floor((4 * ms) / longest)]!++;
    expect(quarters).toHaveLength(4);
    for (const count of quarters) expect(Math.abs(count - drawn.length / 4)).toBeLessThan(drawn.length / 16);
  });

  it('is finite and at most maxMs after any number of retries', () => {
    let seed = 7;
    for (let retry = 1; retry <= 10_000; retry++) {
      const drawn = backoff(retry, USUAL, seed, 0);
      expect(drawn.ms >= 0 && drawn.ms <= USUAL.maxMs, `retry ${retry}: ${drawn.ms}`).toBe(true);
      seed = drawn.seed;
    }
    expect(backoff(10_000, { baseMs: Number.MAX_VALUE, maxMs: Number.MAX_VALUE }, 1, 0).ms).toBeLessThan(
      Number.POSITIVE_INFINITY,
    );
    expect(backoff(10_000, { baseMs: 0, maxMs: 0 }, 1, 0).ms).toBe(0);
  });

  it('is never shorter than what the provider asks for, and never shortened by it', () => {
    const { ms, seed } = backoff(1, USUAL, 5, 0);
    expect(ms).toBeGreaterThan(0);
    expect(backoff(1, USUAL, 5, 20_000)).toEqual({ ms: 20_000, seed });
    expect(backoff(1, USUAL, 5, ms / 2)).toEqual({ ms, seed });
  });

  it('is the same for the same seed, and another for the next', () => {
    const first = backoff(3, USUAL, 9, 0);
    expect(backoff(3, USUAL, 9, 0)).toEqual(first);
    expect(backoff(3, USUAL, first.seed, 0).ms).not.toBe(first.ms);
    expect(DEFAULT_BACKOFF).toEqual(USUAL);
  });
});

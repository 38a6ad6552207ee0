import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Distribution } from '../../src/telemetry/distribution.ts';

const DAY = 24 * 60 * 60 * 1_000;

const of = (...durations: readonly number[]): Distribution => {
  const distribution = new Distribution();
  for (const ms of durations) distribution.record(ms);
  return distribution;
};

describe('a distribution', () => {
  it('knows nothing before the first', () => {
    const distribution = new Distribution();
    expect(distribution.count).toBe(0);
    expect(distribution.mean).toBe(0);
    expect(distribution.percentiles()).toEqual({ p50: null, p95: null, p99: null });
  });

  it('has the one duration it knows at each percentile', () => {
    const { p50, p95, p99 } = of(250).percentiles();
    expect([p50, p95, p99]).toEqual([p50, p50, p50]);
    expect(p50! / 250).toBeCloseTo(1, 2);
  });

  it('has the exact mean', () => {
    expect(of(1, 2, 6).mean).toBe(3);
    expect(of(0.25, 0.75).mean).toBe(0.5);
  });

  it('agrees with a sorted list within one per cent', () => {
    const durations = fc.array(fc.double({ min: 0.1, max: 3_600_000, noNaN: true }), { minLength: 1, maxLength: 300 });
    fc.assert(
      fc.property(durations, (list) => {
        const distribution = of(...list);
        const sorted = list.toSorted((a, b) => a - b);
        const { p50, p95, p99 } = distribution.percentiles();
        expect(distribution.count).toBe(list.length);
        for (const [given, percentile] of [
          [p50, 50],
          [p95, 95],
          [p99, 99],
        ] as const) {
          // Between two entries either is right; half a microsecond is lost to rounding.
          const rank = (percentile / 100) * sorted.length;
          const lower = sorted[Math.max(1, Math.floor(rank)) - 1]!;
          const upper = sorted[Math.ceil(rank) - 1]!;
          expect(given).toBeGreaterThanOrEqual(lower * 0.99 - 0.0005);
          expect(given).toBeLessThanOrEqual(upper * 1.01 + 0.0005);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('tells fractions of a millisecond apart', () => {
    expect(of(0.25).percentiles().p50).toBeCloseTo(0.25, 2);
    expect(of(0.75).percentiles().p50).toBeCloseTo(0.75, 2);
  });

  it('takes a duration of nothing, and a little less than nothing, for the shortest', () => {
    for (const ms of [0, -0.5]) {
      const distribution = of(ms);
      expect(distribution.count).toBe(1);
      expect(distribution.percentiles().p50).toBeLessThan(0.01);
    }
  });

  it('counts whatever takes longer than a day as a day', () => {
    for (const ms of [DAY, 9 * DAY, Number.MAX_SAFE_INTEGER]) {
      const distribution = of(ms);
      expect(distribution.count).toBe(1);
      expect(distribution.percentiles().p99! / DAY).toBeCloseTo(1, 1);
    }
  });
});

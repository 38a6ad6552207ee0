import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fadedEwma, peakEwma } from '../../src/routing/peak-ewma.ts';

const ms = fc.double({ min: 0, max: 100_000, noNaN: true });
const time = fc.integer({ min: 0, max: 60_000 });
const tau = fc.integer({ min: 1, max: 60_000 });

describe('the peak EWMA', () => {
  it('begins with the first sample', () => {
    expect(peakEwma(null, 120, 5_000)).toEqual({ ewmaMs: 120, at: 5_000 });
  });

  it('takes a sample above it at once, however soon it comes', () => {
    expect(peakEwma({ ewmaMs: 100, at: 1_000 }, 900, 1_000)).toEqual({ ewmaMs: 900, at: 1_000 });
    expect(peakEwma({ ewmaMs: 100, at: 1_000 }, 100.5, 90_000)).toEqual({ ewmaMs: 100.5, at: 90_000 });
  });

  it.each([
    [0, 1_000],
    // What is left of the difference of 900 ms after 1 τ, after its half-life, and after 10 τ.
    [10_000, 100 + 900 / Math.E],
    [10_000 * Math.LN2, 550],
    [100_000, 100 + 900 * Math.exp(-10)],
  ])('has gone down %d ms later to what exp(−Δt/τ) leaves, τ being 10 s', (elapsedMs, expected) => {
    const { ewmaMs, at } = peakEwma({ ewmaMs: 1_000, at: 500 }, 100, 500 + elapsedMs);
    expect(ewmaMs).toBeCloseTo(expected, 9);
    expect(at).toBe(500 + elapsedMs);
  });

  it('goes down faster with a shorter τ', () => {
    expect(peakEwma({ ewmaMs: 1_000, at: 0 }, 100, 1_000, 1_000).ewmaMs).toBeCloseTo(100 + 900 / Math.E, 9);
  });

  it('stays where it is when a lower sample comes from before the last one', () => {
    expect(peakEwma({ ewmaMs: 1_000, at: 500 }, 100, 400).ewmaMs).toBe(1_000);
  });

  it('comes to the same by equal samples at any times in between as by the last one alone', () => {
    fc.assert(
      fc.property(ms, ms, fc.array(time, { minLength: 1, maxLength: 20 }), tau, (a, b, times, tauMs) => {
        const start = { ewmaMs: Math.max(a, b), at: 0 };
        const sample = Math.min(a, b);
        const sorted = times.toSorted((x, y) => x - y);
        const inSteps = sorted.reduce((average, at) => peakEwma(average, sample, at, tauMs), start);
        const atOnce = peakEwma(start, sample, sorted.at(-1)!, tauMs);
        expect(inSteps.ewmaMs).toBeCloseTo(atOnce.ewmaMs, 4);
        expect(inSteps.at).toBe(atOnce.at);
      }),
    );
  });

  it('is never below the latest sample nor above the highest', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(ms, time), { minLength: 1, maxLength: 30 }), tau, (samples, tauMs) => {
        let average: ReturnType<typeof peakEwma> | null = null;
        let at = 0;
        let highest = 0;
        for (const [sample, elapsed] of samples) {
          at += elapsed;
          highest = Math.max(highest, sample);
          average = peakEwma(average, sample, at, tauMs);
          expect(average.ewmaMs).toBeGreaterThanOrEqual(sample * (1 - 1e-12));
          expect(average.ewmaMs).toBeLessThanOrEqual(highest * (1 + 1e-12));
        }
      }),
    );
  });
});

describe('a faded average', () => {
  it('is what it was at its last sample, and 1/e of it after τ', () => {
    expect(fadedEwma({ ewmaMs: 1_000, at: 500 }, 500)).toBe(1_000);
    expect(fadedEwma({ ewmaMs: 1_000, at: 500 }, 10_500)).toBeCloseTo(1_000 / Math.E, 9);
    expect(fadedEwma({ ewmaMs: 1_000, at: 500 }, 1_500, 1_000)).toBeCloseTo(1_000 / Math.E, 9);
    expect(fadedEwma({ ewmaMs: 1_000, at: 500 }, 400)).toBe(1_000);
  });

  it('is what a sample of 0 ms would make of it', () => {
    fc.assert(
      fc.property(ms, time, time, tau, (ewmaMs, at, elapsed, tauMs) => {
        const average = { ewmaMs, at };
        expect(fadedEwma(average, at + elapsed, tauMs)).toBe(peakEwma(average, 0, at + elapsed, tauMs).ewmaMs);
      }),
    );
  });
});

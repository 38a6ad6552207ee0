import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openTime, rememberedOpens } from '../../src/breaker/open-time.ts';
import { type BreakerOptions, DEFAULT_BREAKER } from '../../src/breaker/options.ts';

const anySeed = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const anyOpens = fc.integer({ min: 1, max: 10_000 });
const anyOptions = fc
  .record({
    recoveryTimeoutMs: fc.integer({ min: 0, max: 1_000_000 }),
    beyond: fc.integer({ min: 0, max: 10_000_000 }),
    openJitter: fc.double({ min: 0, max: 1, noNaN: true }),
    maxHintMs: fc.integer({ min: 0, max: 10_000_000 }),
  })
  .map(
    ({ recoveryTimeoutMs, beyond, openJitter, maxHintMs }): BreakerOptions => ({
      ...DEFAULT_BREAKER,
      recoveryTimeoutMs,
      maxOpenMs: recoveryTimeoutMs + beyond,
      openJitter,
      maxHintMs,
    }),
  );

/** Doubled step by step, as the documentation says it. */
function doubled(opens: number, { recoveryTimeoutMs, maxOpenMs }: BreakerOptions): number {
  let ms = recoveryTimeoutMs;
  for (let open = 1; open < opens && ms < maxOpenMs && ms > 0; open++) ms *= 2;
  return Math.min(ms, maxOpenMs);
}

describe('the time that a breaker stays open', () => {
  it('with the defaults is a minute, two, four, then five', () => {
    const options = { ...DEFAULT_BREAKER, openJitter: 0 };
    const times = [1, 2, 3, 4, 5].map((opens) => openTime(opens, options, 1, undefined).ms);
    expect(times).toEqual([60_000, 120_000, 240_000, 300_000, 300_000]);
  });

  it('is never shorter than its doubled recovery time and never longer than that and its jitter', () => {
    fc.assert(
      fc.property(anyOptions, anyOpens, anySeed, (options, opens, seed) => {
        const { ms } = openTime(opens, options, seed, undefined);
        const base = doubled(opens, options);
        expect(ms).toBeGreaterThanOrEqual(base);
        expect(ms).toBeLessThanOrEqual(base * (1 + options.openJitter));
      }),
    );
  });

  it('is the hint to the millisecond when the hint is longer, and is not touched by a shorter one', () => {
    fc.assert(
      fc.property(
        anyOptions,
        anyOpens,
        anySeed,
        fc.integer({ min: 0, max: 20_000_000 }),
        (options, opens, seed, hint) => {
          const without = openTime(opens, options, seed, undefined).ms;
          const cut = Math.min(hint, options.maxHintMs);
          expect(openTime(opens, options, seed, hint).ms).toBe(cut > without ? cut : without);
        },
      ),
    );
  });

  it('may pass the longest open time for a hint, but not the longest hint', () => {
    const options = { ...DEFAULT_BREAKER, openJitter: 0 };
    expect(openTime(1, options, 1, 1_800_001).ms).toBe(1_800_001);
    expect(openTime(1, options, 1, 3_600_001).ms).toBe(3_600_000);
    expect(openTime(1, options, 1, Number.POSITIVE_INFINITY).ms).toBe(3_600_000);
  });

  it('is finite for each of ten thousand openings in a row, whatever the options hold', () => {
    const longest = { ...DEFAULT_BREAKER, maxOpenMs: Number.MAX_VALUE / 2, openJitter: 1 };
    let seed = 3;
    for (let opens = 1; opens <= 10_000; opens++) {
      const time = openTime(opens, longest, seed, undefined);
      seed = time.seed;
      expect(Number.isFinite(time.ms)).toBe(true);
      expect(openTime(opens, { ...longest, recoveryTimeoutMs: 0 }, seed, undefined).ms).toBe(0);
    }
  });

  it('draws another jitter each time, from the seed alone', () => {
    const options = { ...DEFAULT_BREAKER, openJitter: 0.2 };
    const first = openTime(1, options, 11, undefined);
    expect(openTime(1, options, 11, undefined)).toEqual(first);
    expect(openTime(1, options, first.seed, undefined).ms).not.toBe(first.ms);
  });

  it('moves the seed on even when no jitter is wanted or a hint rules, so that a replay draws the same later', () => {
    const { seed } = openTime(1, DEFAULT_BREAKER, 11, undefined);
    expect(openTime(1, { ...DEFAULT_BREAKER, openJitter: 0 }, 11, undefined).seed).toBe(seed);
    expect(openTime(1, DEFAULT_BREAKER, 11, 3_000_000).seed).toBe(seed);
  });
});

describe('the openings that are remembered', () => {
  it('fall by one for each recovery time spent closed, to none and not below', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 10_000 }),
        fc.integer({ min: 1, max: 1_000 }),
        fc.integer({ min: 0, max: 1_000 }),
        fc.integer({ min: 0, max: 20_000 }),
        (opens, recoveryTimeoutMs, closedAt, periods) => {
          const options = { ...DEFAULT_BREAKER, recoveryTimeoutMs };
          const at = closedAt + periods * recoveryTimeoutMs;
          const left = Math.max(0, opens - periods);
          expect(rememberedOpens({ opens, closedAt }, options, at)).toBe(left);
          expect(rememberedOpens({ opens, closedAt }, options, at + recoveryTimeoutMs - 1)).toBe(left);
        },
      ),
    );
  });

  it('are none without a recovery time, however short the breaker was closed', () => {
    const options = { ...DEFAULT_BREAKER, recoveryTimeoutMs: 0 };
    expect(rememberedOpens({ opens: 10_000, closedAt: 5 }, options, 5)).toBe(0);
  });
});

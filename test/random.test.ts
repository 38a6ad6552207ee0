import { describe, expect, it } from 'vitest';
import { hashSeed, nextRandom } from '../src/random.ts';

function draws(seed: number, count: number): number[] {
  const values: number[] = [];
  let state = seed;
  for (let index = 0; index < count; index++) {
    const draw = nextRandom(state);
    values.push(draw.value);
    state = draw.seed;
  }
  return values;
}

describe('the random generator', () => {
  it('draws what mulberry32 draws', () => {
    // The published reference implementation, written out.
    let a = 12345;
    const reference = (): number => {
      a = (a + 0x6d2b79f5) | 0;
      let t = Math.imul(a ^ (a >>> 15), 1 | a);
      t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
      return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
    };
    expect(draws(12345, 50)).toEqual(Array.from({ length: 50 }, reference));
    expect(draws(0, 1)[0]).toBeCloseTo(0.26642920868471265, 15);
  });

  it('is pure: the same seed gives the same draw', () => {
    expect(nextRandom(7)).toEqual(nextRandom(7));
    expect(nextRandom(7)).not.toEqual(nextRandom(8));
  });

  it('keeps within [0, 1) with a 32-bit state', () => {
    let seed = 0x7fffffff;
    for (let index = 0; index < 10_000; index++) {
      const draw = nextRandom(seed);
      expect(draw.value >= 0 && draw.value < 1).toBe(true);
      expect(draw.seed).toBe(draw.seed | 0);
      seed = draw.seed;
    }
  });

  it('spreads evenly', () => {
    const tenths = new Array<number>(10).fill(0);
    for (const value of draws(1, 100_000)) tenths[Math.floor(value * 10)]! += 1;
    // Ten standard deviations of a fair share: 10,000 ± 950.
    for (const count of tenths) expect(Math.abs(count - 10_000)).toBeLessThan(950);
  });
});

describe('a seed made of names', () => {
  it('is the same for the same parts and another for others', () => {
    expect(hashSeed('gpu', 1)).toBe(hashSeed('gpu', 1));
    expect(new Set([hashSeed('gpu', 1), hashSeed('gpu', 2), hashSeed('cpu', 1), hashSeed(1, 'gpu')]).size).toBe(4);
  });

  it('knows where one part ends', () => {
    expect(hashSeed('ab', 'c')).not.toBe(hashSeed('a', 'bc'));
    expect(hashSeed('ab')).not.toBe(hashSeed('a', 'b'));
  });

  it('is a 32-bit integer without collisions among ten thousand names', () => {
    const seeds = Array.from({ length: 10_000 }, (_, index) => hashSeed('model', index));
    expect(seeds.every((seed) => seed === (seed | 0))).toBe(true);
    expect(new Set(seeds).size).toBe(10_000);
  });
});

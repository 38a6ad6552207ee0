import { describe, expect, it } from 'vitest';
import { depthPath, unwatched } from '../../../../src/inspector/web/timeline/depth.ts';
import { second, seconds } from './figures.ts';

const SCALE = { from: 0, to: 60_000, pxPerMs: 0.01, height: 20, maxDepth: 10 };

describe('the seconds that nobody watched', () => {
  it('are those before, between and behind the samples', () => {
    const samples = [...seconds(11_000, 5), ...seconds(31_000, 10)];
    expect(unwatched(samples, 0, 60_000)).toEqual([
      { from: 0, to: 10_000 },
      { from: 15_000, to: 30_000 },
      { from: 40_000, to: 60_000 },
    ]);
  });

  it('are all when there is no sample, and none when there is one for each', () => {
    expect(unwatched([], 0, 9_000)).toEqual([{ from: 0, to: 9_000 }]);
    expect(unwatched(seconds(1_000, 60), 0, 60_000)).toEqual([]);
  });
});

describe('the depth of a queue', () => {
  it('is drawn against its greatest depth, and as more than nothing when it is more', () => {
    expect(depthPath([second(1_000, { depth: 5 })], SCALE)).toBe('M0 20L0 10L10 10L10 20Z');
    expect(depthPath([second(1_000, { depth: 1 })], { ...SCALE, maxDepth: 1_000 })).toContain('L10 19');
    expect(depthPath([second(1_000, { depth: 30 })], SCALE)).toContain('L10 0');
  });

  it('has a gap where nobody watched', () => {
    const path = depthPath([...seconds(1_000, 3, { depth: 5 }), ...seconds(20_000, 3, { depth: 5 })], SCALE);
    expect(path.match(/M/g)).toHaveLength(2);
    expect(path.match(/Z/g)).toHaveLength(2);
    expect(path).toContain('L30 20Z');
    expect(path).toContain('M190 20');
  });

  it('shows the deepest second of each pixel, and no more points than pixels', () => {
    const samples = seconds(1_000, 1_000).map((sample, index) => (index === 498 ? { ...sample, depth: 10 } : sample));
    const path = depthPath(samples, { ...SCALE, to: 1_000_000, pxPerMs: 0.0001 });
    expect(path.match(/L/g)!.length).toBeLessThan(110);
    expect(path).toMatch(/L50 0/);
  });

  it('is nothing of what lies outside', () => {
    expect(depthPath(seconds(100_000, 5, { depth: 3 }), SCALE)).toBe('');
  });
});

import { describe, expect, it } from 'vitest';
import { wordPlaces } from '../../../../src/inspector/web/timeline/lane-picture.tsx';

const SCALE = { from: 0, to: 450_000, pxPerMs: 0.002 };

describe('the word of a stretch', () => {
  it('stands at its beginning, and again wherever the window may be', () => {
    expect(wordPlaces({ from: -1_000, to: Number.POSITIVE_INFINITY }, 60, SCALE)).toEqual([0, 300, 600]);
    expect(wordPlaces({ from: 50_000, to: 200_000 }, 60, SCALE)).toEqual([100, 300]);
  });

  it('is left out where there is no room for it', () => {
    expect(wordPlaces({ from: 50_000, to: 75_000 }, 60, SCALE)).toEqual([]);
  });
});

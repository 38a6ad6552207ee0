import { describe, expect, it } from 'vitest';
import {
  drawnOf,
  MAX_SPAN_MS,
  MIN_SPAN_MS,
  panned,
  zoomed,
} from '../../../../src/inspector/web/timeline/time-window.ts';

const NOW = 10_000_000;
const WINDOW = { end: NOW - 100_000, spanMs: 300_000 };

describe('the window on the time', () => {
  it('keeps the moment under the pointer where it is when it is zoomed', () => {
    const about = WINDOW.end - 75_000;
    const { end, spanMs } = zoomed(WINDOW, 1 / 2, about, NOW);
    expect(spanMs).toBe(150_000);
    expect((end - about) / spanMs).toBeCloseTo(0.25);
  });

  it('is between 30 s and 30 min wide, and never shows the future', () => {
    expect(zoomed(WINDOW, 1e-6, WINDOW.end, NOW).spanMs).toBe(MIN_SPAN_MS);
    const wide = zoomed(WINDOW, 1e6, WINDOW.end - 300_000, NOW);
    expect(wide).toEqual({ spanMs: MAX_SPAN_MS, end: NOW });
  });

  it('moves as far as there is something to be seen', () => {
    expect(panned(WINDOW, -50_000, 0, NOW).end).toBe(WINDOW.end - 50_000);
    expect(panned(WINDOW, 1e9, 0, NOW).end).toBe(NOW);
    expect(panned(WINDOW, -1e9, 9_000_000, NOW).end).toBe(9_150_000);
  });

  it('lies within what is drawn, which stays the same while it moves a little', () => {
    for (let end = NOW; end < NOW + 400_000; end += 7_919) {
      const { from, to } = drawnOf({ end, spanMs: 300_000 });
      expect(from).toBeLessThanOrEqual(end - 300_000);
      expect(to).toBeGreaterThanOrEqual(end);
    }
    expect(drawnOf({ end: 9_900_001, spanMs: 300_000 })).toEqual(drawnOf({ end: 9_999_999, spanMs: 300_000 }));
  });
});

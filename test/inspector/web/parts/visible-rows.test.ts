import { describe, expect, it } from 'vitest';
import { rowAfter, scrolledTo, visibleRows } from '../../../../src/inspector/web/parts/visible-rows.ts';

describe('the rows that are drawn', () => {
  it('are those that are seen and a few beyond the edges, however long the list is', () => {
    const { from, to } = visibleRows(1_000, 32, 3_200, 320);
    expect(from).toBeLessThan(100);
    expect(to).toBeGreaterThan(110);
    expect(to - from).toBeLessThan(30);
  });

  it('are never others than there are', () => {
    expect(visibleRows(3, 32, 0, 320)).toEqual({ from: 0, to: 3 });
    expect(visibleRows(0, 32, 500, 320)).toEqual({ from: 0, to: 0 });
    // The list has become shorter under a scroll bar that has not heard of it.
    const { from, to } = visibleRows(10, 32, 9_000, 320);
    expect(from).toBeLessThanOrEqual(to);
  });
});

describe('scrolling to a row', () => {
  it('goes no further than it must', () => {
    expect(scrolledTo(5, 32, 0, 320)).toBe(0);
    expect(scrolledTo(12, 32, 0, 320)).toBe(96);
    expect(scrolledTo(2, 32, 200, 320)).toBe(64);
  });
});

describe('the keys of the list', () => {
  it.each<[string, number, number | null]>([
    ['ArrowDown', 0, 1],
    ['ArrowDown', 49, 49],
    ['ArrowUp', 0, 0],
    ['PageDown', 5, 15],
    ['PageUp', 15, 5],
    ['Home', 20, 0],
    ['End', 20, 49],
    ['x', 20, null],
  ])('%s at row %i leads to %s', (key, index, to) => {
    expect(rowAfter(key, index, 50, 10)).toBe(to);
  });

  it('lead nowhere in an empty list', () => {
    expect(rowAfter('End', 0, 0, 10)).toBeNull();
  });
});

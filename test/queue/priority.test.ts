import { describe, expect, it } from 'vitest';
import { DEFAULT_BOOSTS, isLowerClass, PRIORITY_CLASSES, Priority } from '../../src/queue/priority.ts';

describe('the classes of service', () => {
  it('are four, from most to least important', () => {
    expect(PRIORITY_CLASSES).toEqual(['critical', 'high', 'normal', 'low']);
    expect(Object.values(Priority)).toEqual(PRIORITY_CLASSES);
  });

  it('stand each below those before it, and none below itself', () => {
    const below = PRIORITY_CLASSES.map((a) => PRIORITY_CLASSES.filter((b) => isLowerClass(a, b)));
    expect(below).toEqual([[], ['critical'], ['critical', 'high'], ['critical', 'high', 'normal']]);
  });
});

describe('the default boosts', () => {
  it('are those that are documented', () => {
    expect(DEFAULT_BOOSTS).toEqual({ critical: 60_000, high: 45_000, normal: 5_000, low: 0 });
  });

  it('put the two urgent classes at least 40 s ahead of the two others', () => {
    const lead = Math.min(DEFAULT_BOOSTS.critical, DEFAULT_BOOSTS.high) - DEFAULT_BOOSTS.normal;
    expect(lead).toBe(40_000);
    expect(DEFAULT_BOOSTS.low).toBeLessThan(DEFAULT_BOOSTS.normal);
  });

  it('differ by no more than half the default deadline of 120 s', () => {
    const boosts = Object.values(DEFAULT_BOOSTS);
    expect(Math.max(...boosts) - Math.min(...boosts)).toBeLessThanOrEqual(60_000);
  });
});

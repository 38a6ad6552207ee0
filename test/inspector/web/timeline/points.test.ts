import { describe, expect, it } from 'vitest';
import type { Mark } from '../../../../src/inspector/protocol.ts';
import { explanationsOf, pointLabel } from '../../../../src/inspector/web/timeline/point-words.ts';
import { isTabStop, pointsOf, signOf, stateOf, withKept } from '../../../../src/inspector/web/timeline/points.ts';
import { changed, second } from './figures.ts';

const failed = (at: number, count = 1) =>
  second(at, { failures: { count, requestId: `r-${at}`, status: 503, code: 'overloaded' } });

describe('the points of a lane', () => {
  it('gather what stands close together, from the oldest to the newest', () => {
    const points = pointsOf(
      [changed(5_000, 'closed', 'open')],
      [failed(2_000), failed(6_000), second(7_000)],
      4_000,
      0,
      60_000,
    );
    expect(points.map(({ marks, events }) => [marks.length, events.length])).toEqual([
      [0, 1],
      [1, 1],
    ]);
  });

  it('keep their keys while time goes on', () => {
    const samples = [failed(2_000), failed(30_000)];
    const later = pointsOf([], samples, 4_000, 10_000, 70_000);
    expect(pointsOf([], samples, 4_000, 0, 60_000)[1]!.key).toBe(later[0]!.key);
  });

  it('stand where the change was, and leave out what lies outside', () => {
    const [point, ...others] = pointsOf([changed(5_130, 'closed', 'open')], [failed(90_000)], 4_000, 0, 60_000);
    expect(point!.at).toBe(5_130);
    expect(others).toEqual([]);
  });

  it('look like the weightiest of what they hold', () => {
    const limited = second(2_500, { rateLimited: { count: 1, requestId: 'r' } });
    const [failures] = pointsOf([], [limited, failed(2_600)], 4_000, 0, 60_000);
    expect(signOf(failures!)).toBe('rateLimited');
    const [opened] = pointsOf([changed(2_000, 'closed', 'open')], [limited], 4_000, 0, 60_000);
    expect([signOf(opened!), stateOf(opened!)]).toEqual(['breaker', 'open']);
  });

  it('say what happened, the newest first, with the request that it happened to', () => {
    const [point] = pointsOf([changed(1_400, 'closed', 'open')], [failed(2_000, 3)], 4_000, 0, 60_000);
    expect(explanationsOf(point!)).toMatchObject([
      { title: '3 failed calls', why: 'the last of them: status 503, overloaded', requestId: 'r-2000' },
      { title: 'Opened', at: 1_400 },
    ]);
  });

  it('are called by their last change, or else by what happened last', () => {
    const [changedThere] = pointsOf([changed(1_400, 'closed', 'open')], [failed(2_000, 3)], 4_000, 0, 60_000);
    expect(pointLabel(changedThere!)).toMatch(/^Opened at \d\d:\d\d:01, and 1 more$/);
    const [failedThere] = pointsOf([], [failed(2_000, 3)], 4_000, 0, 60_000);
    expect(pointLabel(failedThere!)).toMatch(/^3 failed calls at \d\d:\d\d:02$/);
  });

  it('keep their identity as long as they hold the same', () => {
    const samples = [failed(2_000), failed(30_000)];
    const before = pointsOf([], samples, 4_000, 0, 60_000);
    const after = pointsOf([changed(31_000, 'closed', 'open')], [...samples, failed(50_000)], 4_000, 0, 60_000);
    const kept = withKept(after, before);
    expect(kept[0]).toBe(before[0]);
    expect(kept.slice(1)).toEqual(after.slice(1));
  });

  it('stop Tab at each change, and at the first of a lane without any', () => {
    const stops = (marks: readonly Mark[]): boolean[] => {
      const points = pointsOf(marks, [failed(2_000), failed(30_000)], 4_000, 0, 60_000);
      return points.map((_, index) => isTabStop(points, index));
    };
    expect(stops([])).toEqual([true, false]);
    expect(stops([changed(29_400, 'closed', 'open')])).toEqual([false, true]);
  });

  it("draw a command that has changed nothing as an operator's change, of no state", () => {
    const reset: Mark = { n: 1, at: 2_000, kind: 'command', model: 'a', command: 'reset' };
    const [point] = pointsOf([reset], [], 4_000, 0, 60_000);
    expect(signOf(point!)).toBe('control');
    expect(stateOf(point!)).toBeUndefined();
  });
});

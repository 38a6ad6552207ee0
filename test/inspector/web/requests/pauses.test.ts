import { describe, expect, it } from 'vitest';
import { pausesOf } from '../../../../src/inspector/web/requests/pauses.ts';

const at = (...times: (number | null)[]) => times.map((time) => ({ at: time }));

describe('the pauses between steps', () => {
  it('are drawn to scale, and cut where they are long', () => {
    const [, short, long] = pausesOf(at(0, 100, 1_000), 1_000);
    expect(short).toEqual({ ms: 100, px: 32, isCut: false });
    expect(long!.isCut).toBe(true);
    expect(long!.ms).toBe(900);
    expect(long!.px).toBeLessThan(100);
  });

  it('count from the last step whose time is known', () => {
    expect(pausesOf(at(0, null, 100), 1_000).map(({ px }) => px)).toEqual([0, 0, 32]);
  });

  it('are none in a request that took no time', () => {
    expect(pausesOf(at(0, 0), 0).map(({ px }) => px)).toEqual([0, 0]);
  });
});

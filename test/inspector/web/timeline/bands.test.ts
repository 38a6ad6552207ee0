import { describe, expect, it } from 'vitest';
import type { Mark } from '../../../../src/inspector/protocol.ts';
import { breakerBands, cacheBands, controlBands, limitBands } from '../../../../src/inspector/web/timeline/bands.ts';
import { changed, second, seconds } from './figures.ts';

const END = Number.POSITIVE_INFINITY;
const mark = (at: number, kind: 'added' | 'removed' | 'limit_ended'): Mark => ({ n: at, at, kind, model: 'a' });

describe('the bands of a lane', () => {
  it('last from when everything is known, in the state that is the case, when nothing has changed', () => {
    expect(breakerBands({ marks: [], samples: [], since: 100 }, 'forced_open')).toEqual([
      { from: 100, to: END, value: 'forced_open' },
    ]);
  });

  it('change at the moment that a mark tells, watched or not', () => {
    const marks = [changed(5_200, 'closed', 'open'), changed(65_200, 'open', 'half_open')];
    expect(breakerBands({ marks, samples: [], since: 0 }, 'half_open')).toEqual([
      { from: 0, to: 5_200, value: 'closed' },
      { from: 5_200, to: 65_200, value: 'open' },
      { from: 65_200, to: END, value: 'half_open' },
    ]);
  });

  it('are not cut by samples that say the same as the marks', () => {
    const marks = [changed(5_200, 'closed', 'open')];
    const samples = [...seconds(1_000, 5), ...seconds(6_000, 20, { breaker: 'open' })];
    expect(breakerBands({ marks, samples, since: 0 }, 'open')).toHaveLength(2);
  });

  it('change with the second that tells it, where a mark is missing', () => {
    const samples = [...seconds(1_000, 3), second(4_000, { breaker: 'open' })];
    expect(breakerBands({ marks: [], samples, since: 0 }, 'open')).toEqual([
      { from: 0, to: 4_000, value: 'closed' },
      { from: 4_000, to: END, value: 'open' },
    ]);
  });

  it('end where the model is removed, and begin where it is added', () => {
    const marks = [
      mark(1_000, 'added'),
      mark(3_000, 'removed'),
      mark(9_000, 'added'),
      changed(9_500, 'closed', 'open'),
    ];
    expect(breakerBands({ marks, samples: [], since: 0 }, 'open')).toEqual([
      { from: 1_000, to: 3_000, value: 'closed' },
      { from: 9_000, to: 9_500, value: 'closed' },
      { from: 9_500, to: END, value: 'open' },
    ]);
  });

  it('have no length for what changed in the very moment in which it began', () => {
    const marks = [mark(1_000, 'added'), changed(1_000, 'closed', 'forced_closed')];
    expect(breakerBands({ marks, samples: [], since: 0 }, 'forced_closed')).toEqual([
      { from: 1_000, to: END, value: 'forced_closed' },
    ]);
  });

  it('tell when a rate limit held, once for one that was lengthened', () => {
    const began = (at: number): Mark => ({
      n: at,
      at,
      kind: 'limit_began',
      model: 'a',
      requestId: 'r',
      forMs: 9,
      strikes: 1,
    });
    const marks = [began(2_000), began(3_000), mark(8_000, 'limit_ended')];
    expect(limitBands({ marks, samples: [], since: 0 }, false)).toEqual([
      { from: 0, to: 2_000, value: false },
      { from: 2_000, to: 8_000, value: true },
      { from: 8_000, to: END, value: false },
    ]);
  });

  it('tell what an operator did, and what the cache did', () => {
    const paused: Mark = { n: 1, at: 40, kind: 'control', model: 'a', from: 'active', to: 'paused' };
    expect(controlBands({ marks: [paused], samples: [], since: 0 }, 'paused')[1]).toMatchObject({
      from: 40,
      value: 'paused',
    });
    const ready: Mark = { n: 1, at: 70, kind: 'cache', model: null, from: 'warming', to: 'ready', reason: null };
    expect(cacheBands({ marks: [ready], samples: [], since: 0 }, 'ready')).toEqual([
      { from: 0, to: 70, value: 'warming' },
      { from: 70, to: END, value: 'ready' },
    ]);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TargetFigures } from '../../../src/routing/strategies/ordering.ts';
import { allKnown, expectAscending, memories, order } from '../../support/ordering.ts';

describe('least-busy', () => {
  it('is by what waits and runs over what may run at once', () => {
    const declared = {
      full: { waiting: 0, running: 2, limit: 2 },
      half: { waiting: 0, running: 4, limit: 8 },
      queued: { waiting: 5, running: 2, limit: 2 },
      idle: { waiting: 0, running: 0, limit: 1 },
      alsoHalf: { waiting: 1, running: 0, limit: 2 },
    };
    expect(order('least-busy', declared).order).toEqual(['idle', 'half', 'alsoHalf', 'full', 'queued']);
  });

  it('is sorted by load, ties by declaration', () => {
    fc.assert(
      fc.property(allKnown, memories, (declared, memory) => {
        const load = ({ waiting, running, limit }: TargetFigures) => (waiting + running) / limit;
        expectAscending(order('least-busy', declared, memory).order, declared, load);
      }),
    );
  });
});

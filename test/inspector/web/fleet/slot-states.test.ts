import { expect, it } from 'vitest';
import { slotsOf } from '../../../../src/inspector/web/fleet/slot-states.ts';

it('shows which slots have a call, and which of the others may take one', () => {
  expect(slotsOf({ busySlots: [2], runningLimit: 2, maxConcurrency: 4 })).toEqual(['free', 'barred', 'busy', 'barred']);
});

it('bars every slot without a call when as many run as may', () => {
  expect(slotsOf({ busySlots: [0, 1, 2], runningLimit: 2, maxConcurrency: 4 })).toEqual([
    'busy',
    'busy',
    'busy',
    'barred',
  ]);
});

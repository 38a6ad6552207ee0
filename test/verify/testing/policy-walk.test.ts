import { expect, it } from 'vitest';
import type { PolicyEvent } from '../../../src/verify/policy-events.ts';
import type { PolicyAlphabet } from '../../../src/verify/testing/policy-specification.ts';
import { createWalk } from '../../../src/verify/testing/policy-walk.ts';
import { NOTHING } from './toy-specification.ts';

const request: PolicyEvent = { type: 'request', priority: 'normal' };
const commands = Array.from({ length: 20 }, (_, index): PolicyEvent => ({ type: 'pause', model: `m${index}` }));

const ALPHABET: PolicyAlphabet = {
  requests: [{ priority: 'normal' }],
  outcomes: [],
  cancels: false,
  operator: ['pause'],
};

function drawn(seed: number, count: number, alphabet = ALPHABET): readonly (PolicyEvent | undefined)[] {
  const choose = createWalk(seed, alphabet);
  const eventsOf = ({ requests, operator }: PolicyAlphabet): readonly PolicyEvent[] => [
    ...requests.map(() => request),
    ...operator.flatMap(() => commands),
  ];
  return Array.from({ length: count }, () => choose(eventsOf));
}

it('draws the same events for the same seed, others for another', () => {
  expect(drawn(1, 50)).toEqual(drawn(1, 50));
  expect(drawn(1, 50)).not.toEqual(drawn(2, 50));
});

it('draws every event, and the few of one kind are not drowned by the many of another', () => {
  const all = drawn(1, 1_200);
  expect(new Set(all).size).toBe(21);
  expect(all.filter((event) => event === request).length).toBeGreaterThan(900);
});

it('draws nothing of nothing', () => {
  expect(drawn(1, 1, NOTHING)).toEqual([undefined]);
});

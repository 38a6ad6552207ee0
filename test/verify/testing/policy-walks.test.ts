import { expect, it } from 'vitest';
import { testPolicy } from '../../../src/verify/testing/test-policy.ts';
import { CALLS, EVERYTHING, inOrder } from './policies.ts';

const WALKS = Number(process.env['POLICY_WALKS'] ?? 300);

it('a router with everything on does on random walks what its policy says', async () => {
  const figures = await testPolicy(EVERYTHING, {
    small: false,
    coverage: 'none',
    walks: WALKS,
    seed: 7,
    alphabet: {
      ...CALLS,
      requests: [
        { priority: 'critical' },
        { priority: 'high' },
        { priority: 'normal' },
        { priority: 'low' },
        { priority: 'normal', metadata: { tenant: 'acme' } },
      ],
      outcomes: ['succeeded', 'failed', 'refused', 'ignored'],
      operator: ['pause', 'resume', 'drain', 'breaker.force_open', 'breaker.force_closed', 'breaker.reset'],
    },
  });
  expect(figures.steps).toBe(WALKS * 50);
}, 300_000);

it.each(['weighted', 'latency'] as const)('walks ask the router for the order of the strategy %s', async (strategy) => {
  const rules = [{ name: 'dice', targets: ['a', 'b'], strategy, fallback: ['c'] }];
  const figures = await testPolicy({ ...inOrder(3), rules }, { walks: 10, alphabet: CALLS });
  expect(figures).toEqual({ states: 0, transitions: 0, paths: 0, steps: 500, isExhaustive: false });
}, 60_000);

import { expect, it } from 'vitest';
import { ConfigurationError } from '../../../src/errors.ts';
import { policyPaths } from '../../../src/verify/testing/policy-paths.ts';
import { smallPolicy } from '../../../src/verify/testing/small-policy.ts';
import { testPolicy } from '../../../src/verify/testing/test-policy.ts';
import { CALLS, inOrder } from './policies.ts';

// The specification was written from the design alone, without the router in sight.

it('a router of two models and two classes does in every transition what its policy says', async () => {
  const figures = await testPolicy(inOrder(2), {
    alphabet: { ...CALLS, requests: [{ priority: 'critical' }, { priority: 'low' }] },
    walks: 0,
  });
  expect(figures.isExhaustive).toBe(true);
  expect(figures.transitions).toBeGreaterThan(1_000);
  expect(figures.steps).toBeGreaterThanOrEqual(figures.transitions);
}, 60_000);

it('a router of three models with rate limits does in every transition what its policy says', async () => {
  const figures = await testPolicy(inOrder(3, { maxQueueDepth: 1 }), {
    alphabet: { ...CALLS, outcomes: ['succeeded', 'failed', 'rate_limited'], cancels: false },
    walks: 0,
  });
  expect(figures.isExhaustive).toBe(true);
  expect(figures.transitions).toBeGreaterThan(1_000);
}, 60_000);

it('a router of four models does in every state what its policy says', async () => {
  const figures = await testPolicy(inOrder(4, { maxQueueDepth: 1 }), {
    coverage: 'states',
    alphabet: { ...CALLS, outcomes: ['succeeded', 'failed'], cancels: false },
    walks: 0,
  });
  expect(figures.isExhaustive).toBe(true);
  expect(figures.states).toBeGreaterThan(500);
}, 60_000);

it.each([
  'weighted',
  'latency',
] as const)('no paths are drawn for the strategy %s, whose order nobody knows', (strategy) => {
  const config = { ...inOrder(2), rules: [{ name: 'dice', targets: ['a', 'b'], strategy }] };
  const paths = () => policyPaths(smallPolicy(config), { coverage: 'states' });
  expect(paths).toThrow(ConfigurationError);
  expect(paths).toThrow(`policyPaths(): rule 'dice' has the strategy ${strategy}`);
});

import { expect, it } from 'vitest';
import { ConfigurationError } from '../../../src/errors.ts';
import { policyPaths } from '../../../src/verify/testing/policy-paths.ts';
import { smallPolicy } from '../../../src/verify/testing/small-policy.ts';
import { testPolicy } from '../../../src/verify/testing/test-policy.ts';
import { CALLS, inOrder } from './policies.ts';

// The specification was written from the design alone, without the router in sight.

/** Every path that there is. */
const ALL = { walks: 0, maxStates: 10_000, maxPaths: Number.POSITIVE_INFINITY } as const;

it('a router of two models and two classes does in every transition what its policy says', async () => {
  const figures = await testPolicy(inOrder(2), {
    ...ALL,
    alphabet: { ...CALLS, requests: [{ priority: 'critical' }, { priority: 'low' }] },
  });
  expect(figures.isExhaustive).toBe(true);
  expect(figures.transitions).toBeGreaterThan(3_000);
  expect(figures.steps).toBeGreaterThanOrEqual(figures.transitions);
}, 120_000);

it('a router of three models does in every transition what its policy says', async () => {
  const figures = await testPolicy(inOrder(3, { maxQueueDepth: 1 }), { ...ALL, alphabet: CALLS });
  expect(figures.isExhaustive).toBe(true);
  expect(figures.transitions).toBeGreaterThan(3_000);
  expect(figures.steps).toBeGreaterThanOrEqual(figures.transitions);
}, 120_000);

it('a router of four models does in every state what its policy says', async () => {
  const figures = await testPolicy(inOrder(4, { maxQueueDepth: 1 }), { ...ALL, coverage: 'states', alphabet: CALLS });
  expect(figures.isExhaustive).toBe(true);
  expect(figures.states).toBeGreaterThan(4_000);
}, 120_000);

it.each([
  'weighted',
  'latency',
] as const)('no paths are drawn for the strategy %s, whose order nobody knows', (strategy) => {
  const config = { ...inOrder(2), rules: [{ name: 'dice', targets: ['a', 'b'], strategy }] };
  const paths = () => policyPaths(smallPolicy(config), { coverage: 'states' });
  expect(paths).toThrow(ConfigurationError);
  expect(paths).toThrow(`policyPaths(): rule 'dice' has the strategy ${strategy}`);
});

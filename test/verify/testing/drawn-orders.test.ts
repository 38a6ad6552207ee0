import { expect, it } from 'vitest';
import { testPolicy } from '../../../src/verify/testing/test-policy.ts';
import { CALLS, inOrder } from './policies.ts';

it.each(['weighted', 'latency'] as const)('walks ask the router for the order of the strategy %s', async (strategy) => {
  const rules = [{ name: 'dice', targets: ['a', 'b'], strategy, fallback: ['c'] }];
  const figures = await testPolicy({ ...inOrder(3), rules }, { walks: 10, alphabet: CALLS });
  expect(figures).toEqual({ states: 0, transitions: 0, paths: 0, steps: 500, isExhaustive: false });
}, 60_000);

import { expect, it } from 'vitest';
import type { RouterConfig } from '../../../src/config/router-config.ts';
import { LLMRouter } from '../../../src/llm-router.ts';
import { PolicyMismatchError } from '../../../src/verify/testing/policy-mismatch.ts';
import { testPolicy } from '../../../src/verify/testing/test-policy.ts';
import { inOrder } from './policies.ts';

/** How a router is found out that follows another policy, by walks and nothing else said. */
async function mismatch(given: RouterConfig, change: (config: RouterConfig) => RouterConfig) {
  const error = await testPolicy(given, {
    coverage: 'none',
    createRouter: ({ config, clock, backendOf }) => LLMRouter.fromConfig(change(config), { clock, backendOf, seed: 1 }),
  }).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(PolicyMismatchError);
  return (error as PolicyMismatchError).differences.map(({ where }) => where);
}

it('by default a router is found out that tries once more than it may', async () => {
  const found = await mismatch({ ...inOrder(1), retries: { maxRetries: 1 } }, (config) => ({
    ...config,
    retries: { ...config.retries, maxRetries: 2 },
  }));
  expect(found).toContain('models.a.backingOff');
});

it('by default a router is found out that lets fewer requests wait outside than it may', async () => {
  const rules = [{ name: 'all', targets: ['a'], whenUnavailable: 'wait' as const }];
  const found = await mismatch({ ...inOrder(1), rules }, (config) => ({
    ...config,
    queue: { ...config.queue, maxParked: 1 },
  }));
  expect(found).toContain('parked');
});

it('by default a router is found out that does not know the last value of a list', async () => {
  const rules = (values: readonly string[]) => [
    { name: 'paid', match: { metadata: { tier: values } }, targets: ['a'] },
    { name: 'all', targets: ['b'] },
  ];
  const given = { ...inOrder(2), rules: rules(['gold', 'silver', 'bronze']) };
  const found = await mismatch(given, (config) => ({ ...config, rules: rules(['gold', 'silver']) }));
  expect(found).not.toEqual([]);
});

import { describe, expect, it } from 'vitest';
import type { RouterConfig } from '../../../src/config/router-config.ts';
import { LLMRouter } from '../../../src/llm-router.ts';
import type { CreateRouter } from '../../../src/verify/testing/policy-driver.ts';
import { PolicyMismatchError } from '../../../src/verify/testing/policy-mismatch.ts';
import { type TestPolicyOptions, testPolicy } from '../../../src/verify/testing/test-policy.ts';
import { CALLS, inOrder } from './policies.ts';

/** A router that follows another policy than it is given. */
const wrong =
  (change: (config: RouterConfig) => RouterConfig): CreateRouter =>
  ({ config, clock, backendOf }) =>
    LLMRouter.fromConfig(change(config), { clock, backendOf, seed: 1 });

async function mismatch(given: RouterConfig, options: TestPolicyOptions): Promise<PolicyMismatchError> {
  const error = await testPolicy(given, { alphabet: CALLS, walks: 0, ...options }).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(PolicyMismatchError);
  return error as PolicyMismatchError;
}

const withBreaker = (config: RouterConfig, settings: object): RouterConfig => ({
  ...config,
  models: Object.fromEntries(
    Object.entries(config.models).map(([name, model]) => [
      name,
      { ...model, breaker: { ...(model.breaker as object), ...settings } },
    ]),
  ),
});

/** Breakers that do not open at the first failure, which only walks have the steps for. */
const many: TestPolicyOptions = { small: false, coverage: 'none', walks: 20 };

describe('a router that does not follow its policy is found out, on few steps', () => {
  it('when its fallbacks are swapped', async () => {
    const swapped = wrong((config) => ({
      ...config,
      rules: config.rules!.map((rule) => ({ ...rule, fallback: rule.fallback!.toReversed() })),
    }));
    const error = await mismatch(inOrder(3), { createRouter: swapped });
    expect(error.message).toMatchInlineSnapshot(`
      "The router does something else than its policy says.
      Steps:
        1. 3 × a normal request comes (r1 to r3)
      Expected:
        models.b.running: r3
        models.c.running: none
      Happened:
        models.b.running: none
        models.c.running: r3"
    `);
    expect(error.path).toHaveLength(3);
    expect(error.differences.map(({ where }) => where)).toEqual(['models.b.running', 'models.c.running']);
  });

  it('when its breaker opens one failure late', async () => {
    const late = wrong((config) => withBreaker(config, { failureThreshold: 2 }));
    const { path, differences } = await mismatch(inOrder(1), { createRouter: late });
    expect(path).toHaveLength(2);
    expect(differences.map(({ where }) => where)).toContain('models.a.breaker');
  });

  it('when it tries once more than it may', async () => {
    const eager = wrong((config) => ({ ...config, retries: { ...config.retries, maxRetries: 1 } }));
    const { path, differences } = await mismatch(inOrder(1), { createRouter: eager, ...many });
    expect(path.length).toBeLessThanOrEqual(2);
    expect(differences.map(({ where }) => where)).toContain('models.a.backingOff');
  });

  it('when only a walk comes there', async () => {
    const late = wrong((config) => withBreaker(config, { successThreshold: 2 }));
    const { path } = await mismatch(inOrder(2), { createRouter: late, coverage: 'none', walks: 20 });
    expect(path.length).toBeLessThan(20);
  });

  it('when it cannot be driven at all', async () => {
    const other = wrong((config) => ({ ...config, models: { z: config.models['a']! }, rules: [] }));
    await expect(testPolicy(inOrder(1), { createRouter: other, alphabet: CALLS })).rejects.toThrow();
  });
});

it('the same seed takes the same walks', async () => {
  const seen: string[] = [];
  const createRouter: CreateRouter = ({ config, clock, backendOf }) => {
    const router = LLMRouter.fromConfig(config, { clock, backendOf, seed: 1 });
    router.on('request.settled', (event) => seen.push(`${JSON.stringify(event)} ${clock.now()}`));
    return router;
  };
  const run = async (seed: number): Promise<readonly string[]> => {
    seen.length = 0;
    await testPolicy(inOrder(2), { createRouter, alphabet: CALLS, coverage: 'none', walks: 3, seed });
    return [...seen];
  };
  const first = await run(1);
  expect(first.length).toBeGreaterThan(10);
  expect(await run(1)).toEqual(first);
  expect(await run(2)).not.toEqual(first);
});

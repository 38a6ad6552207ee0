import { describe, expect, it } from 'vitest';
import type { ModelConfig, RouterConfig } from '../../../src/config/router-config.ts';
import { hashSeed, nextRandom } from '../../../src/random.ts';
import { STRATEGIES, type Strategy } from '../../../src/routing/strategy.ts';
import { checkPolicy } from '../../../src/verify/check/check-policy.ts';
import { silenceLimitMs } from '../../../src/verify/check/findings/times.ts';
import { ordersAlong, ordersOf } from '../../../src/verify/check/orders.ts';
import { type Route, routingOf } from '../../../src/verify/check/routes.ts';
import { policyOf } from '../../../src/verify/policy.ts';

interface Given {
  readonly strategy: Strategy;
  readonly targets: number;
  readonly fallback: number;
  readonly seed: number;
}

/** A rule over models of which each has a limit and a price of its own. */
function ruleWith({ strategy, targets, fallback, seed }: Given) {
  let state = hashSeed(seed, strategy);
  const below = (bound: number): number => {
    const draw = nextRandom(state);
    state = draw.seed;
    return Math.floor(draw.value * bound);
  };
  const names = Array.from({ length: targets + fallback }, (_, index) => `m${index}`);
  const model = (): ModelConfig => ({
    provider: 'simulated',
    attemptTimeoutMs: 1_000 * (1 + below(20)),
    pricing: { inputPerMillion: below(9), outputPerMillion: below(9) },
  });
  const policy = policyOf({
    models: Object.fromEntries(names.map((name) => [name, model()])),
    rules: [{ strategy, targets: names.slice(0, targets), fallback: names.slice(targets) }],
  });
  const modelOf = (name: string) => policy.models.find((one) => one.name === name)!;
  const route = routingOf(policy).routes[0]! as Route & { readonly rule: NonNullable<Route['rule']> };
  const all = [...ordersOf(route.rule, modelOf)].map((order) => [...order, ...route.fallback]);
  return { all, along: ordersAlong({ modelOf }, route), modelOf };
}

const CASES = STRATEGIES.flatMap((strategy) =>
  [1, 2, 3, 4, 5].flatMap((targets) =>
    [0, 2].flatMap((fallback) => [1, 2, 3].map((seed) => ({ strategy, targets, fallback, seed }))),
  ),
);

describe('of every order that a strategy can give, few are enough', () => {
  it('to know who can be asked first and last, and how long the silence of all others can take', () => {
    for (const given of CASES) {
      const { all, along, modelOf } = ruleWith(given);
      const known = new Set(all.map((order) => order.join()));
      const told = (orders: readonly (readonly string[])[]) => ({
        first: [...new Set(orders.map((order) => order[0]))].sort(),
        last: [...new Set(orders.map((order) => order.at(-1)))].sort(),
        slowest: Math.max(
          ...orders.map((order) => order.slice(0, -1).reduce((sum, name) => sum + silenceLimitMs(modelOf(name)), 0)),
        ),
      });

      expect({ given, ...told(along) }).toEqual({ given, ...told(all) });
      expect(along.filter((order) => !known.has(order.join()))).toEqual([]);
    }
    expect(ruleWith({ strategy: 'weighted', targets: 5, fallback: 0, seed: 1 }).all).toHaveLength(120);
  });

  it.each([
    'weighted',
    'latency',
    'least-busy',
    'round-robin',
  ] as const)('for eight targets under %s, whichever of them has the least time', (strategy) => {
    const names = [...'abcdefgh'];
    for (const quick of ['a', 'd', 'h']) {
      const model = (name: string): ModelConfig => ({
        provider: 'simulated',
        attemptTimeoutMs: name === quick ? 1_000 : 20_000,
        breaker: false,
      });
      const policy = (timeoutMs: number): RouterConfig => ({
        models: Object.fromEntries(names.map((name) => [name, model(name)])),
        rules: [{ targets: names, strategy, maxRetries: 0, timeoutMs }],
      });
      const found = (timeoutMs: number) =>
        checkPolicy(policy(timeoutMs), { maxStates: 50 }).findings.filter(
          ({ code }) => code === 'latency_exceeds_deadline',
        );

      expect(found(140_000)).toMatchObject([{ models: [quick] }]);
      expect(found(140_001)).toEqual([]);
    }
  });
});

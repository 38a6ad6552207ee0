import { expect, it } from 'vitest';
import { policyOf } from '../../../src/verify/policy.ts';
import { smallPolicy, testablePolicy } from '../../../src/verify/testing/small-policy.ts';
import { EVERYTHING } from './policies.ts';

it('a small policy keeps what routing looks at', () => {
  const [given, small] = [policyOf(EVERYTHING), policyOf(smallPolicy(EVERYTHING))];
  expect(small.rules.map((rule) => ({ ...rule, timeoutMs: null }))).toEqual(given.rules);
  expect(small.boosts).toEqual(given.boosts);
  expect(small.maxRetries).toBe(given.maxRetries);
  expect(small.models.map(({ name, pricing, breaker }) => [name, pricing, breaker?.policy])).toEqual(
    given.models.map(({ name, pricing, breaker }) => [name, pricing, breaker?.policy]),
  );
});

it('a small policy is small, and as large as it is told to be', () => {
  const sizes = (config = smallPolicy(EVERYTHING)) =>
    policyOf(config).models.map(({ maxConcurrency, maxQueueDepth, breaker }) => [
      maxConcurrency,
      maxQueueDepth,
      breaker?.failureThreshold,
      breaker?.successThreshold,
    ]);
  expect(sizes()).toEqual(Array.from({ length: 4 }, () => [1, 2, 1, 1]));
  const larger = smallPolicy(EVERYTHING, {
    maxConcurrency: 9,
    maxQueueDepth: 3,
    failureThreshold: 2,
    successThreshold: 9,
  });
  expect(sizes(larger)).toEqual([2, 2, 2, 2].map((threshold) => [2, 3, threshold, 2]));
});

it('a breaker that is switched off stays so', () => {
  const config = { ...EVERYTHING, models: { a: { provider: 'simulated', breaker: false as const } }, rules: [] };
  expect(policyOf(smallPolicy(config)).models[0]!.breaker).toBeNull();
});

it('a testable policy keeps its sizes, and leaves nothing to chance', () => {
  const { models, backoff } = policyOf(testablePolicy(EVERYTHING));
  expect(models.map(({ maxConcurrency, maxQueueDepth }) => [maxConcurrency, maxQueueDepth])).toEqual(
    Array.from({ length: 4 }, () => [2, 4]),
  );
  expect(models.map(({ breaker }) => [breaker?.openJitter, breaker?.silenceFactor])).toEqual(
    Array.from({ length: 4 }, () => [0, null]),
  );
  expect(backoff.baseMs).toBe(0);
});

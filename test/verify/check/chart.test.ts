import { describe, expect, it } from 'vitest';
import type { ModelConfig } from '../../../src/config/router-config.ts';
import { DEFAULT_BOOSTS } from '../../../src/queue/priority.ts';
import { chartOf, cutsOf } from '../../../src/verify/check/chart.ts';
import { checkPolicy } from '../../../src/verify/check/check-policy.ts';
import { policyOf } from '../../../src/verify/policy.ts';

const two = { failureThreshold: 2, successThreshold: 2 };
const small: ModelConfig = { provider: 'simulated', maxConcurrency: 1, maxQueueDepth: 3, breaker: two };

/** In what the chart of a model is smaller than it. */
function cuts(given: ModelConfig, maxRetries: number): readonly string[] {
  const [model] = policyOf({ models: { a: { ...small, ...given } } }).models;
  const chart = chartOf(model!, DEFAULT_BOOSTS, maxRetries);
  return cutsOf(chart, model!, maxRetries).map(({ what, explored, own }) => `${explored} of ${own} ${what}`);
}

describe('a chart that is smaller than its model', () => {
  it.each<[what: string, given: ModelConfig, maxRetries: number, cut: readonly string[]]>([
    ['slots and places', { maxConcurrency: 2, maxQueueDepth: 4 }, 1, ['1 of 2 slots', '3 of 4 places']],
    ['retries', {}, 2, ['1 of 2 retries']],
    [
      'what its breaker counts',
      { breaker: { failureThreshold: 3, successThreshold: 4, halfOpenMaxProbes: 5 } },
      0,
      ['2 of 3 failures', '2 of 4 successes', '1 of 5 probes'],
    ],
    [
      'a window by count',
      { breaker: { ...two, policy: 'count', windowSize: 20, minimumCalls: 10 } },
      1,
      ['2 of 20 results in the window', '2 of 10 minimum calls'],
    ],
    ['a window by time', { breaker: { ...two, policy: 'time', minimumCalls: 10 } }, 1, ['2 of 10 minimum calls']],
  ])('is so in %s', (_, given, maxRetries, cut) => {
    expect(cuts(given, maxRetries)).toEqual(cut);
  });

  it.each<[what: string, breaker: NonNullable<ModelConfig['breaker']>]>([
    ['a window that its breaker does not ask', { ...two, windowSize: 90, minimumCalls: 9 }],
    ['no breaker', false],
  ])('is not so with %s', (_, breaker) => {
    expect(cuts({ breaker }, 1)).toEqual([]);
  });

  it('is told with all of it', () => {
    const { bounds, isExhaustive } = checkPolicy({ models: { a: { ...small, maxQueueDepth: 4 } } });

    expect(isExhaustive).toBe(false);
    expect(bounds).toEqual(['the chart of a was explored with 3 of 4 places, 1 of 2 retries']);
  });
});

import type { RouterConfig } from '../../../src/config/router-config.ts';
import type { PolicyAlphabet } from '../../../src/verify/testing/policy-specification.ts';

/** So many models, tried in order. */
export function inOrder(count: number, model: object = {}): RouterConfig {
  const [first, ...others] = ['a', 'b', 'c', 'd'].slice(0, count);
  return {
    models: Object.fromEntries([first!, ...others].map((name) => [name, { provider: 'simulated', ...model }])),
    rules: [{ name: 'all', targets: [first!], fallback: others }],
    retries: { maxRetries: 0 },
  };
}

/** Four models, and all that rules, breakers and retries have. */
export const EVERYTHING: RouterConfig = {
  models: Object.fromEntries(
    [
      { failureThreshold: 2 },
      { policy: 'count' as const, minimumCalls: 2, windowSize: 4 },
      { policy: 'time' as const, minimumCalls: 2 },
      { failureThreshold: 2 },
    ].map((breaker, index) => [
      'abcd'[index]!,
      {
        provider: 'simulated',
        maxConcurrency: 2,
        maxQueueDepth: 4,
        pricing: { inputPerMillion: index, outputPerMillion: index },
        breaker: { ...breaker, successThreshold: 2 },
      },
    ]),
  ),
  rules: [
    { match: 'critical', targets: ['a', 'b'], fallback: ['c', 'd'], strategy: 'round-robin', whenUnavailable: 'wait' },
    { match: 'high', targets: ['c', 'b'], fallback: ['a'], strategy: 'least-busy', maxRetries: 1 },
    { match: { metadata: { tenant: 'acme' } }, targets: ['d', 'a'], strategy: 'cost', whenUnavailable: 'wait' },
    { match: 'low', targets: ['b'], fallback: ['d'], whenUnavailable: 'wait' },
  ],
  retries: { maxRetries: 2 },
  queue: { maxParked: 2 },
};

/** Without an operator. */
export const CALLS: PolicyAlphabet = {
  requests: [{ priority: 'normal' }],
  outcomes: ['succeeded', 'failed', 'ignored', 'rate_limited'],
  cancels: true,
  operator: [],
};

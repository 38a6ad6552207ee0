import { describe, expect, it } from 'vitest';
import type { ModelConfig, RouterConfig } from '../../../src/config/router-config.ts';
import { checkPolicy } from '../../../src/verify/check/check-policy.ts';

const model = (given: ModelConfig = {}): ModelConfig => ({ provider: 'simulated', ...given });
const [a, b, c] = [model(), model(), model()];
const own = { maxConcurrency: 1, maxQueueDepth: 2 };
const twoModels = { a, b };
const both = { targets: ['a'], fallback: ['b'] };
const three = { targets: ['a'], fallback: ['b', 'c'], maxRetries: 1, timeoutMs: 180_000 };

/** Policies that may have something to be warned of, and in which nothing is wrong. */
const GOOD: Readonly<Record<string, RouterConfig>> = {
  'one model and no rule': { models: { a } },
  'two models and no rule': { models: twoModels },
  'three models and no rule, with time and retries for all': {
    models: { a, b, c },
    retries: { maxRetries: 1 },
    timeoutMs: 180_000,
  },
  'a target and its fallback': { models: twoModels, rules: [both] },
  'a target and two fallbacks': { models: { a, b, c }, rules: [three] },
  'a rule for each class': {
    models: twoModels,
    rules: [
      { match: 'critical', ...both },
      { match: 'high', ...both },
      { match: 'normal', targets: ['b'], fallback: ['a'] },
      { match: 'low', targets: ['b'], whenUnavailable: 'wait' },
    ],
  },
  'a rule for several classes, and one for the rest': {
    models: twoModels,
    rules: [
      { match: { priority: ['critical', 'high'] }, ...both },
      { targets: ['b'], fallback: ['a'] },
    ],
  },
  'rules by tenant': {
    models: twoModels,
    rules: [
      { match: { metadata: { tenant: 'acme' } }, ...both },
      { match: { metadata: { tenant: ['zeta', 'theta'] } }, targets: ['b'], fallback: ['a'] },
    ],
  },
  'a narrow rule before a wide one': {
    models: twoModels,
    rules: [
      { match: { metadata: { path: { prefix: 'v1/chat' } } }, ...both },
      { match: { metadata: { path: { prefix: 'v1' } } }, targets: ['b'], fallback: ['a'] },
      both,
    ],
  },
  'numbers and flags as metadata': {
    models: twoModels,
    rules: [{ match: { metadata: { tier: [1, 2], beta: true } }, ...both }],
  },
  'round-robin over two': { models: twoModels, rules: [{ targets: ['a', 'b'], strategy: 'round-robin' }] },
  'weighted over two': {
    models: { a: model({ weight: 3 }), b },
    rules: [{ targets: ['a', 'b'], strategy: 'weighted' }],
  },
  'least-busy over three': {
    models: { a, b, c },
    rules: [{ targets: ['a', 'b', 'c'], strategy: 'least-busy', maxRetries: 0, timeoutMs: 200_000 }],
  },
  'latency over three': {
    models: { a, b, c },
    rules: [{ targets: ['a', 'b', 'c'], strategy: 'latency', maxRetries: 1, timeoutMs: 200_000 }],
  },
  'the cheapest of two, a third behind them': {
    models: {
      a: model({ pricing: { inputPerMillion: 1, outputPerMillion: 4 } }),
      b: model({ pricing: { inputPerMillion: 3, outputPerMillion: 2 } }),
      c,
    },
    rules: [{ targets: ['a', 'b'], fallback: ['c'], strategy: 'cost', maxRetries: 1, timeoutMs: 200_000 }],
  },
  'who waits for a recovery': { models: twoModels, rules: [{ ...both, whenUnavailable: 'wait' }] },
  'streams that begin again': { models: twoModels, rules: [{ ...both, onStreamFailure: 'restart' }] },
  'no retries': { models: { a, b, c }, retries: { maxRetries: 0 }, rules: [{ ...three, maxRetries: 0 }] },
  'breakers by rate over a count': { models: twoModels, breaker: { policy: 'count', windowSize: 50 }, rules: [both] },
  'breakers by rate over time': { models: twoModels, breaker: { policy: 'time', windowMs: 30_000 }, rules: [both] },
  'breakers that look at slow calls too': {
    models: twoModels,
    breaker: { policy: 'time', slowCallMs: 5_000 },
    rules: [both],
  },
  'breakers that only observe': { models: twoModels, breaker: { observe: true }, rules: [both] },
  'no breakers': { models: twoModels, breaker: false, rules: [both] },
  'one model without a breaker': { models: { a: model({ breaker: false }), b }, rules: [both] },
  'several probes at once': {
    models: twoModels,
    breaker: { halfOpenMaxProbes: 3, successThreshold: 5 },
    rules: [both],
  },
  'one slot and one place': { models: { a: model({ maxConcurrency: 1, maxQueueDepth: 1 }), b }, rules: [both] },
  'small queues': { models: { a: model(own), b: model(own) }, rules: [both] },
  'boosts of its own': {
    models: twoModels,
    queue: { boostMs: { critical: 30_000, high: 20_000, normal: 10_000, low: 0 } },
    rules: [both],
  },
  'nothing parked': { models: twoModels, queue: { maxParked: 0 }, rules: [{ ...both, whenUnavailable: 'wait' }] },
  'different upstreams, and enough to stand in': {
    models: { a: model({ upstream: 'gpu-1' }), b: model({ upstream: 'cloud', maxConcurrency: 20 }) },
    rules: [{ ...both, expectedRps: 10 }],
  },
  'a model that serves embeddings beside the others': {
    models: { a, b, vectors: model({ serves: 'embeddings' }) },
    rules: [both],
  },
  'hardly any time': {
    models: { a: model({ firstTokenTimeoutMs: 200, attemptTimeoutMs: 200 }), b },
    rules: [{ ...both, timeoutMs: 500, maxRetries: 0 }],
  },
};

describe('a good policy has no error', () => {
  it.each(Object.entries(GOOD))('%s', (_, config) => {
    const report = checkPolicy(config);

    expect(report.findings.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(report.ok).toBe(true);
    expect(report.decisions).toBeGreaterThan(0);
    for (const { routingStates } of report.models) expect(routingStates).toBeLessThanOrEqual(24);
  });

  it('of thirty and more', () => {
    expect(Object.keys(GOOD).length).toBeGreaterThanOrEqual(30);
  });
});

import { describe, expect, it } from 'vitest';
import { BackendError } from '../../src/errors.ts';
import { LLMRouter } from '../../src/llm-router.ts';
import { createRig } from '../support/rig.ts';
import { settled } from '../support/virtual-clock.ts';

describe('health()', () => {
  it('asks every backend that can tell, all at once, and moves no breaker', async () => {
    const { clock, router } = createRig({ plain: {} }, { breaker: { failureThreshold: 1 } });
    const generate = async () => ({ content: '' });
    const signals: AbortSignal[] = [];
    router.addModel('well', { backend: { generate, healthCheck: async () => {} } });
    router.addModel('ill', { backend: { generate, healthCheck: () => Promise.reject(new Error('no disk')) } });
    router.addModel('thrown', {
      backend: {
        generate,
        healthCheck() {
          throw new Error('at once');
        },
      },
    });
    router.addModel('hung', {
      backend: {
        generate,
        healthCheck: ({ signal }) => {
          signals.push(signal);
          return new Promise(() => {});
        },
      },
    });
    const asked = router.health();
    await clock.advance(2_000);

    expect(await asked).toEqual({
      plain: { status: 'unknown' },
      well: { status: 'healthy', ms: 0 },
      ill: { status: 'unhealthy', ms: 0, error: 'no disk' },
      thrown: { status: 'unhealthy', ms: 0, error: 'at once' },
      hung: { status: 'unhealthy', ms: 2_000, error: 'no answer within 2000 ms' },
    });
    expect(signals[0]!.aborted).toBe(true);
    for (const { circuitBreaker } of Object.values(router.getModelStatus())) {
      expect(circuitBreaker).toMatchObject({ state: 'closed', failureCount: 0 });
    }
    expect(clock.pending).toBe(0);
  });
});

describe('getStats() and getModelStatus()', () => {
  it('have their whole shape before the first request', () => {
    const { router } = createRig({ m: { maxQueueDepth: 10, maxConcurrency: 4 } });
    const none = { p50: null, p95: null, p99: null };
    expect(router.getStats()).toEqual({
      totalRequests: 0,
      successes: 0,
      failures: 0,
      cancelled: 0,
      successRate: 0,
      cacheHits: 0,
      cache: null,
      avgLatencyMs: 0,
      latencyMs: none,
      requestsByModel: {},
      requestsByPriority: { critical: 0, high: 0, normal: 0, low: 0 },
    });
    expect(router.getModelStatus()).toEqual({
      m: {
        provider: 'custom',
        model: null,
        weight: 1,
        pricing: null,
        contextWindow: null,
        upstream: null,
        queueDepth: 0,
        backingOff: 0,
        maxQueueDepth: 10,
        maxConcurrency: 4,
        queueState: 'accepting',
        control: 'active',
        runningLimit: 4,
        limitedUntil: null,
        running: 0,
        lingering: 0,
        waiting: { critical: 0, high: 0, normal: 0, low: 0 },
        circuitBreaker: {
          state: 'closed',
          policy: 'consecutive',
          failureCount: 0,
          openUntil: null,
          opens: 0,
          lastTrip: null,
        },
        successes: 0,
        failures: 0,
        rateLimited: 0,
        latencyMs: none,
        timeToFirstTokenMs: none,
      },
    });
  });

  it('count what happened, by model and by class', async () => {
    const { ask, backends, clock, router } = createRig({ a: { maxConcurrency: 1 }, b: {} });
    ask({ priority: 'high', model: 'a' });
    ask({ priority: 'low', model: 'a' });
    const aborted = ask({ priority: 'critical', model: 'a' });
    expect(router.getModelStatus()['a']).toMatchObject({
      queueDepth: 3,
      running: 1,
      queueState: 'saturated',
      waiting: { critical: 1, low: 1 },
    });
    aborted.abort();
    await clock.advance(100);
    backends.a.last.succeed();
    await clock.advance(100);
    backends.a.last.fail();
    await settled();
    // Too short to wait for the end of the limit.
    ask({ model: 'b', timeoutMs: 500 });
    backends.b.last.fail(new BackendError('slow down', { status: 429 }));
    await settled();

    const stats = router.getStats();
    expect(stats).toMatchObject({
      totalRequests: 4,
      successes: 1,
      failures: 2,
      cancelled: 1,
      avgLatencyMs: 100,
      requestsByModel: { a: 1 },
      requestsByPriority: { critical: 1, high: 1, normal: 1, low: 1 },
    });
    expect(stats.successRate).toBeCloseTo(1 / 3);
    expect(stats.latencyMs.p50! / 100).toBeCloseTo(1, 1);
    expect(router.getModelStatus()['a']).toMatchObject({ successes: 1, failures: 1, queueDepth: 0 });
    expect(router.getModelStatus()['b']).toMatchObject({ rateLimited: 1, failures: 0 });
  });

  it('name the provider and its model', () => {
    const router = new LLMRouter();
    router.addModel('local', { provider: 'ollama', model: 'llama3:8b' });
    expect(router.getModelStatus()['local']).toMatchObject({
      provider: 'ollama',
      model: 'llama3:8b',
      maxConcurrency: 1,
      maxQueueDepth: 100,
    });
  });
});

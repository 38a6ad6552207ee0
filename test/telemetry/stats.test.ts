import { describe, expect, it } from 'vitest';
import type { RequestSettled, SettlementVerdict } from '../../machines/settlement.ts';
import { PRIORITY_CLASSES, type PriorityClass } from '../../src/queue/priority.ts';
import type { Attempt } from '../../src/routing/slip.ts';
import { Stats } from '../../src/telemetry/stats.ts';
import { createRig } from '../support/rig.ts';
import { slipWith } from '../support/slips.ts';
import { settled } from '../support/virtual-clock.ts';

interface Given {
  readonly class?: PriorityClass;
  readonly model?: string;
  readonly arrival?: number;
  readonly at?: number;
  readonly attempts?: readonly Attempt[];
}

const attempt = (model: string, outcome: Attempt['outcome'], more: Partial<Attempt> = {}): Attempt => ({
  model,
  startedAt: 0,
  ms: 10,
  outcome,
  waitedMs: 0,
  ...more,
});

function settlement(verdict: SettlementVerdict, given: Given = {}): RequestSettled {
  const { class: priority = 'normal', model = 'm', arrival = 0, at = 100, attempts = [] } = given;
  const slip = slipWith({ seq: 1, class: priority, arrival, attempts });
  return { type: 'request.settled', id: slip.id, settlement: { key: slip, slip, at, verdict, model } };
}

function statsOf(...events: readonly RequestSettled[]): Stats {
  const stats = new Stats();
  for (const model of ['a', 'b', 'm']) stats.begin(model, 0);
  for (const event of events) stats.record(event);
  return stats;
}

describe('the counts of a router', () => {
  it('are nothing before the first request', () => {
    expect(new Stats().snapshot()).toEqual({
      totalRequests: 0,
      successes: 0,
      failures: 0,
      cancelled: 0,
      successRate: 0,
      cacheHits: 0,
      cache: null,
      avgLatencyMs: 0,
      latencyMs: { p50: null, p95: null, p99: null },
      requestsByModel: {},
      requestsByPriority: { critical: 0, high: 0, normal: 0, low: 0 },
    });
  });

  it.each<[SettlementVerdict, Partial<ReturnType<Stats['snapshot']>>]>([
    ['served', { successes: 1, failures: 0, cancelled: 0, successRate: 1 }],
    ['aborted', { successes: 0, failures: 0, cancelled: 1, successRate: 0 }],
    ['rejected', { successes: 0, failures: 1, cancelled: 0, successRate: 0 }],
    ['unserved', { successes: 0, failures: 1, cancelled: 0, successRate: 0 }],
    ['interrupted', { successes: 0, failures: 1, cancelled: 0, successRate: 0 }],
    ['deadline', { successes: 0, failures: 1, cancelled: 0, successRate: 0 }],
    ['stopped', { successes: 0, failures: 1, cancelled: 0, successRate: 0 }],
  ])('know a request that is %s', (verdict, expected) => {
    expect(statsOf(settlement(verdict)).snapshot()).toMatchObject({ totalRequests: 1, ...expected });
  });

  it('leave what was cancelled out of the rate of success', () => {
    const stats = statsOf(
      ...(['served', 'served', 'served', 'unserved', 'aborted', 'aborted'] as const).map((verdict) =>
        settlement(verdict),
      ),
    );
    expect(stats.snapshot()).toMatchObject({ totalRequests: 6, successes: 3, failures: 1, cancelled: 2 });
    expect(stats.snapshot().successRate).toBe(0.75);
  });

  it('take the latency from acceptance to settlement, of successes only', () => {
    const stats = statsOf(
      settlement('served', { arrival: 1_000, at: 1_100 }),
      settlement('served', { arrival: 1_000, at: 1_300 }),
      settlement('unserved', { arrival: 1_000, at: 60_000 }),
      settlement('aborted', { arrival: 1_000, at: 60_000 }),
    );
    expect(stats.snapshot().avgLatencyMs).toBe(200);
    expect(stats.snapshot().latencyMs.p99! / 300).toBeCloseTo(1, 1);
  });

  it('count each request under its class, however it ended', () => {
    const stats = statsOf(
      ...PRIORITY_CLASSES.flatMap((priority, index) =>
        Array.from({ length: index + 1 }, (_, count) =>
          settlement(count === 0 ? 'served' : 'aborted', { class: priority }),
        ),
      ),
    );
    expect(stats.snapshot().requestsByPriority).toEqual({ critical: 1, high: 2, normal: 3, low: 4 });
  });

  it('count under a model what it served, and not what it refused', () => {
    const stats = statsOf(
      settlement('served', { model: 'a' }),
      settlement('served', { model: 'a' }),
      settlement('served', { model: 'b' }),
      settlement('unserved', { model: 'c' }),
    );
    expect(stats.snapshot().requestsByModel).toEqual({ a: 2, b: 1 });
  });

  it('take a model’s name for a name, whatever it is', () => {
    const stats = statsOf(settlement('served', { model: 'constructor' }));
    expect(stats.snapshot().requestsByModel).toEqual({ constructor: 1 });
  });

  it('know a request that was called off between two models', () => {
    const event = settlement('aborted', { class: 'high' });
    const stats = statsOf({ ...event, settlement: { ...event.settlement, slip: null } });
    expect(stats.snapshot()).toMatchObject({ totalRequests: 1, cancelled: 1, requestsByPriority: { high: 1 } });
  });

  it('stay as they were handed out', () => {
    const stats = statsOf(settlement('served'));
    const before = stats.snapshot();
    const copy = structuredClone(before);
    stats.record(settlement('served'));
    expect(before).toEqual(copy);
  });
});

describe('the figures of a model', () => {
  it('come from its own calls, also from those of a request that another served', () => {
    const stats = statsOf(
      settlement('served', {
        model: 'b',
        attempts: [
          attempt('a', 'failure', { ms: 5_000 }),
          attempt('a', 'rate_limited'),
          attempt('b', 'success', { ms: 20, firstTokenMs: 4 }),
        ],
      }),
    );
    expect(stats.of('a')).toMatchObject({ successes: 0, failures: 1, rateLimited: 1 });
    expect(stats.of('b')).toMatchObject({ successes: 1, failures: 0, rateLimited: 0 });
    expect(stats.of('a').latencyMs.count).toBe(0);
    expect(stats.of('b').latencyMs.mean).toBe(20);
    expect(stats.of('b').timeToFirstTokenMs.mean).toBe(4);
  });

  it('do not blame it for what was the caller’s', () => {
    const stats = statsOf(
      settlement('aborted', { attempts: [attempt('a', 'cancelled')] }),
      settlement('rejected', { attempts: [attempt('a', 'ignored')] }),
    );
    expect(stats.of('a')).toMatchObject({ successes: 0, failures: 0, rateLimited: 0 });
  });

  it('know the first token of a stream that broke', () => {
    const stats = statsOf(settlement('interrupted', { attempts: [attempt('a', 'failure', { firstTokenMs: 7 })] }));
    expect(stats.of('a').timeToFirstTokenMs.mean).toBe(7);
    expect(stats.of('a').failures).toBe(1);
  });

  it('are forgotten with the model, and the router’s counts are not', () => {
    const stats = statsOf(settlement('served', { model: 'a', attempts: [attempt('a', 'success')] }));
    stats.forget('a');
    expect(stats.of('a').successes).toBe(0);
    expect(stats.snapshot()).toMatchObject({ successes: 1, requestsByModel: { a: 1 } });
  });

  it('start at nothing for a name that is added again, also while a request of the former model is under way', async () => {
    const { ask, backends, clock, router } = createRig({ a: {}, b: {} });
    ask();
    backends.a.last.fail();
    await settled();
    const removal = router.removeModel('a');
    await clock.advance(10);
    await removal;
    router.addModel('a', { backend: backends.a });
    backends.b.last.succeed();
    await settled();
    expect(router.getModelStatus()['a']).toMatchObject({ successes: 0, failures: 0 });
  });
});

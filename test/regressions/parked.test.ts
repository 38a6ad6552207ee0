import { describe, expect, it } from 'vitest';
import { BackendError } from '../../src/errors.ts';
import { createRig } from '../support/rig.ts';
import { settled } from '../support/virtual-clock.ts';

const OPEN_MS = 10_000;
const breaker = { failureThreshold: 1, successThreshold: 1, recoveryTimeoutMs: OPEN_MS };
const wait = { whenUnavailable: 'wait' } as const;

describe('parked requests', () => {
  it('P21 are not all let go when the breaker closes: each success lets one more call run', async () => {
    const CONCURRENCY = 32;
    const rig = createRig({ m: { maxConcurrency: CONCURRENCY, maxQueueDepth: 1_000, breaker } });
    const { m } = rig.backends;
    await rig.fail('m', 1);
    const parked = Array.from({ length: 500 }, () => rig.ask({ ...wait, timeoutMs: 600_000 }));
    await rig.clock.advance(OPEN_MS);
    expect(m.calls).toHaveLength(2);
    m.last.succeed();
    await settled();
    expect(rig.breaker('m')).toBe('closed');

    let successes = 0;
    let answered = 2;
    while (answered < 501) {
      const running = m.calls.length - answered;
      expect(running).toBeLessThanOrEqual(Math.min(1 + successes, CONCURRENCY));
      expect(running).toBe(rig.router.getModelStatus()['m']!.running);
      m.calls[answered++]!.succeed();
      successes++;
      await settled();
    }
    expect(parked.filter(({ answer }) => answer !== undefined)).toHaveLength(500);
  });

  it('P22 reject within one microtask of their abort, also while a probe is undecided', async () => {
    const rig = createRig({ m: { breaker } });
    await rig.fail('m', 1);
    await rig.clock.advance(OPEN_MS);
    rig.ask();
    expect(rig.breaker('m')).toBe('half_open');
    const controller = new AbortController();
    let reason: unknown;
    rig.router.generate('hi', { ...wait, signal: controller.signal }).catch((error) => {
      reason = error;
    });
    await settled();
    expect(rig.router.actor.getSnapshot().context.parked.count).toBe(1);

    controller.abort('left');
    await Promise.resolve();
    expect(reason).toBe('left');
    expect(rig.router.actor.getSnapshot().context.parked.count).toBe(0);
  });

  it('P22 reject within one microtask of their abort while the breaker is open', async () => {
    const rig = createRig({ m: { breaker } });
    await rig.fail('m', 1);
    const parked = rig.ask(wait);
    await settled();
    parked.abort('left');
    await Promise.resolve();
    expect(parked.error).toBe('left');
    await rig.clock.advance(OPEN_MS);
    expect(rig.backends.m.calls).toHaveLength(1);
  });

  it('P39 of several models that cool down wait for the one that is back first', async () => {
    const rig = createRig({
      late: { breaker: { ...breaker, recoveryTimeoutMs: 20_000 } },
      soon: { breaker: { ...breaker, recoveryTimeoutMs: 2_000 } },
    });
    await rig.fail('late', 1);
    await rig.fail('soon', 1);
    const request = rig.ask({ ...wait, timeoutMs: 30_000 });
    await rig.clock.advance(1_999);
    expect(request.isSettled).toBe(false);
    await rig.clock.advance(1);
    rig.backends.soon.last.succeed();
    await settled();
    expect(request.answer).toMatchObject({ modelUsed: 'soon', latencyMs: 2_000 });
    expect(request.answer!.trace.parked).toEqual({ count: 1, ms: 2_000 });
  });

  it('P39 of a single model that cools down wait for it, if its deadline allows', async () => {
    const rig = createRig({ m: { breaker } });
    await rig.fail('m', 1);
    const patient = rig.ask({ ...wait, timeoutMs: OPEN_MS + 1 });
    const hasty = rig.ask({ ...wait, timeoutMs: OPEN_MS });
    const unwilling = rig.ask();
    await settled();
    for (const { error } of [hasty, unwilling]) {
      expect(error).toMatchObject({ code: 'no_model_available', retryAfterMs: OPEN_MS });
    }
    await rig.clock.advance(OPEN_MS);
    rig.backends.m.last.succeed();
    await settled();
    expect(patient.answer?.modelUsed).toBe('m');
  });

  it('P39 of a single model that is rate limited wait for the end of the limit', async () => {
    const rig = createRig({ m: {} });
    const limited = rig.ask({ timeoutMs: 30_000 });
    rig.backends.m.last.fail(new BackendError('slow down', { status: 429, retryAfterMs: 2_000 }));
    await rig.clock.advance(2_000);
    rig.backends.m.last.succeed();
    await settled();
    expect(limited.answer).toMatchObject({ modelUsed: 'm', latencyMs: 2_000, attempts: 2 });
  });
});

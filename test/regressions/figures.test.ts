import { describe, expect, it } from 'vitest';
import { BackendError } from '../../src/errors.ts';
import { Distribution } from '../../src/telemetry/distribution.ts';
import { createRig } from '../support/rig.ts';
import { settled } from '../support/virtual-clock.ts';

describe('figures', () => {
  it('P48 a million samples are counted in constant memory', () => {
    const distribution = new Distribution();
    for (let sample = 0; sample < 1_000_000; sample++) distribution.record((sample % 1_000) + 1);
    expect(distribution.count).toBe(1_000_000);
    expect(distribution.mean).toBeCloseTo(500.5, 6);
    const { p50, p95, p99 } = distribution.percentiles();
    // Two significant figures.
    expect(p50! / 500).toBeCloseTo(1, 1);
    expect(p95! / 950).toBeCloseTo(1, 1);
    expect(p99! / 990).toBeCloseTo(1, 1);
  });
});

describe('an option of 0', () => {
  it('P48 is honoured as recoveryTimeoutMs: the breaker half-opens at once', async () => {
    const { breaker, clock, fail } = createRig({ m: { breaker: { failureThreshold: 1, recoveryTimeoutMs: 0 } } });
    await fail('m', 1);
    expect(breaker('m')).toBe('open');
    await clock.advance(0);
    expect(breaker('m')).toBe('half_open');
  });

  it('P48 is honoured as openJitter and as maxHintMs: neither lengthens the open time', async () => {
    const rig = createRig({
      m: { breaker: { failureThreshold: 1, recoveryTimeoutMs: 1_000, openJitter: 0, maxHintMs: 0 } },
    });
    await rig.fail('m', 1, new BackendError('down', { status: 503, retryAfterMs: 50_000 }));
    await rig.clock.advance(1_000);
    expect(rig.breaker('m')).toBe('half_open');
  });

  it('P48 is honoured as abortGraceMs: the slot of an aborted call is free at once', async () => {
    const { ask, backends, clock } = createRig({ m: { maxConcurrency: 1, abortGraceMs: 0 } });
    ask().abort();
    ask();
    await clock.advance(0);
    expect(backends.m.calls).toHaveLength(2);
  });

  it('P48 is honoured as the grace of a stop and of a removal: what runs is aborted at once', async () => {
    const { ask, clock, router } = createRig({ a: {}, b: { maxConcurrency: 1 } });
    const moved = ask({ model: 'a' });
    void router.removeModel('a', { graceMs: 0 });
    await clock.advance(0);
    expect(moved.code).toBe('no_model_available');
    const aborted = ask();
    void router.stop({ graceMs: 0 });
    await clock.advance(0);
    expect(aborted.code).toBe('router_stopped');
    expect(clock.now()).toBe(0);
  });

  it('P48 is honoured as a temperature and as a seed', async () => {
    const { ask, backends } = createRig({ m: {} });
    ask({ temperature: 0, seed: 0 });
    expect(backends.m.last.request).toMatchObject({ temperature: 0, seed: 0 });
  });

  it('P48 is honoured as the router’s seed: two routers draw the same', async () => {
    const openFor = async (): Promise<number | null> => {
      const rig = createRig({ m: { breaker: { failureThreshold: 1, openJitter: 0.2 } } }, { seed: 0 });
      const changes = rig.heard('breaker.changed');
      await rig.fail('m', 1);
      return changes[0]!.openForMs;
    };
    const first = await openFor();
    expect(first).not.toBe(60_000);
    expect(await openFor()).toBe(first);
  });

  it('P48 is honoured as maxParked: nobody waits for a model to come back', async () => {
    const { ask, fail } = createRig({ m: { breaker: { failureThreshold: 1 } } }, { maxParked: 0 });
    await fail('m', 1);
    const request = ask({ whenUnavailable: 'wait' });
    await settled();
    expect(request.code).toBe('no_model_available');
  });

  it('P48 is honoured as a price: what is free is the cheapest', async () => {
    const { ask, backends, router } = createRig({
      paid: { pricing: { inputPerMillion: 0, outputPerMillion: 0.01 } },
      free: { pricing: { inputPerMillion: 0, outputPerMillion: 0 } },
    });
    router.addRoute({}, { targets: ['paid', 'free'], strategy: 'cost' });
    ask();
    expect([backends.paid.calls.length, backends.free.calls.length]).toEqual([0, 1]);
  });

  it('P48 is no hint as retryAfterMs of a 429: the limit lasts for the first second', async () => {
    const { ask, backends, clock, router } = createRig({ m: {} });
    ask();
    backends.m.last.fail(new BackendError('slow down', { status: 429, retryAfterMs: 0 }));
    await settled();
    expect(router.getModelStatus()['m']!.limitedUntil).toBe(clock.wallNow() + 1_000);
  });

  it.each([
    'maxQueueDepth',
    'maxConcurrency',
    'attemptTimeoutMs',
    'weight',
    'contextWindow',
  ])('P48 is refused by name as %s of a model', (option) => {
    expect(() => createRig({ m: { [option]: 0 } })).toThrow(
      expect.objectContaining({ code: 'configuration_invalid', option }),
    );
  });

  it.each([
    'failureThreshold',
    'successThreshold',
    'halfOpenMaxProbes',
    'probeTimeoutMs',
    'windowSize',
    'windowMs',
    'minimumCalls',
    'failureRate',
    'slowCallMs',
    'slowCallRate',
  ])('P48 is refused by name as %s of a breaker', (option) => {
    for (const policy of ['count', 'time'] as const) {
      expect(() => createRig({ m: { breaker: { policy, [option]: 0 } } })).toThrow(
        expect.objectContaining({ code: 'configuration_invalid', option: expect.stringContaining(option) }),
      );
    }
  });

  it('P48 is refused by name as timeoutMs of a rule', () => {
    const { router } = createRig({ m: {} });
    expect(() => router.addRoute({}, { targets: ['m'], timeoutMs: 0 })).toThrow(
      expect.objectContaining({ code: 'configuration_invalid', option: 'timeoutMs' }),
    );
  });

  it('P48 is refused by name as maxOpenMs of a breaker that opens for longer', () => {
    expect(() => createRig({ m: { breaker: { maxOpenMs: 0 } } })).toThrow(
      expect.objectContaining({ code: 'configuration_invalid', option: 'maxOpenMs' }),
    );
  });

  it.each(['timeoutMs', 'readerTimeoutMs'])('P48 is refused by name as %s of a router', (option) => {
    expect(() => createRig({}, { [option]: 0 })).toThrow(
      expect.objectContaining({ code: 'configuration_invalid', option }),
    );
  });

  it.each(['timeoutMs', 'totalTimeoutMs', 'maxTokens'])('P48 is refused by name as %s of a request', async (field) => {
    const { ask } = createRig({ m: {} });
    const request = ask({ [field]: 0 });
    await settled();
    expect(request.error).toMatchObject({ code: 'request_invalid', field });
  });
});

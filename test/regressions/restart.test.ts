import { describe, expect, it } from 'vitest';
import { BackendError } from '../../src/errors.ts';
import { LLMRouter } from '../../src/llm-router.ts';
import type { ModelOptions } from '../../src/model-options.ts';
import type { RouterSnapshot } from '../../src/snapshot.ts';
import { ask, createRig } from '../support/rig.ts';
import { ScriptedStreamingBackend } from '../support/scripted-backend.ts';
import { settled, VirtualClock } from '../support/virtual-clock.ts';

const OPEN_MS = 60_000;
const breaker = { failureThreshold: 1, recoveryTimeoutMs: OPEN_MS, openJitter: 0 };
const slowDown = (retryAfterMs: number) => new BackendError('slow down', { status: 429, retryAfterMs });

/** The router of a new process: its monotonic clock begins elsewhere, its wall clock tells the time, or nearly. */
function newProcess(origin: number, wallNow: number, options: Omit<ModelOptions, 'backend'> = { breaker }) {
  const virtual = new VirtualClock(origin);
  const clock = { ...virtual, wallNow: () => wallNow + virtual.now() - origin };
  const router = new LLMRouter({ clock, seed: 1 });
  const backend = new ScriptedStreamingBackend();
  router.addModel('m', { ...options, backend });
  return { advance: (ms: number) => virtual.advance(ms), backend, router, status: () => router.getModelStatus()['m']! };
}

const overTheWire = (snapshot: RouterSnapshot): RouterSnapshot => JSON.parse(JSON.stringify(snapshot));

/** 20 s into the open time. */
async function midOpen() {
  const rig = createRig({ m: { breaker } });
  await rig.fail('m', 1);
  await rig.clock.advance(20_000);
  return { snapshot: overTheWire(rig.router.snapshot()), wallNow: rig.clock.wallNow() };
}

describe('a breaker over a restart', () => {
  it.each([
    0, 5, 86_400_000,
  ])('P43 turns half-open at the same time of day when the new clock begins at %i', async (origin) => {
    const { snapshot, wallNow } = await midOpen();
    const next = newProcess(origin, wallNow + 15_000);
    expect(next.router.restore(snapshot)).toEqual({ restored: ['m'], ignored: [] });
    expect(next.status().circuitBreaker).toMatchObject({ state: 'open', opens: 1, openUntil: wallNow + 40_000 });
    await next.advance(24_999);
    expect(next.status().circuitBreaker.state).toBe('open');
    await next.advance(1);
    expect(next.status().circuitBreaker.state).toBe('half_open');

    for (let probe = 0; probe < 3; probe++) {
      ask(next.router);
      next.backend.last.succeed();
      await settled();
    }
    expect(next.status().circuitBreaker.state).toBe('closed');
  });

  it('P43 whose open time has ended meanwhile is half-open at once, and lets one probe through', async () => {
    const { snapshot, wallNow } = await midOpen();
    const next = newProcess(0, wallNow + 40_000);
    next.router.restore(snapshot);
    expect(next.status().circuitBreaker.state).toBe('half_open');
    ask(next.router);
    ask(next.router);
    expect(next.backend.calls).toHaveLength(1);
  });

  it('P43 is never open for longer than a provider may ask for, however far the wall clock was set back', async () => {
    const { snapshot, wallNow } = await midOpen();
    const next = newProcess(1_000, wallNow - 86_400_000);
    next.router.restore(snapshot);
    await next.advance(3_599_999);
    expect(next.status().circuitBreaker.state).toBe('open');
    await next.advance(1);
    expect(next.status().circuitBreaker.state).toBe('half_open');
  });

  it('P43 is half-open at once when the wall clock was set forward', async () => {
    const { snapshot, wallNow } = await midOpen();
    const next = newProcess(1_000, wallNow + 3_600_000);
    next.router.restore(snapshot);
    expect(next.status().circuitBreaker.state).toBe('half_open');
  });

  it('P43 keeps its window: what it counted counts on, until it is too old', async () => {
    const settings = { breaker: { policy: 'time', windowMs: 60_000, minimumCalls: 10, openJitter: 0 } } as const;
    const rig = createRig({ m: settings });
    await rig.fail('m', 9);
    const snapshot = overTheWire(rig.router.snapshot());
    const soon = newProcess(123, rig.clock.wallNow() + 30_000, settings);
    soon.router.restore(snapshot);
    expect(soon.status().circuitBreaker.failureCount).toBe(9);
    ask(soon.router);
    soon.backend.last.fail();
    await settled();
    expect(soon.status().circuitBreaker.state).toBe('open');

    const late = newProcess(123, rig.clock.wallNow() + 70_000, settings);
    late.router.restore(snapshot);
    expect(late.status().circuitBreaker.failureCount).toBe(0);
  });

  it('P43 keeps no window longer than its length when the wall clock was set back', async () => {
    const settings = { breaker: { policy: 'time', windowMs: 60_000, minimumCalls: 10 } } as const;
    const rig = createRig({ m: settings });
    await rig.fail('m', 9);
    const next = newProcess(0, rig.clock.wallNow() - 3_600_000, settings);
    next.router.restore(overTheWire(rig.router.snapshot()));
    await next.advance(70_000);
    expect(next.status().circuitBreaker.failureCount).toBe(0);
  });

  it('P43 and its rate limit: nothing is sent until the same time of day, then slowly', async () => {
    const rig = createRig({ m: { breaker } });
    ask(rig.router, { timeoutMs: 100 });
    rig.backends.m.last.fail(slowDown(50_000));
    await settled();
    const wallNow = rig.clock.wallNow();
    const next = newProcess(77, wallNow + 20_000);
    next.router.restore(overTheWire(rig.router.snapshot()));
    expect(next.status()).toMatchObject({ limitedUntil: wallNow + 50_000, queueState: 'holding' });
    ask(next.router);
    ask(next.router);
    await next.advance(29_999);
    expect(next.backend.calls).toHaveLength(0);
    await next.advance(1);
    expect(next.backend.calls).toHaveLength(1);
  });

  it('P43 and its rate limit, also when the breaker is switched off', async () => {
    const rig = createRig({ m: { breaker: false } });
    ask(rig.router, { timeoutMs: 100 });
    rig.backends.m.last.fail(slowDown(50_000));
    await settled();
    const next = newProcess(77, rig.clock.wallNow(), { breaker: false });
    next.router.restore(overTheWire(rig.router.snapshot()));
    expect(next.status().limitedUntil).toBe(rig.clock.wallNow() + 50_000);
  });

  it('P43 that an operator had forced open stays so, and tells nobody when to come back', async () => {
    const rig = createRig({ m: { breaker } });
    rig.router.forceOpen('m');
    const next = newProcess(5, rig.clock.wallNow());
    next.router.restore(overTheWire(rig.router.snapshot()));
    await next.advance(10 * OPEN_MS);
    const refused = ask(next.router);
    await settled();
    expect(next.status().circuitBreaker.state).toBe('forced_open');
    expect(refused.code).toBe('no_model_available');
    expect(refused.error).not.toHaveProperty('retryAfterMs');
  });
});

describe('a snapshot', () => {
  const everything = async () => {
    const rig = createRig({
      counted: { breaker: { policy: 'count', windowSize: 40, minimumCalls: 30 } },
      timed: { breaker: { policy: 'time', minimumCalls: 30 } },
      open: { breaker },
      limited: {},
    });
    await rig.fail('counted', 3);
    await rig.fail('timed', 3);
    await rig.fail('open', 1);
    rig.ask({ model: 'limited', timeoutMs: 100 });
    rig.backends.limited.last.fail(slowDown(5_000));
    await settled();
    return rig;
  };

  it('P44 is plain JSON', async () => {
    const { router } = await everything();
    const snapshot = router.snapshot();
    expect(overTheWire(snapshot)).toStrictEqual(snapshot);
    expect(snapshot.models).toMatchObject({
      counted: { window: { kind: 'count', tally: { total: 3, failures: 3 } } },
      timed: { window: { kind: 'time', slices: [{ tally: { failures: 3 } }] } },
      open: { state: 'open', opens: 1, lastTrip: { cause: 'failures' } },
      limited: { limits: 1 },
    });
  });

  it('P44 is deep: whatever is done to it changes nothing in the router', async () => {
    const { router } = await everything();
    const before = overTheWire(router.snapshot());
    spoil(router.snapshot());
    expect(router.snapshot()).toEqual(before);
  });

  it('P44 is read, not kept: whatever is done to it after restore() changes nothing', async () => {
    const given = overTheWire((await everything()).router.snapshot());
    const { router } = await everything();
    router.restore(given);
    const before = overTheWire(router.snapshot());
    spoil(given);
    expect(router.snapshot()).toEqual(before);
  });

  it('P44 of one router does not change with what becomes of it', async () => {
    const { clock, fail, router } = await everything();
    const snapshot = router.snapshot();
    const before = overTheWire(snapshot);
    await fail('counted', 5);
    await fail('timed', 5);
    router.reset('open');
    await clock.advance(10_000);
    expect(snapshot).toEqual(before);
  });
});

/** Overwrites every figure in it, however deep. */
function spoil(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  const record = value as Record<string, unknown>;
  for (const [key, inner] of Object.entries(record)) {
    spoil(inner);
    if (typeof inner === 'number') record[key] = 987_654;
    if (Array.isArray(inner)) inner.push(inner[0]);
  }
}

import { describe, expect, it } from 'vitest';
import { BackendError } from '../../src/errors.ts';
import { LLMRouter } from '../../src/llm-router.ts';
import { retryAfterMs } from '../../src/retry/retry-after.ts';
import { MAX_TIMER_MS } from '../../src/timer-limit.ts';
import { ask, createRig } from '../support/rig.ts';
import { ScriptedStreamingBackend } from '../support/scripted-backend.ts';
import { settled, VirtualClock } from '../support/virtual-clock.ts';

const LIMIT_MS = 5_000;
const BEYOND = 2 ** 31 + 12_345;
const slowDown = (retryAfterMs = LIMIT_MS) => new BackendError('slow down', { status: 429, retryAfterMs });

describe('a rate limit', () => {
  it.each([
    ['a second is no millisecond', { 'retry-after': '2' }, 2_000],
    ['a fraction is rounded up', { 'retry-after': '0.0015' }, 2],
    ['a date that is past is now', { 'retry-after': 'Sat, 05 Nov 1994 08:49:37 GMT' }, 0],
    ['what is negative is now', { 'retry-after': '-30' }, 0],
    ['what is too long is cut, not replaced by something shorter', { 'retry-after': '86400' }, 3_600_000],
    ['what no number can hold is cut', { 'retry-after': '9'.repeat(400) }, 3_600_000],
    ['what nobody can read is no hint', { 'retry-after': 'soon' }, undefined],
  ])('P33 is as long as the provider says: %s', (_, headers, ms) => {
    // Sunday, 6 November 1994, 08:49:07 GMT.
    expect(retryAfterMs(headers, 784_111_747_000)).toBe(ms);
  });

  it('P33 that outlasts a request’s time sends it on at once, and is not tried before its end', async () => {
    const rig = createRig({ m: {}, spare: {} });
    const request = rig.ask({ timeoutMs: 10_000 });
    rig.backends.m.last.fail(slowDown(60_000));
    await settled();
    rig.backends.spare.last.succeed();
    await settled();
    expect(request.answer).toMatchObject({ modelUsed: 'spare', latencyMs: 0 });
    await rig.clock.advance(59_999);
    rig.ask();
    expect(rig.backends.m.calls).toHaveLength(1);
    await rig.clock.advance(1);
    rig.ask();
    expect(rig.backends.m.calls).toHaveLength(2);
  });

  it('P30 leaves the request that met it its class and its arrival', async () => {
    const rig = createRig({ m: { maxConcurrency: 1 } });
    const first = rig.ask({ priority: 'high' }, 'high, first');
    await rig.clock.advance(1_000);
    rig.ask({ priority: 'high' }, 'high, second');
    rig.ask({ priority: 'normal' }, 'normal');
    await rig.clock.advance(1_000);
    rig.backends.m.last.fail(slowDown());
    await rig.clock.advance(1_000);
    // Came later than all of them, and is before the normal one only.
    rig.ask({ priority: 'high' }, 'high, third');
    expect(rig.router.getModelStatus()['m']!.waiting).toEqual({ critical: 0, high: 3, normal: 1, low: 0 });
    await rig.clock.advance(LIMIT_MS - 1_000);
    for (let call = 0; call < 4; call++) {
      rig.backends.m.last.succeed();
      await settled();
    }

    expect(rig.backends.m.calls.map(({ request }) => request.prompt)).toEqual([
      'high, first',
      'high, first',
      'high, second',
      'high, third',
      'normal',
    ]);
    expect(first.answer?.trace.class).toBe('high');
    expect(first.answer?.latencyMs).toBe(2_000 + LIMIT_MS);
  });

  it('P30 leaves those who wait in their order, and what has aged past a newcomer in its place', async () => {
    const rig = createRig({ m: { maxConcurrency: 1, maxQueueDepth: 3, attemptTimeoutMs: 600_000 } });
    const options = { timeoutMs: 600_000 };
    rig.ask({ ...options, priority: 'low' }, 'aged');
    rig.backends.m.last.fail(slowDown(61_000));
    await rig.clock.advance(30_000);
    const displaced = rig.ask({ ...options, priority: 'normal' }, 'normal');
    await rig.clock.advance(30_001);
    rig.ask({ ...options, priority: 'critical' }, 'critical');
    rig.ask({ ...options, priority: 'high' }, 'high');
    await settled();
    // Of the three that wait, the normal one would be served last; the low one has aged past both newcomers.
    expect(displaced.code).toBe('queue_full');
    const refused = rig.ask({ ...options, priority: 'high' }, 'refused');
    await settled();
    expect(refused.error).toMatchObject({ code: 'rate_limited', retryAfterMs: 999 });
    await rig.clock.advance(1_000);
    for (let call = 0; call < 3; call++) {
      rig.backends.m.last.succeed();
      await settled();
    }
    expect(rig.backends.m.calls.map(({ request }) => request.prompt)).toEqual(['aged', 'aged', 'critical', 'high']);
  });

  it('P28 a request behind a hundred that were aborted during it starts at its end', async () => {
    const rig = createRig({ m: { maxConcurrency: 1, maxQueueDepth: 200 } });
    rig.ask().abort();
    await rig.clock.advance(1_000);
    const met = rig.ask();
    rig.backends.m.last.fail(slowDown());
    await settled();
    const gone = Array.from({ length: 100 }, () => rig.ask());
    const live = rig.ask({}, 'live');
    for (const { abort } of [met, ...gone]) abort('left');
    await settled();
    expect(gone.every(({ error }) => error === 'left')).toBe(true);
    const calls = rig.backends.m.calls.length;

    await rig.clock.advance(LIMIT_MS - 1);
    expect(rig.backends.m.calls).toHaveLength(calls);
    await rig.clock.advance(1);
    expect(rig.backends.m.calls).toHaveLength(calls + 1);
    expect(rig.backends.m.last.request.prompt).toBe('live');
    rig.backends.m.last.succeed();
    await settled();
    expect(live.answer?.content).toBe('ok');
  });

  it('P14 lasts as long as it was told, whatever the wall clock does', async () => {
    let offset = 0;
    const virtual = new VirtualClock();
    const backend = new ScriptedStreamingBackend();
    const router = new LLMRouter({ clock: { ...virtual, wallNow: () => virtual.wallNow() + offset }, seed: 1 });
    router.addModel('m', { backend });
    for (const step of [3_600_000, -3_600_000]) {
      const calls = backend.calls.length;
      offset = 0;
      ask(router);
      backend.last.fail(slowDown());
      await settled();
      offset = step;
      expect(router.getModelStatus()['m']!.limitedUntil).toBe(virtual.wallNow() + step + LIMIT_MS);
      await virtual.advance(LIMIT_MS - 1);
      expect(backend.calls).toHaveLength(calls + 1);
      await virtual.advance(1);
      expect(backend.calls).toHaveLength(calls + 2);
      backend.last.succeed();
      await settled();
    }
    await router.stop();
  });

  it('P34 of more than 2^31−1 ms ends exactly then', async () => {
    const clock = new VirtualClock();
    const backend = new ScriptedStreamingBackend();
    const router = new LLMRouter({
      // Fires at once what a Node timer cannot hold, as Node does.
      clock: {
        now: clock.now,
        wallNow: clock.wallNow,
        clearTimeout: clock.clearTimeout,
        setTimeout: (callback, ms) => clock.setTimeout(callback, ms > MAX_TIMER_MS ? 1 : ms),
      },
      seed: 1,
    });
    router.addModel('m', { backend, breaker: { maxHintMs: 2 * BEYOND } });
    const request = ask(router, { timeoutMs: 2 * BEYOND });
    backend.last.fail(slowDown(BEYOND));
    await settled();
    await clock.advance(BEYOND - 1);
    expect(backend.calls).toHaveLength(1);
    expect(router.getModelStatus()['m']!.limitedUntil).not.toBeNull();
    await clock.advance(1);
    expect(backend.calls).toHaveLength(2);
    backend.last.succeed();
    await settled();
    expect(request.answer?.content).toBe('ok');
  });
});

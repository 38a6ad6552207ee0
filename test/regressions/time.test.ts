import { afterEach, describe, expect, it, vi } from 'vitest';
import { createActor } from 'xstate';
import { modelMachine } from '../../machines/model/model.machine.ts';
import { DEFAULT_BREAKER } from '../../src/breaker/options.ts';
import { type Clock, systemClock } from '../../src/clock.ts';
import { BackendError } from '../../src/errors.ts';
import { LLMRouter } from '../../src/llm-router.ts';
import { MAX_TIMER_MS } from '../../src/timer-limit.ts';
import { ask, createRig, watch } from '../support/rig.ts';
import { ScriptedStreamingBackend } from '../support/scripted-backend.ts';
import { slipWith } from '../support/slips.ts';
import { settled, VirtualClock } from '../support/virtual-clock.ts';

const HOUR = 3_600_000;
const BEYOND = 2 ** 31 + 12_345;

/** Fires at once what a Node timer cannot hold, as Node does. */
function nodeLike(clock: VirtualClock): Clock {
  return {
    now: clock.now,
    wallNow: clock.wallNow,
    clearTimeout: clock.clearTimeout,
    setTimeout: (callback, ms) => clock.setTimeout(callback, ms > MAX_TIMER_MS ? 1 : ms),
  };
}

function nodeLikeRouter(settings: object, options: object = {}) {
  const clock = new VirtualClock();
  const backend = new ScriptedStreamingBackend();
  const router = new LLMRouter({ clock: nodeLike(clock), seed: 1, ...options });
  router.addModel('m', { backend, ...settings });
  return { clock, backend, router };
}

describe('a wall clock that steps', () => {
  it.each([
    ['forward', HOUR],
    ['back', -HOUR],
  ])('P14 by an hour %s changes no duration', async (_direction, step) => {
    let offset = 0;
    const virtual = new VirtualClock();
    const clock: Clock = { ...virtual, wallNow: () => virtual.wallNow() + offset };
    const backend = new ScriptedStreamingBackend();
    const router = new LLMRouter({ clock, seed: 1 });
    router.addModel('m', {
      backend,
      maxConcurrency: 1,
      breaker: {
        failureThreshold: 1,
        successThreshold: 1,
        recoveryTimeoutMs: 10_000,
        openJitter: 0,
        probeTimeoutMs: 2_000,
      },
    });
    const state = (): string => router.getModelStatus()['m']!.circuitBreaker.state;

    const served = ask(router);
    await virtual.advance(500);
    offset = step;
    backend.last.succeed();
    await settled();
    expect(served.answer!.latencyMs).toBe(500);

    ask(router);
    backend.last.fail(new BackendError('down', { status: 500 }));
    await settled();
    offset = 0;
    await virtual.advance(9_999);
    expect(state()).toBe('open');
    offset = step;
    await virtual.advance(1);
    expect(state()).toBe('half_open');

    ask(router);
    offset = 0;
    await virtual.advance(1_999);
    expect(state()).toBe('half_open');
    offset = step;
    await virtual.advance(1);
    expect(state()).toBe('open');

    await virtual.advance(20_000);
    ask(router);
    backend.last.succeed();
    await settled();
    const late = ask(router, { timeoutMs: 1_000 });
    offset = -step;
    await virtual.advance(999);
    expect(late.isSettled).toBe(false);
    await virtual.advance(1);
    expect(late.code).toBe('deadline_exceeded');
    await router.stop();
  });

  it('P14 shows in the status as the date that holds now', async () => {
    const rig = createRig({ m: { breaker: { failureThreshold: 1, recoveryTimeoutMs: 10_000 } } });
    await rig.fail('m', 1);
    await rig.clock.advance(4_000);
    expect(rig.router.getModelStatus()['m']!.circuitBreaker.openUntil).toBe(rig.clock.wallNow() + 6_000);
  });
});

describe('one injected clock', () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  it('P15 is the only time that a run asks for', async () => {
    const asked: string[] = [];
    const listen = (name: string) => () => {
      // The test runner has timers of its own: only calls from the router, its charts and their library count.
      const { stack = '' } = new Error(name);
      const caller = stack.split('\n').find((line) => /\/(src|machines)\/|\/xstate\//.test(line));
      // The library's scheduler notes when it armed a delay; the note is read by nobody.
      const isNote = name === 'Date.now' && caller?.includes('/xstate/') && /\bschedule\b/.test(stack);
      if (caller !== undefined && !isNote) asked.push(`${name} ${caller.trim()}`);
    };
    const spied = <T extends object>(target: T, method: keyof T & string, name: string): void => {
      const original = target[method] as (...args: unknown[]) => unknown;
      const heard = listen(name);
      vi.spyOn(target as Record<string, typeof original>, method).mockImplementation(function (
        this: unknown,
        ...args: unknown[]
      ) {
        heard();
        return original.apply(this, args);
      });
    };
    spied(Date, 'now', 'Date.now');
    spied(performance, 'now', 'performance.now');
    spied(globalThis, 'setTimeout', 'setTimeout');

    const rig = createRig({
      m: { maxConcurrency: 1, maxQueueDepth: 2, breaker: { failureThreshold: 1, recoveryTimeoutMs: 1_000 } },
      spare: { attemptTimeoutMs: 500 },
      windowed: { maxConcurrency: 2, breaker: { policy: 'time', windowMs: 10_000, minimumCalls: 2, slowCallMs: 500 } },
    });
    rig.heard('queue.changed');
    rig.router.addRoute(
      { metadata: { dealt: true } },
      { name: 'dealt', targets: ['m', 'spare', 'windowed'], strategy: 'latency' },
    );
    rig.ask({ model: 'windowed' });
    await rig.clock.advance(1_000);
    rig.backends.windowed.last.succeed();
    await settled();
    rig.ask({ model: 'windowed', timeoutMs: 3_000 });
    rig.backends.windowed.last.fail(new BackendError('slow down', { status: 429 }));
    await settled();
    rig.router.explain('hi', { model: 'dealt' });
    rig.router.pause('spare').resume('spare');
    await rig.clock.advance(1_000);
    rig.backends.windowed.last.fail();
    await settled();
    expect(rig.breaker('windowed')).toBe('open');
    rig.ask({ model: 'windowed', whenUnavailable: 'wait', timeoutMs: 20_000 });
    rig.router.restore(rig.router.snapshot());
    const displaced = rig.ask({ priority: 'low' });
    rig.ask({ priority: 'low' });
    rig.ask({ priority: 'critical' }).abort();
    rig.backends.m.last.fail(new BackendError('down', { status: 500 }));
    const stream = rig.watch({ model: 'spare' });
    rig.backends.spare.lastStream.push('a');
    rig.backends.spare.lastStream.end();
    rig.ask({ model: 'spare', timeoutMs: 200 });
    await rig.clock.advance(5_000);
    rig.ask();
    await rig.clock.advance(60_000);
    rig.router.getModelStatus();
    rig.router.getStats();
    await rig.router.health();
    await rig.router.removeModel('spare', { graceMs: 0 });
    await rig.router.stop();

    expect(displaced.isSettled).toBe(true);
    expect(stream.text).toBe('a');
    expect(asked).toEqual([]);
  });
});

describe('times beyond what a timer holds', () => {
  it('P34 an open time of more than 2^31−1 ms ends exactly then, on the very chart that serves', async () => {
    const clock = new VirtualClock();
    const actor = createActor(modelMachine, {
      clock: nodeLike(clock) as never,
      input: {
        name: 'm',
        limits: { maxConcurrency: 1, maxQueueDepth: 1, attemptTimeoutMs: 60_000, abortGraceMs: 1_000 },
        breaker: {
          ...DEFAULT_BREAKER,
          failureThreshold: 1,
          recoveryTimeoutMs: 3 * BEYOND,
          maxOpenMs: 3 * BEYOND,
          openJitter: 0,
        },
      },
    }).start();
    const slip = slipWith({ seq: 1, arrival: 0, deadline: BEYOND });
    actor.send({ type: 'request', slip, at: 0 });
    actor.send({
      type: 'call.failed',
      slot: 0,
      slip,
      permit: { generation: 1, probe: false },
      at: 0,
      lingers: false,
      interrupts: false,
    });
    expect(actor.getSnapshot().value.breaker).toBe('open');

    await clock.advance(3 * BEYOND - 1);
    expect(actor.getSnapshot().value.breaker).toBe('open');
    await clock.advance(1);
    expect(actor.getSnapshot().value.breaker).toBe('half_open');
    actor.stop();
  });

  it('P34 a recoveryTimeoutMs of more than 2^31−1 is kept to the millisecond by the router', async () => {
    const { backend, clock, router } = nodeLikeRouter({
      breaker: { failureThreshold: 1, recoveryTimeoutMs: BEYOND, openJitter: 0 },
    });
    ask(router);
    backend.last.fail();
    await settled();
    await clock.advance(BEYOND - 1);
    expect(router.getModelStatus()['m']!.circuitBreaker.state).toBe('open');
    await clock.advance(1);
    expect(router.getModelStatus()['m']!.circuitBreaker.state).toBe('half_open');
  });

  it('P34 a timeoutMs of more than 2^31−1 ends a request exactly then', async () => {
    const { clock, router } = nodeLikeRouter({ attemptTimeoutMs: 3 * BEYOND });
    const request = ask(router, { timeoutMs: BEYOND });
    await clock.advance(BEYOND - 1);
    expect(request.isSettled).toBe(false);
    await clock.advance(1);
    expect(request.code).toBe('deadline_exceeded');
  });

  it('P34 an attemptTimeoutMs of more than 2^31−1 ends a call exactly then', async () => {
    const { clock, router } = nodeLikeRouter({ attemptTimeoutMs: BEYOND });
    const request = ask(router, { timeoutMs: 3 * BEYOND });
    await clock.advance(BEYOND - 1);
    expect(request.isSettled).toBe(false);
    await clock.advance(1);
    expect(request).toMatchObject({ code: 'provider_failed', error: { candidates: [{ reason: 'attempt_timeout' }] } });
  });

  it('P34 a readerTimeoutMs of more than 2^31−1 does not end a stream at once', async () => {
    const { backend, clock, router } = nodeLikeRouter({}, { readerTimeoutMs: BEYOND });
    const stream = router.stream('hi');
    for (let piece = 0; piece < 40; piece++) backend.lastStream.push(`${piece} `);
    await clock.advance(BEYOND - 1);
    expect(backend.lastStream.context.signal.aborted).toBe(false);
    await clock.advance(1);
    expect(backend.lastStream.context.signal.aborted).toBe(true);
    await stream.return?.();
  });

  it('P34 a grace of more than 2^31−1 does not end a stop at once', async () => {
    const { backend, clock, router } = nodeLikeRouter({ attemptTimeoutMs: 3 * BEYOND });
    const request = ask(router, { timeoutMs: 3 * BEYOND });
    const stopped = router.stop({ graceMs: BEYOND });
    await clock.advance(BEYOND - 1);
    expect(request.isSettled).toBe(false);
    backend.last.succeed();
    await stopped;
    expect(request.answer?.content).toBe('ok');
  });

  it('P34 a removal’s grace of more than 2^31−1 evicts exactly then', async () => {
    const { clock, router } = nodeLikeRouter({ attemptTimeoutMs: 3 * BEYOND });
    const request = ask(router, { timeoutMs: 3 * BEYOND });
    const removed = router.removeModel('m', { graceMs: BEYOND });
    await clock.advance(BEYOND - 1);
    expect(request.isSettled).toBe(false);
    await clock.advance(1);
    expect(request.isSettled).toBe(true);
    await clock.advance(1_000);
    await removed;
  });

  it('P34 a totalTimeoutMs of more than 2^31−1 ends a stream exactly then', async () => {
    const { backend, clock, router } = nodeLikeRouter({ idleTimeoutMs: 2 * BEYOND });
    const stream = watch(router, { totalTimeoutMs: BEYOND });
    backend.lastStream.push('a');
    await clock.advance(BEYOND - 2);
    expect(stream.isSettled).toBe(false);
    await clock.advance(2);
    expect(stream.code).toBe('deadline_exceeded');
  });
});

describe('the clock of the process', () => {
  it('fires at once, and warns of nothing, when the time to come is past', async () => {
    const warnings: string[] = [];
    const warned = (warning: Error): unknown => warnings.push(warning.name);
    process.on('warning', warned);
    const hold = setInterval(() => {}, 1_000);
    await new Promise<void>((resolve) => systemClock.setTimeout(resolve, -5));
    await new Promise((resolve) => setImmediate(resolve));
    clearInterval(hold);
    process.off('warning', warned);
    expect(warnings).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import type { LLMRouterError } from '../../src/errors.ts';
import { BackendError } from '../../src/errors.ts';
import { LLMRouter } from '../../src/llm-router.ts';
import { rejectionOf } from '../support/leaks.ts';
import { createRig } from '../support/rig.ts';
import { ScriptedStreamingBackend } from '../support/scripted-backend.ts';
import { settled } from '../support/virtual-clock.ts';

describe('stop()', () => {
  it('rejects what waits at once and lets what runs finish within the grace', async () => {
    const { ask, backends, router, watch } = createRig({ m: { maxConcurrency: 2 }, spare: { maxConcurrency: 1 } });
    const running = ask({ model: 'm' });
    const streaming = watch({ model: 'm' });
    const waiting = [ask({ model: 'm' }), watch({ model: 'm' })];
    let isStopped = false;
    void router.stop().then(() => {
      isStopped = true;
    });
    await settled();
    expect(waiting.map(({ code }) => code)).toEqual(['router_stopped', 'router_stopped']);
    expect([running.isSettled, streaming.isSettled, isStopped]).toEqual([false, false, false]);

    backends.m.last.succeed();
    backends.m.lastStream.push('a');
    backends.m.lastStream.end();
    await settled();
    expect(running.answer?.content).toBe('ok');
    expect(streaming.answer?.content).toBe('a');
    expect(isStopped).toBe(true);
  });

  it('rejects new requests at once, those of actors and streams too', async () => {
    const { ask, router, watch } = createRig({ m: {} });
    const running = ask();
    void router.stop();
    expect(router.isStopped).toBe(true);
    const late = [ask(), watch()];
    await settled();
    expect(late.map(({ error }) => error)).toMatchObject([
      { code: 'router_stopped', name: 'RouterStoppedError', status: 503 },
      { code: 'router_stopped' },
    ]);
    expect(running.isSettled).toBe(false);
  });

  it('does not move on what fails in the grace', async () => {
    const { ask, backends, router } = createRig({ m: {}, spare: {} });
    const failed = ask();
    const limited = ask();
    const stopped = router.stop();
    backends.m.calls[0]!.fail(new BackendError('down', { status: 500 }));
    backends.m.calls[1]!.fail(new BackendError('slow down', { status: 429 }));
    await stopped;
    expect([failed.code, limited.code]).toEqual(['provider_failed', 'rate_limited']);
    expect(backends.spare.calls).toHaveLength(0);
  });

  it('does not move on what an opening breaker or a time-out gives back in the grace', async () => {
    const { ask, backends, clock, router } = createRig({
      m: { maxConcurrency: 2, attemptTimeoutMs: 100, breaker: { failureThreshold: 1 } },
      spare: {},
    });
    const requests = [ask(), ask(), ask()];
    void router.stop();
    await clock.advance(100);
    expect(requests.map(({ code }) => code)).toEqual(['provider_failed', 'provider_failed', 'router_stopped']);
    expect(backends.spare.calls).toHaveLength(0);
  });

  it('aborts what still runs when the grace is over, and resolves then', async () => {
    const { ask, backends, clock, router, watch } = createRig({ m: {} });
    const running = ask();
    const streaming = watch();
    backends.m.lastStream.push('a');
    await settled();
    let isStopped = false;
    void router.stop({ graceMs: 500 }).then(() => {
      isStopped = true;
    });
    await clock.advance(499);
    expect([running.isSettled, streaming.isSettled, isStopped]).toEqual([false, false, false]);
    await clock.advance(1);

    expect([running.code, streaming.code, isStopped]).toEqual(['router_stopped', 'router_stopped', true]);
    expect(backends.m.last.context.signal.aborted).toBe(true);
    expect(backends.m.lastStream.context.signal.aborted).toBe(true);
    expect(streaming.text).toBe('a');
    // The call that was made is on record, and how it ended.
    expect((running.error as LLMRouterError).trace?.candidates).toMatchObject([
      { model: 'm', verdict: 'cancelled', attempts: [{ outcome: 'cancelled', ms: 500 }] },
    ]);
  });

  it('has a grace of ten seconds when none is given', async () => {
    const { ask, clock, router } = createRig({ m: {} });
    const running = ask();
    void router.stop();
    await clock.advance(9_999);
    expect(running.isSettled).toBe(false);
    await clock.advance(1);
    expect(running.code).toBe('router_stopped');
  });

  it('returns the same promise when it is called again, whatever is asked then', async () => {
    const { ask, clock, router } = createRig({ m: {} });
    ask();
    const first = router.stop({ graceMs: 500 });
    expect(router.stop()).toBe(first);
    expect(router.stop({ graceMs: 0 })).toBe(first);
    await clock.advance(500);
    await first;
    expect(router.stop()).toBe(first);
    expect(router[Symbol.asyncDispose]()).toBe(first);
  });

  it('comes to its end at once without a grace, also on a clock that stands still', async () => {
    const { ask, router } = createRig({ m: { maxConcurrency: 1 } });
    const running = ask();
    const waiting = ask();
    await router.stop({ graceMs: 0 });
    expect([running.code, waiting.code]).toEqual(['router_stopped', 'router_stopped']);
  });

  it('is one for listeners too that hear of it first', async () => {
    const { ask, router } = createRig({ m: { maxConcurrency: 1 } });
    ask();
    ask();
    const seen: unknown[] = [];
    router.once('request.settled', () => seen.push(router.isStopped, router.stop()));
    const stopped = router.stop({ graceMs: 0 });
    expect(seen).toEqual([true, stopped]);
    expect(seen[1]).toBe(stopped);
  });

  it('is for good: nothing can be started, added or changed afterwards', async () => {
    const { router } = createRig({ m: {} });
    router.addRoute('high', { targets: ['m'] });
    await router.stop();
    const stopped = expect.objectContaining({ code: 'router_stopped' });
    expect(() => router.start()).toThrow(stopped);
    expect(() => router.addModel('x', { backend: new ScriptedStreamingBackend() })).toThrow(stopped);
    expect(() => router.addRoute('low', { targets: ['m'] })).toThrow(stopped);
    expect(() => router.removeRoute('priority:high')).toThrow(stopped);
    expect(() => router.enableCircuitBreaker()).toThrow(stopped);
    await expect(router.removeModel('m')).rejects.toEqual(stopped);
  });

  it('leaves nothing: no actor, no timer, no open backend, and still tells what was', async () => {
    const { ask, backends, clock, fail, router } = createRig({ m: { breaker: { failureThreshold: 2 } }, spare: {} });
    await fail('m', 2);
    ask();
    const stopped = router.stop({ graceMs: 0 });
    await clock.advance(0);
    await stopped;

    expect(clock.pending).toBe(0);
    expect([backends.m.closed, backends.spare.closed]).toEqual([1, 1]);
    expect(router.actor.getSnapshot().status).toBe('done');
    expect(router.getStats()).toMatchObject({ totalRequests: 3, failures: 3 });
    expect(router.getModelStatus()['m']!.circuitBreaker.state).toBe('open');
  });

  it('resolves although a backend cannot be closed', async () => {
    const { router } = createRig({ m: {} });
    const logged: object[] = [];
    const loud = new LLMRouter({
      logger: { debug() {}, info() {}, warn: (data) => logged.push(data), error() {} },
    });
    const error = new Error('stuck');
    loud.addModel('sync', {
      backend: {
        generate: async () => ({ content: '' }),
        close() {
          throw error;
        },
      },
    });
    loud.addModel('async', {
      backend: { generate: async () => ({ content: '' }), close: () => Promise.reject(error) },
    });
    await Promise.all([router.stop(), loud.stop()]);
    expect(logged).toEqual([
      { model: 'sync', error },
      { model: 'async', error },
    ]);
  });

  it('settles a removal that is under way', async () => {
    const { ask, backends, clock, router } = createRig({ m: {} });
    ask();
    let isRemoved = false;
    void router.removeModel('m').then(() => {
      isRemoved = true;
    });
    void router.stop({ graceMs: 500 });
    await clock.advance(500);
    expect(isRemoved).toBe(true);
    expect(backends.m.closed).toBe(1);
  });

  it('happens at the end of an await using', async () => {
    const { ask, router } = createRig({ m: {} });
    {
      await using scope = router;
      expect(scope.isStopped).toBe(false);
    }
    const late = ask();
    await settled();
    expect(late.code).toBe('router_stopped');
  });

  it.each([-1, Number.NaN, '5' as never])('refuses a grace of %s by name, and goes on', async (graceMs) => {
    const { ask, backends, router } = createRig({ m: {} });
    const error = await rejectionOf(Promise.race([router.stop({ graceMs }), settled()]));
    expect(error).toMatchObject({ code: 'configuration_invalid', option: 'graceMs' });
    const request = ask();
    backends.m.last.succeed();
    await settled();
    expect(request.answer?.content).toBe('ok');
  });
});

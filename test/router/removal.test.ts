import { describe, expect, it } from 'vitest';
import type { LLMRouterError } from '../../src/errors.ts';
import { rejectionOf } from '../support/leaks.ts';
import { createRig } from '../support/rig.ts';
import { ScriptedStreamingBackend } from '../support/scripted-backend.ts';
import { settled } from '../support/virtual-clock.ts';

describe('removeModel()', () => {
  it('takes no newcomer, and lets what it has finish within the grace', async () => {
    const { ask, backends, router } = createRig({ m: { maxConcurrency: 1 }, spare: {} });
    const running = ask();
    const waiting = ask();
    const removed = router.removeModel('m');
    const newcomer = ask();
    expect(router.getModelStatus()['m']).toMatchObject({ control: 'draining', queueDepth: 2 });
    backends.spare.last.succeed();
    backends.m.last.succeed();
    await settled();
    backends.m.last.succeed();
    await removed;
    await settled();

    expect([running, waiting, newcomer].map(({ answer }) => answer?.modelUsed)).toEqual(['m', 'm', 'spare']);
    expect(newcomer.answer?.trace.candidates).toMatchObject([{ model: 'spare' }]);
    expect(Object.keys(router.getModelStatus())).toEqual(['spare']);
  });

  it('moves on what waits and what runs when the grace is over, and interrupts a stream with content', async () => {
    const { ask, backends, breaker, clock, router, watch } = createRig({ m: { maxConcurrency: 3 }, spare: {} });
    const running = ask();
    const withContent = watch();
    backends.m.lastStream.push('a');
    const silent = watch();
    const waiting = ask();
    await settled();
    const removed = router.removeModel('m', { graceMs: 500 });
    await clock.advance(499);
    expect(backends.spare.calls).toHaveLength(0);
    await clock.advance(1);

    for (const call of backends.spare.calls) call.succeed({ content: 'from spare' });
    backends.spare.lastStream.push('from spare');
    backends.spare.lastStream.end();
    await settled();
    expect([running, waiting, silent].map(({ answer }) => answer?.content)).toEqual(Array(3).fill('from spare'));
    expect(withContent).toMatchObject({ text: 'a', code: 'stream_interrupted' });
    expect(backends.m.calls.every(({ context }) => context.signal.aborted)).toBe(true);
    expect(breaker('m')).toBe('closed');
    await clock.advance(1_000);
    await removed;
    expect(backends.m.closed).toBe(1);
  });

  it('frees the name when its promise resolves, not before; the new one knows nothing of the old', async () => {
    const { ask, backends, fail, router } = createRig({ m: { breaker: { failureThreshold: 5 } }, spare: {} });
    await fail('m', 3);
    ask({ model: 'm' });
    const removed = router.removeModel('m');
    const taken = expect.objectContaining({ code: 'configuration_invalid', option: 'name' });
    expect(() => router.addModel('m', { backend: new ScriptedStreamingBackend() })).toThrow(taken);
    backends.m.last.succeed();
    await removed;
    router.addModel('m', { backend: new ScriptedStreamingBackend() });

    expect(router.getModelStatus()['m']).toMatchObject({
      control: 'active',
      successes: 0,
      failures: 0,
      circuitBreaker: { state: 'closed', failureCount: 0 },
    });
  });

  it('frees the name only when its backend is closed', async () => {
    const { router } = createRig({ spare: {} });
    let release!: () => void;
    const closing = new Promise<void>((resolve) => {
      release = resolve;
    });
    const first = { generate: async () => ({ content: '' }), close: () => closing };
    router.addModel('m', { backend: first });
    let isRemoved = false;
    const removed = router.removeModel('m').then(() => {
      isRemoved = true;
    });
    await settled();
    expect(isRemoved).toBe(false);
    expect(() => router.addModel('m', { backend: new ScriptedStreamingBackend() })).toThrow(
      expect.objectContaining({ code: 'configuration_invalid', option: 'name' }),
    );
    release();
    await removed;
    router.addModel('m', { backend: new ScriptedStreamingBackend() });
  });

  it('called twice waits for the same removal', async () => {
    const { ask, backends, router } = createRig({ m: {} });
    ask();
    const both = [router.removeModel('m'), router.removeModel('m')];
    backends.m.last.succeed();
    expect(await Promise.all(both)).toEqual([undefined, undefined]);
    expect(backends.m.closed).toBe(1);
  });

  it('is refused for a model that is not there, and when a rule would have no target left', async () => {
    const { router } = createRig({ a: {}, b: {} });
    router.addRoute('high', { name: 'fast', targets: ['a'], fallback: ['b'] });
    expect(await rejectionOf(router.removeModel('x'))).toMatchObject({
      code: 'configuration_invalid',
      option: 'name',
      message: expect.stringContaining("'x'"),
    });
    expect(await rejectionOf(router.removeModel('a'))).toMatchObject({
      code: 'configuration_invalid',
      message: expect.stringContaining("'fast'"),
    });
    router.removeRoute('fast');
    await router.removeModel('a');
  });

  it('leaves a rule with its other targets: the removed one is skipped', async () => {
    const { ask, backends, router } = createRig({ a: {}, b: {}, c: {} });
    router.addRoute('high', { targets: ['a', 'b'], fallback: ['c'] });
    await router.removeModel('a');
    const request = ask({ priority: 'high' });
    backends.b.last.succeed();
    await settled();
    expect(request.answer?.trace).toMatchObject({
      rule: 'priority:high',
      candidates: [
        { model: 'a', verdict: 'skipped', reason: 'removed' },
        { model: 'b', verdict: 'served' },
      ],
    });
    expect(await rejectionOf(router.removeModel('b'))).toMatchObject({ code: 'configuration_invalid' });
  });

  it.each([
    -1,
    Number.NaN,
    '5' as never,
  ])('refuses a grace of %s by name, and leaves the model as it is', async (graceMs) => {
    const { ask, clock, router } = createRig({ m: {} });
    ask();
    const removal = router.removeModel('m', { graceMs }).then(
      () => undefined,
      (error: unknown) => error as LLMRouterError,
    );
    await settled();
    expect(router.getModelStatus()['m']!.control).toBe('active');
    expect(await Promise.race([removal, settled()])).toMatchObject({
      code: 'configuration_invalid',
      option: 'graceMs',
    });
    expect(clock.pending).toBeGreaterThan(0);
  });

  it('that is overtaken by the stop of the router is told so', async () => {
    const { ask, clock, router } = createRig({ m: {} });
    const request = ask();
    void router.removeModel('m', { graceMs: 50 });
    void router.stop({ graceMs: 2_000 });
    await clock.advance(50);
    expect(request.code).toBe('router_stopped');
  });
});

import { describe, expect, it } from 'vitest';
import type { GenerateOptions } from '../../../src/generate-options.ts';
import type { ModelOptions } from '../../../src/model-options.ts';
import { createRig } from '../../support/rig.ts';
import { settled } from '../../support/virtual-clock.ts';

const COLD = { temperature: 0 } as const;

function flightRig(models: { readonly a: Omit<ModelOptions, 'backend'> } = { a: {} }) {
  const rig = createRig(models);
  rig.router.enableCache({ embedder: false });
  const fly = (options: GenerateOptions = {}, prompt = 'hi') => rig.ask({ ...COLD, ...options }, prompt);
  return { ...rig, fly, cache: () => rig.router.getStats().cache!, calls: rig.backends.a.calls };
}

describe('single flight', () => {
  it('asks once for identical requests, and answers each as its own', async () => {
    const { fly, calls, router, cache, backends, heard } = flightRig();
    const over = heard('request.settled');
    const asked = Array.from({ length: 5 }, () => fly());
    await settled();
    expect(calls).toHaveLength(1);
    backends.a.last.succeed({ content: 'one' });
    await settled();
    expect(asked.map(({ answer }) => answer!.content)).toEqual(Array(5).fill('one'));
    expect(new Set(asked.map(({ answer }) => answer!.requestId)).size).toBe(5);
    expect(asked.map(({ answer }) => answer!.attempts)).toEqual([1, 0, 0, 0, 0]);
    expect(asked[0]!.answer!.trace).toMatchObject({
      cache: { status: 'miss' },
      candidates: [{ model: 'a', verdict: 'served' }],
    });
    expect(asked[1]!.answer).toMatchObject({ cached: false, modelUsed: 'a', trace: { cache: { status: 'shared' } } });
    expect(over).toHaveLength(5);
    expect(router.getStats()).toMatchObject({
      totalRequests: 5,
      successes: 5,
      cacheHits: 0,
      requestsByModel: { a: 1 },
    });
    expect(router.getModelStatus()['a']).toMatchObject({ successes: 1, queueDepth: 0 });
    expect(cache()).toMatchObject({ misses: 1, shared: 4, stored: 1 });
    expect((await hit(fly)).answer).toMatchObject({ content: 'one', cached: true });
  });

  it('lets each leave alone, and calls off only for the last', async () => {
    const { fly, calls } = flightRig();
    const [first, second] = [fly(), fly()];
    await settled();
    first!.abort(new Error('bye'));
    await settled();
    expect(first).toMatchObject({ isSettled: true, error: { message: 'bye' } });
    expect(calls[0]!.context.signal.aborted).toBe(false);
    second!.abort();
    await settled();
    expect(second!.isSettled).toBe(true);
    expect(calls[0]!.context.signal.aborted).toBe(true);
  });

  it('begins anew for who comes after the last has left', async () => {
    const { fly, calls, cache } = flightRig();
    fly().abort();
    await settled();
    const later = fly();
    await settled();
    calls.at(-1)!.succeed();
    await settled();
    expect(later.answer).toMatchObject({ cached: false });
    expect(cache()).toMatchObject({ stored: 1 });
  });

  it('lets each expire alone, while the call has a deadline of its own', async () => {
    const { fly, calls, clock } = flightRig();
    const hasty = fly({ timeoutMs: 100 });
    const patient = fly({ timeoutMs: 10_000 });
    await settled();
    await clock.advance(100);
    expect(hasty.code).toBe('deadline_exceeded');
    expect(calls[0]!.context.signal.aborted).toBe(false);
    calls[0]!.succeed({ content: 'late' });
    await settled();
    expect(patient.answer!.content).toBe('late');
  });

  it('gives a failure to the one it was made for; the others ask for themselves', async () => {
    const { fly, calls, backends } = flightRig({ a: { breaker: false } });
    const asked = [fly(), fly(), fly()];
    await settled();
    backends.a.last.fail(new Error('down'));
    await settled();
    expect(asked[0]).toMatchObject({
      code: 'provider_failed',
      error: { cause: { message: 'down' }, trace: { candidates: [{ model: 'a', verdict: 'failed' }] } },
    });
    expect(asked[1]!.isSettled).toBe(false);
    expect(calls).toHaveLength(3);
    calls[1]!.succeed({ content: 'second' });
    calls[2]!.fail();
    await settled();
    expect(asked[1]!.answer).toMatchObject({ content: 'second', cached: false, attempts: 1 });
    expect(asked[2]!.code).toBe('provider_failed');
  });

  it('does not end a request with the deadline of a call that had less time than it', async () => {
    const { fly, calls, clock } = flightRig();
    const patient = fly({ timeoutMs: 500_000 });
    await settled();
    await clock.advance(59_000);
    expect(calls).toHaveLength(1);
    expect(patient.isSettled).toBe(false);
  });

  it('lets a higher class start its own while the call waits, which later ones join', async () => {
    const { fly, ask, calls, backends } = flightRig({ a: { maxConcurrency: 1 } });
    ask({}, 'busy');
    await settled();
    const low = fly({ priority: 'low' });
    const critical = fly({ priority: 'critical' });
    const normal = fly({ priority: 'normal' });
    await settled();
    expect(backends.a.calls).toHaveLength(1);
    backends.a.last.succeed();
    await settled();
    expect(calls).toHaveLength(2);
    calls[1]!.succeed({ content: 'early' });
    await settled();
    expect(critical.answer!.content).toBe('early');
    expect(normal.answer).toMatchObject({ content: 'early', trace: { cache: { status: 'shared' } } });
    expect(low.isSettled).toBe(false);
    calls[2]!.succeed({ content: 'later' });
    await settled();
    expect(low.answer!.content).toBe('later');
  });

  it('lets a higher class join a call that runs', async () => {
    const { fly, calls } = flightRig();
    const low = fly({ priority: 'low' });
    await settled();
    const critical = fly({ priority: 'critical' });
    await settled();
    expect(calls).toHaveLength(1);
    calls[0]!.succeed();
    await settled();
    expect([low.answer, critical.answer].map((answer) => answer?.content)).toEqual(['ok', 'ok']);
  });

  it.each([
    ['no temperature', {}, {}],
    ['another tenant', COLD, { tenant: 'x' }],
    ['other parameters', COLD, { maxTokens: 7 }],
    ['no fallback', COLD, { model: 'pinned', fallback: false }],
    ['refresh', COLD, { cache: 'refresh' }],
    ['bypass', COLD, { cache: 'bypass' }],
  ] as const)('is not shared with %s', async (_, common, other) => {
    const { ask, calls, router } = flightRig();
    router.addModel('spare', { provider: 'simulated' });
    router.addRoute({ priority: 'high' }, { name: 'pinned', targets: ['a'], fallback: ['spare'] });
    ask({ ...common, model: 'pinned' });
    ask({ ...common, model: 'pinned', ...other });
    await settled();
    expect(calls).toHaveLength(2);
  });

  it('is not for streams', async () => {
    const { watch, backends } = flightRig();
    watch(COLD);
    watch(COLD);
    await settled();
    expect(backends.a.streams).toHaveLength(2);
  });

  it('can be switched off', async () => {
    const { ask, router, backends } = createRig({ a: {} });
    router.enableCache({ embedder: false, singleFlight: false });
    ask(COLD);
    ask(COLD);
    await settled();
    expect(backends.a.calls).toHaveLength(2);
  });

  it('has the grace of a stop, and is over with it', async () => {
    for (const isAnswered of [true, false]) {
      const { fly, calls, router, clock } = flightRig();
      const asked = [fly(), fly()];
      await settled();
      const stopped = router.stop({ graceMs: 1_000 });
      await settled();
      expect(asked.map(({ isSettled }) => isSettled)).toEqual([false, false]);
      if (isAnswered) calls[0]!.succeed();
      else await clock.advance(1_000);
      await settled();
      if (!isAnswered) calls[0]!.fail();
      await stopped;
      await settled();
      expect(asked.map(({ answer, code }) => answer?.content ?? code)).toEqual(
        isAnswered ? ['ok', 'ok'] : ['router_stopped', 'router_stopped'],
      );
    }
  });

  it('leaves nothing behind', async () => {
    const { fly, calls, router, clock } = flightRig();
    for (let round = 0; round < 50; round++) {
      const asked = [fly({}, `p${round}`), fly({}, `p${round}`)];
      await settled();
      if (round % 3 === 0) for (const { abort } of asked) abort();
      else if (round % 3 === 1) calls.at(-1)!.succeed();
      else calls.at(-1)!.fail();
      await settled();
      for (const call of calls) call.succeed();
      await settled();
      expect(asked.every(({ isSettled }) => isSettled)).toBe(true);
    }
    await router.stop();
    expect(clock.pending).toBe(0);
  });
});

async function hit(fly: ReturnType<typeof flightRig>['fly']) {
  const asked = fly();
  await settled();
  return asked;
}

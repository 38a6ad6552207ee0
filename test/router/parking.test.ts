import { describe, expect, it } from 'vitest';
import { BackendError } from '../../src/errors.ts';
import { createRig } from '../support/rig.ts';
import { ScriptedStreamingBackend } from '../support/scripted-backend.ts';
import { settled } from '../support/virtual-clock.ts';

const OPEN_MS = 10_000;
const breaker = { failureThreshold: 1, successThreshold: 1, recoveryTimeoutMs: OPEN_MS };
const wait = { whenUnavailable: 'wait' } as const;
const slowDown = (retryAfterMs: number) => new BackendError('slow down', { status: 429, retryAfterMs });

describe('a request that waits for a model to come back', () => {
  it('is parked because of its rule, and not when the request says otherwise', async () => {
    const { ask, fail, heard, router } = createRig({ m: { breaker } });
    router.addRoute('high', { targets: ['m'], whenUnavailable: 'wait' });
    await fail('m', 1);
    const parked = heard('request.parked');
    const waits = ask({ priority: 'high' });
    const unwilling = ask({ priority: 'high', whenUnavailable: 'fail' });
    const pinned = ask({ model: 'm' });
    await settled();
    expect([waits.isSettled, unwilling.code, pinned.code]).toEqual([false, 'no_model_available', 'no_model_available']);
    expect(parked).toMatchObject([{ requestId: 'req-2', class: 'high', at: 0 }]);
  });

  it('is never parked for a full queue, a draining or a removed model, or when it was displaced', async () => {
    const { ask, router } = createRig({ full: { maxQueueDepth: 1 }, gone: {} });
    ask({ model: 'full' });
    router.drain('gone');
    const displaced = createRig({ m: { maxConcurrency: 1, maxQueueDepth: 2 } });
    displaced.ask();
    const victim = displaced.ask({ ...wait, priority: 'low' });
    displaced.ask({ priority: 'critical' });
    const refused = [ask({ ...wait, model: 'full' }), ask({ ...wait, model: 'gone' }), ask(wait)];
    await settled();
    expect([...refused, victim].map(({ code }) => code)).toEqual([
      'queue_full',
      'no_model_available',
      'queue_full',
      'queue_full',
    ]);
  });

  it.each([
    ['a recovery', OPEN_MS, () => {}],
    ['reset()', 0, ({ router }: Given) => router.reset('m')],
    ['forceClosed()', 0, ({ router }: Given) => router.forceClosed('m')],
    ['new options', 0, ({ router }: Given) => router.enableCircuitBreaker({ failureThreshold: 9 })],
  ])('is woken by %s', async (_what, ms, act) => {
    const rig = createRig({ m: {} }, { breaker: { ...breaker, openJitter: 0 } });
    await rig.fail('m', 1);
    const parked = rig.ask(wait);
    await rig.clock.advance(ms / 2);
    expect(rig.backends.m.calls).toHaveLength(1);
    await rig.clock.advance(ms / 2);
    act(rig);
    expect(rig.backends.m.calls).toHaveLength(2);
    rig.backends.m.last.succeed();
    await settled();
    expect(parked.answer?.modelUsed).toBe('m');
    expect(rig.router.actor.getSnapshot().context.parked.count).toBe(0);
  });

  it('is woken by resume(), by a probe’s permit that comes back, and by a slot that is freed while half-open', async () => {
    const paused = createRig({ m: {} });
    paused.router.pause('m');
    paused.ask(wait);
    await paused.clock.advance(60_000);
    expect(paused.backends.m.calls).toHaveLength(0);
    paused.router.resume('m');
    expect(paused.backends.m.calls).toHaveLength(1);

    const rig = createRig({ m: { maxConcurrency: 1, abortGraceMs: 500, breaker } });
    await rig.fail('m', 1);
    await rig.clock.advance(OPEN_MS);
    const probe = rig.ask();
    rig.ask(wait);
    probe.abort();
    await settled();
    // The permit is back, but the backend has not let go of the only slot.
    expect(rig.backends.m.calls).toHaveLength(2);
    await rig.clock.advance(500);
    expect(rig.backends.m.calls).toHaveLength(3);
  });

  it('is woken in order of service, as many as the model takes, the others stay', async () => {
    const rig = createRig({ m: { maxConcurrency: 1, maxQueueDepth: 2, breaker: { ...breaker, successThreshold: 2 } } });
    await rig.fail('m', 1);
    for (const priority of ['low', 'normal', 'critical', 'high'] as const) rig.ask({ ...wait, priority }, priority);
    await rig.clock.advance(OPEN_MS);
    const served: string[] = [];
    for (let call = 0; call < 4; call++) {
      const { count } = rig.router.actor.getSnapshot().context.parked;
      served.push(`${rig.backends.m.last.request.prompt}, ${count} parked`);
      rig.backends.m.last.succeed();
      await settled();
    }
    // The second success closes the breaker; from then on one runs and one waits.
    expect(served).toEqual(['critical, 3 parked', 'high, 2 parked', 'normal, 0 parked', 'low, 0 parked']);
  });

  it('is not for a model that was added under the name of one that it knew', async () => {
    const rig = createRig({ a: { breaker }, b: { breaker } });
    await rig.fail('a', 1);
    await rig.fail('b', 1);
    const parked = rig.ask(wait);
    await rig.clock.advance(1);
    await rig.router.removeModel('a');
    const successor = new ScriptedStreamingBackend();
    rig.router.addModel('a', { backend: successor });
    await rig.clock.advance(OPEN_MS);
    expect(successor.calls).toHaveLength(0);
    rig.backends.b.last.succeed();
    await settled();

    expect(parked.answer?.modelUsed).toBe('b');
    expect(parked.answer?.trace.candidates).toMatchObject([{ model: 'a', reason: 'removed' }, { model: 'b' }]);
    rig.ask({ model: 'a' });
    expect(successor.calls).toHaveLength(1);
  });

  it('begins again at its first candidate, its trace that of the last pass with the attempts of all', async () => {
    const rig = createRig({ a: { breaker }, b: { breaker } });
    await rig.fail('a', 1);
    const request = rig.ask(wait);
    rig.backends.b.last.fail();
    await settled();
    expect(request.isSettled).toBe(false);
    await rig.clock.advance(OPEN_MS);
    rig.backends.a.last.succeed();
    await settled();
    expect(request.answer).toMatchObject({ modelUsed: 'a', attempts: 2, queueMs: OPEN_MS });
    expect(request.answer!.trace).toMatchObject({
      parked: { count: 1, ms: OPEN_MS },
      candidates: [
        { model: 'a', verdict: 'served' },
        { model: 'b', verdict: 'failed' },
      ],
    });
  });

  it('fails after six attempts instead of waiting again', async () => {
    const rig = createRig({ m: { breaker }, paused: {} });
    rig.router.pause('paused');
    const request = rig.ask({ ...wait, timeoutMs: 10_000_000 });
    for (let attempt = 1; attempt < 6; attempt++) {
      rig.backends.m.last.fail();
      await rig.clock.advance(OPEN_MS * 2 ** (attempt - 1));
      expect(rig.backends.m.calls).toHaveLength(attempt + 1);
      expect(request.isSettled).toBe(false);
    }
    rig.backends.m.last.fail();
    await settled();
    expect(request.error).toMatchObject({ code: 'provider_failed', trace: { parked: { count: 5 } } });
  });

  it('does not wait for a model that has just failed it when no other word gives hope', async () => {
    const rig = createRig({ m: { breaker } });
    const request = rig.ask(wait);
    rig.backends.m.last.fail();
    await settled();
    expect([rig.breaker('m'), request.code]).toEqual(['open', 'provider_failed']);
  });

  it('ends at its deadline, with the deadline’s error', async () => {
    const { ask, clock, router } = createRig({ m: {} });
    router.pause('m');
    const request = ask({ ...wait, timeoutMs: 700 });
    await clock.advance(699);
    expect(request.isSettled).toBe(false);
    await clock.advance(1);
    expect(request.error).toMatchObject({ code: 'deadline_exceeded', trace: { parked: { count: 1, ms: 700 } } });
  });

  it('is judged anew when one of its candidates is removed', async () => {
    const rig = createRig({ a: { breaker }, b: { breaker } });
    await rig.fail('a', 1);
    await rig.fail('b', 1);
    const both = rig.ask(wait);
    const onlyA = rig.ask({ ...wait, model: 'a' });
    const removed = rig.router.removeModel('a');
    await rig.clock.advance(0);
    await removed;
    expect(onlyA.error).toMatchObject({ code: 'no_model_available', candidates: [{ model: 'a', reason: 'removed' }] });
    expect(both.isSettled).toBe(false);
    await rig.clock.advance(OPEN_MS);
    rig.backends.b.last.succeed();
    await settled();
    expect(both.answer?.modelUsed).toBe('b');
  });

  it('is told at once when the model that it waits for is drained', async () => {
    const rig = createRig({ a: {}, b: {} });
    rig.router.pause('a').pause('b');
    const onlyA = rig.ask({ ...wait, model: 'a' });
    const both = rig.ask(wait);
    rig.router.drain('a');
    await settled();
    expect(onlyA.error).toMatchObject({ code: 'no_model_available', candidates: [{ model: 'a', reason: 'draining' }] });
    expect(both.isSettled).toBe(false);
    rig.router.resume('b');
    expect(rig.backends.b.calls).toHaveLength(1);
  });

  it('is told at once when the model that it waits for opens, or is limited, until after its deadline', async () => {
    const rig = createRig({ m: { breaker } });
    await rig.fail('m', 1);
    await rig.clock.advance(OPEN_MS);
    const probe = rig.ask();
    const hasty = rig.ask({ ...wait, timeoutMs: OPEN_MS });
    const patient = rig.ask({ ...wait, timeoutMs: 10 * OPEN_MS });
    rig.backends.m.last.fail();
    await settled();
    expect(probe.code).toBe('provider_failed');
    expect(hasty.error).toMatchObject({
      code: 'no_model_available',
      candidates: [{ model: 'm', reason: 'circuit_open', retryAfterMs: 2 * OPEN_MS }],
    });
    expect(patient.isSettled).toBe(false);

    const limited = createRig({ m: { breaker } });
    await limited.fail('m', 1);
    await limited.clock.advance(OPEN_MS);
    limited.ask();
    const waiting = limited.ask({ ...wait, timeoutMs: 1_000 });
    limited.backends.m.last.fail(slowDown(60_000));
    await settled();
    expect(waiting.code).toBe('rate_limited');
  });

  it('counts all that it has waited, in queues and outside, over all passes', async () => {
    const rig = createRig({ m: { maxConcurrency: 1 } });
    rig.ask();
    const request = rig.ask(wait);
    await rig.clock.advance(200);
    rig.router.forceOpen('m');
    await rig.clock.advance(300);
    rig.router.reset('m');
    await rig.clock.advance(50);
    rig.backends.m.calls[0]!.succeed();
    await settled();
    rig.backends.m.last.succeed();
    await settled();
    expect(request.answer).toMatchObject({ latencyMs: 550, queueMs: 550 });
  });

  it('costs a model that it does not name nothing', async () => {
    const asked: string[] = [];
    const rig = createRig(
      { x: {}, y: { maxConcurrency: 1, maxQueueDepth: 1 } },
      {
        inspect: (event) => {
          if (event.type === '@xstate.event' && event.event.type === 'poll')
            asked.push((event.actorRef as unknown as { id: string }).id);
        },
      },
    );
    rig.router.pause('x');
    rig.ask({ ...wait, model: 'x' });
    rig.ask({ model: 'y' });
    rig.backends.y.last.succeed();
    await settled();
    expect(asked).toEqual([]);
    rig.router.resume('x');
    expect(new Set(asked)).toEqual(new Set(['model:x']));
  });

  it('rejects at once when the router stops', async () => {
    const { ask, fail, router } = createRig({ m: { breaker } });
    await fail('m', 1);
    const request = ask(wait);
    void router.stop();
    await settled();
    expect(request.code).toBe('router_stopped');
  });

  it('streams when it is woken, its first content on time', async () => {
    const rig = createRig({ m: { breaker } });
    await rig.fail('m', 1);
    const stream = rig.watch(wait);
    await rig.clock.advance(OPEN_MS);
    rig.backends.m.lastStream.push('at last');
    rig.backends.m.lastStream.end();
    await settled();
    expect(stream).toMatchObject({ text: 'at last', answer: { modelUsed: 'm' } });
  });
});

describe('a parking lot that is full', () => {
  const full = async () => {
    const rig = createRig({ m: { breaker } }, { maxParked: 2 });
    await rig.fail('m', 1);
    const first = rig.ask({ ...wait, priority: 'low' });
    const second = rig.ask({ ...wait, priority: 'normal' });
    await settled();
    return { ...rig, first, second };
  };

  it('takes a more important request in the place of the one that would be served last', async () => {
    const { ask, first, second, router } = await full();
    const high = ask({ ...wait, priority: 'high' });
    await settled();
    expect(first.error).toMatchObject({ code: 'no_model_available', candidates: [{ reason: 'circuit_open' }] });
    const critical = ask({ ...wait, priority: 'critical' });
    await settled();
    expect(second.isSettled).toBe(true);
    expect([high, critical].map(({ isSettled }) => isSettled)).toEqual([false, false]);
    expect(router.actor.getSnapshot().context.parked.count).toBe(2);
  });

  it('refuses who is no more important, and what has aged past the newcomer stays', async () => {
    const { ask, clock, first, second } = await full();
    const refused = ask({ ...wait, priority: 'low' });
    await settled();
    expect(refused.code).toBe('no_model_available');
    expect([first, second].map(({ isSettled }) => isSettled)).toEqual([false, false]);

    const aged = createRig({ m: { breaker: { ...breaker, recoveryTimeoutMs: 100_000 } } }, { maxParked: 1 });
    await aged.fail('m', 1);
    const old = aged.ask({ ...wait, priority: 'low', timeoutMs: 600_000 });
    await aged.clock.advance(60_001);
    const late = aged.ask({ ...wait, priority: 'critical', timeoutMs: 600_000 });
    await settled();
    expect([old.isSettled, late.code]).toEqual([false, 'no_model_available']);
    expect(clock.now()).toBe(0);
  });

  it('has room again when somebody has left it', async () => {
    const { ask, first } = await full();
    first.abort('left');
    const next = ask({ ...wait, priority: 'low' });
    await settled();
    expect([first.error, next.isSettled]).toEqual(['left', false]);
  });
});

describe('a place that becomes free at a model whose every place was taken', () => {
  it('is taken by a parked request that named it', async () => {
    const rig = createRig({ open: { breaker }, full: { maxConcurrency: 1, maxQueueDepth: 1 } });
    await rig.fail('open', 1);
    rig.ask({ model: 'full' });
    const parked = rig.ask(wait);
    await settled();
    expect(parked.isSettled).toBe(false);
    rig.backends.full.last.succeed();
    await settled();
    expect(rig.backends.full.calls).toHaveLength(2);
    rig.backends.full.last.succeed();
    await settled();
    expect(parked.answer?.modelUsed).toBe('full');
  });
});

describe('a request whose last candidate is rate limited beyond its deadline', () => {
  it('does not wait in vain', async () => {
    const { ask, backends } = createRig({ m: {} });
    ask();
    backends.m.last.fail(slowDown(60_000));
    await settled();
    const request = ask({ ...wait, timeoutMs: 60_000 });
    await settled();
    expect(request.error).toMatchObject({ code: 'rate_limited', retryAfterMs: 60_000 });
  });
});

type Given = ReturnType<typeof createRig<'m'>>;

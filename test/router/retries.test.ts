import { describe, expect, it } from 'vitest';
import { BackendError } from '../../src/errors.ts';
import { createRig } from '../support/rig.ts';
import { settled } from '../support/virtual-clock.ts';

const breaker = { failureThreshold: 100 };
const down = (retryAfterMs?: number) =>
  new BackendError('down', { status: 503, ...(retryAfterMs !== undefined && { retryAfterMs }) });
/** As often and as late as when nobody speaks of it. */
const byDefault = { retries: {} };
/** Waits are what the provider asks for, and nothing is drawn. */
const exact = { retries: { baseMs: 0 } };

describe('a call that failed in passing', () => {
  it('is made again by the same model after a while, and the caller sees the answer only', async () => {
    const { ask, backends, clock, heard } = createRig({ m: { breaker }, other: {} }, byDefault);
    const failures = heard('attempt.failed');
    const asked = ask();
    backends.m.last.fail(down());
    await settled();
    expect(failures).toMatchObject([{ model: 'm', outcome: 'failure', status: 503 }]);
    const { retryInMs } = failures[0]!;
    expect(retryInMs).toBeGreaterThan(0);
    expect(retryInMs).toBeLessThanOrEqual(500);
    await clock.advance(retryInMs! - 0.001);
    expect(backends.m.calls).toHaveLength(1);
    await clock.advance(0.001);
    expect(backends.m.calls.map(({ context }) => context.attempt)).toEqual([1, 2]);
    backends.m.last.succeed();
    await settled();
    expect(asked.answer).toMatchObject({ modelUsed: 'm', attempts: 2 });
    expect(asked.answer!.trace.candidates).toMatchObject([
      { model: 'm', verdict: 'served', attempts: [{ outcome: 'failure', status: 503 }, { outcome: 'success' }] },
    ]);
    expect(backends.other.calls).toHaveLength(0);
  });

  it('is made again at most twice, then the request moves on', async () => {
    const { ask, backends, clock } = createRig({ m: { breaker }, other: {} }, byDefault);
    const asked = ask();
    for (let call = 1; call <= 3; call++) {
      expect(backends.m.calls).toHaveLength(call);
      backends.m.last.fail(down());
      await settled();
      if (call < 3) await clock.advance(500 * 2 ** (call - 1));
    }
    backends.other.last.succeed();
    await settled();
    expect(asked.answer).toMatchObject({ modelUsed: 'other', attempts: 4 });
  });

  it.each([
    ['the request', {}, { maxRetries: 0 }],
    ['its rule', { rule: { maxRetries: 0 } }, {}],
    ['the router', { router: { maxRetries: 0 } }, {}],
  ])('is not made again when %s says so', async (_who, { rule = {}, router = {} }: Says, options) => {
    const rig = createRig({ m: { breaker }, other: {} }, { retries: router });
    rig.router.addRoute('normal', { targets: ['m'], fallback: ['other'], ...rule });
    rig.ask(options);
    rig.backends.m.last.fail(down());
    await settled();
    expect([rig.backends.m.calls.length, rig.backends.other.calls.length]).toEqual([1, 1]);
  });

  it('is made again as often as the request says, whatever its rule, and the rule whatever the router', async () => {
    const rig = createRig({ m: { breaker } }, { retries: { maxRetries: 3, baseMs: 0 } });
    rig.router.addRoute('normal', { targets: ['m'], maxRetries: 1 });
    const calls = async (options: object): Promise<number> => {
      const before = rig.backends.m.calls.length;
      const asked = rig.ask(options);
      while (!asked.isSettled) {
        rig.backends.m.last.fail(down());
        await rig.clock.advance(0);
      }
      return rig.backends.m.calls.length - before;
    };
    expect([await calls({}), await calls({ maxRetries: 5 }), await calls({ model: 'm' })]).toEqual([2, 6, 4]);
  });

  it('is made again by a pinned model too, and fails with its own error in the end', async () => {
    const { ask, backends, clock } = createRig({ m: { breaker } }, exact);
    const asked = ask({ model: 'm', maxRetries: 1 });
    const first = down();
    backends.m.last.fail(first);
    await clock.advance(0);
    backends.m.last.fail(new BackendError('down again', { status: 500 }));
    await settled();
    expect(asked.code).toBe('provider_failed');
    expect((asked.error as Error).cause).toBe(first);
  });

  it.each([
    ['a wrong key', new BackendError('key', { status: 401 })],
    ['a lack of credit', new BackendError('credit', { status: 402 })],
    ['a refusal of rights', new BackendError('rights', { status: 403 })],
    ['a wrong model name', new BackendError('name', { status: 404 })],
    ['a connection that does not come about in time', new BackendError('slow', { code: 'UND_ERR_CONNECT_TIMEOUT' })],
    ['a rate limit', new BackendError('slow down', { status: 429 })],
  ])('is not made again after %s', async (_what, error) => {
    const { ask, backends, clock } = createRig({ m: { breaker }, other: {} }, exact);
    ask();
    backends.m.last.fail(error);
    await clock.advance(0);
    expect([backends.m.calls.length, backends.other.calls.length]).toEqual([1, 1]);
  });

  it('is not made again by a model that was silent', async () => {
    const { ask, backends, clock } = createRig({ m: { breaker, attemptTimeoutMs: 100 }, other: {} }, exact);
    ask();
    await clock.advance(100);
    expect([backends.m.calls.length, backends.other.calls.length]).toEqual([1, 1]);
  });

  it('is not made again when it opens the breaker', async () => {
    const models = { m: { breaker: { failureThreshold: 1 } }, other: {} };
    const { ask, backends, clock, heard, breaker: state } = createRig(models, exact);
    const failures = heard('attempt.failed');
    const asked = ask();
    backends.m.last.fail(down());
    await clock.advance(0);
    expect([state('m'), backends.m.calls.length, backends.other.calls.length]).toEqual(['open', 1, 1]);
    expect(failures[0]).not.toHaveProperty('retryInMs');
    backends.other.last.fail(new BackendError('no', { status: 400 }));
    await settled();
    expect((asked.error as Error).message).toBe('other refused the request (400); besides: m (status_503)');
  });

  it('is not made again when content of the stream has reached the caller', async () => {
    const { watch, backends, clock } = createRig({ m: { breaker }, other: {} }, exact);
    const watched = watch();
    await settled();
    backends.m.lastStream.push('to');
    await settled();
    backends.m.lastStream.fail(down());
    await clock.advance(0);
    expect(watched.code).toBe('stream_interrupted');
    expect(backends.m.streams).toHaveLength(1);
  });

  it('is made again before the first content of a stream, and the reader never knows', async () => {
    const { watch, backends, clock } = createRig({ m: { breaker } }, exact);
    const watched = watch();
    await settled();
    backends.m.lastStream.fail(down());
    await clock.advance(0);
    backends.m.lastStream.push('hello');
    backends.m.lastStream.end();
    await settled();
    expect(watched.text).toBe('hello');
    expect(watched.answer).toMatchObject({ modelUsed: 'm', attempts: 2 });
  });
});

interface Says {
  readonly rule?: { readonly maxRetries?: number };
  readonly router?: { readonly maxRetries?: number };
}

describe('what the provider asks for', () => {
  it('is waited for, to the millisecond', async () => {
    const { ask, backends, clock } = createRig({ m: { breaker } }, exact);
    ask();
    backends.m.last.fail(down(7_000));
    await clock.advance(6_999);
    expect(backends.m.calls).toHaveLength(1);
    await clock.advance(1);
    expect(backends.m.calls).toHaveLength(2);
  });

  it('is never cut short: a wait that ends after the deadline is not begun', async () => {
    const { ask, backends, clock } = createRig({ m: { breaker }, other: {} }, exact);
    ask({ timeoutMs: 5_000 });
    backends.m.last.fail(down(5_000));
    await clock.advance(0);
    expect(backends.other.calls).toHaveLength(1);
    const pinned = ask({ model: 'm', timeoutMs: 5_000 });
    backends.m.last.fail(down(5_000));
    await settled();
    expect(pinned.code).toBe('provider_failed');
    expect(pinned.error).toMatchObject({ retryAfterMs: 5_000 });
  });

  it('is left to others when it is longer than any back-off, as long as there are others', async () => {
    const { ask, backends, clock } = createRig({ m: { breaker }, other: { breaker } }, exact);
    ask();
    backends.m.last.fail(down(8_001));
    await clock.advance(0);
    expect(backends.other.calls).toHaveLength(1);
    backends.other.last.fail(down(8_001));
    await clock.advance(8_000);
    expect(backends.other.calls).toHaveLength(1);
    await clock.advance(1);
    expect(backends.other.calls).toHaveLength(2);
  });
});

describe('a request that backs off', () => {
  const oneSlot = { m: { breaker, maxConcurrency: 1, maxQueueDepth: 2 }, other: {} };

  it('leaves its slot to the next, keeps its place, and comes back with its class and arrival', async () => {
    const models = { m: { breaker, maxConcurrency: 1, maxQueueDepth: 4 } };
    const { ask, backends, clock, router } = createRig(models, exact);
    ask({}, 'first');
    ask({}, 'second');
    ask({}, 'third');
    backends.m.last.fail(down(1_000));
    await settled();
    expect(backends.m.last.request.prompt).toBe('second');
    const status = router.getModelStatus()['m']!;
    expect(status).toMatchObject({ queueDepth: 3, running: 1, backingOff: 1, waiting: { normal: 1 } });
    await clock.advance(1_000);
    expect(router.getModelStatus()['m']).toMatchObject({ backingOff: 0, waiting: { normal: 2 } });
    backends.m.last.succeed();
    await settled();
    expect(backends.m.last.request.prompt).toBe('first');
  });

  it('counts against the depth, and gives way to a more important one', async () => {
    const { ask, backends, clock, router } = createRig(oneSlot, exact);
    router.addRoute('low', { targets: ['m'] });
    router.addRoute('high', { targets: ['m'] });
    const low = ask({ priority: 'low' });
    backends.m.last.fail(down(1_000));
    await settled();
    ask({ priority: 'high' });
    const refused = ask({ priority: 'low' });
    await settled();
    expect(refused.code).toBe('queue_full');
    ask({ priority: 'high' });
    await settled();
    expect(low.code).toBe('provider_failed');
    expect(low.error).toMatchObject({ candidates: [{ model: 'm', reason: 'displaced' }] });
    await clock.advance(1_000);
    expect(router.getModelStatus()['m']).toMatchObject({ running: 1, backingOff: 0, waiting: { high: 1 } });
  });

  it('gives way although a slot is free, and the newcomer starts at once', async () => {
    const { ask, backends, router } = createRig({ m: { breaker, maxConcurrency: 1, maxQueueDepth: 1 } }, exact);
    ask({ priority: 'low' });
    backends.m.last.fail(down(1_000));
    await settled();
    expect(router.getModelStatus()['m']).toMatchObject({ queueState: 'full', running: 0, backingOff: 1 });
    ask({ priority: 'critical' });
    expect(router.getModelStatus()['m']).toMatchObject({ running: 1, backingOff: 0 });
    expect(backends.m.calls).toHaveLength(2);
  });

  it.each([
    ['opens', 'circuit_open', (rig: Rig) => rig.router.forceOpen('m')],
    ['is paused', 'paused', (rig: Rig) => rig.router.pause('m')],
    ['is drained', 'draining', (rig: Rig) => rig.router.drain('m')],
    ['is removed', 'draining', (rig: Rig) => void rig.router.removeModel('m')],
  ])('moves on when its model %s', async (_what, reason, act) => {
    const rig = createRig({ m: { breaker }, other: {} }, exact);
    const asked = rig.ask();
    rig.backends.m.last.fail(down(1_000));
    await settled();
    act(rig);
    await settled();
    rig.backends.other.last.succeed();
    await rig.clock.advance(1_000);
    expect(asked.answer).toMatchObject({ modelUsed: 'other', attempts: 2 });
    expect(asked.answer!.trace.candidates[0]).toMatchObject({ model: 'm', reason });
    expect(rig.backends.m.calls).toHaveLength(1);
  });

  it('stays through a rate limit that ends in time, and moves on from one that does not', async () => {
    const rig = createRig({ m: { breaker }, other: {} }, exact);
    const models = { model: 'm' };
    const patient = rig.ask(models);
    rig.backends.m.last.fail(down(1_000));
    await settled();
    const hasty = rig.ask({ ...models, timeoutMs: 3_000 });
    rig.backends.m.last.fail(down(1_000));
    await settled();
    rig.ask();
    rig.backends.m.last.fail(new BackendError('slow down', { status: 429, retryAfterMs: 5_000 }));
    await settled();
    expect([hasty.code, patient.isSettled]).toEqual(['provider_failed', false]);
    await rig.clock.advance(4_999);
    expect(rig.backends.m.calls).toHaveLength(3);
    await rig.clock.advance(1);
    expect(rig.backends.m.calls).toHaveLength(4);
    rig.backends.m.last.succeed();
    await settled();
    expect(patient.answer).toMatchObject({ modelUsed: 'm' });
  });

  it('is answered at once when its caller leaves, and is not called again', async () => {
    const { ask, backends, clock, router } = createRig({ m: { breaker } }, exact);
    const asked = ask();
    backends.m.last.fail(down(1_000));
    await settled();
    asked.abort('enough');
    await settled();
    expect(asked.error).toBe('enough');
    expect(router.getModelStatus()['m']).toMatchObject({ queueDepth: 0, backingOff: 0 });
    await clock.advance(1_000);
    expect(backends.m.calls).toHaveLength(1);
  });

  it('ends at its deadline at the latest', async () => {
    const { ask, backends, clock } = createRig({ m: { breaker, maxConcurrency: 1 } }, exact);
    const asked = ask({ timeoutMs: 1_500 });
    backends.m.last.fail(down(1_000));
    await settled();
    ask();
    await clock.advance(1_499);
    expect(asked.isSettled).toBe(false);
    await clock.advance(1);
    expect(asked.code).toBe('deadline_exceeded');
  });

  it('ends at once when the router stops, and what fails from then on is not tried again', async () => {
    const { ask, backends, clock, router } = createRig({ m: { breaker } }, exact);
    const backing = ask();
    backends.m.last.fail(down(1_000));
    await settled();
    const running = ask();
    const stopped = router.stop({ graceMs: 5_000 });
    await settled();
    expect(backing.code).toBe('router_stopped');
    backends.m.last.fail(down());
    await settled();
    expect(running.code).toBe('provider_failed');
    await stopped;
    expect(clock.pending).toBe(0);
  });
});

describe('the retry budget of a model', () => {
  it('lets three requests be tried again at once; a fourth moves on, with the failure as it was', async () => {
    const { ask, backends, router } = createRig({ m: { breaker }, other: {} }, exact);
    for (let count = 0; count < 4; count++) ask();
    const calls = [...backends.m.calls];
    for (const call of calls) call.fail(down(1_000));
    await settled();
    expect(router.getModelStatus()['m']).toMatchObject({ backingOff: 3, running: 0 });
    expect(backends.other.calls).toHaveLength(1);
    backends.other.last.succeed();
    await settled();
    expect(router.getStats()).toMatchObject({ successes: 1, failures: 0 });
  });

  it('counts what is tried again until its call is over, and is whole again then', async () => {
    const { ask, backends, clock } = createRig({ m: { breaker }, other: {} }, exact);
    for (let count = 0; count < 3; count++) ask();
    for (const call of [...backends.m.calls]) call.fail(down(1_000));
    await clock.advance(1_000);
    expect(backends.m.calls).toHaveLength(6);
    ask();
    backends.m.last.fail(down());
    await settled();
    expect(backends.other.calls).toHaveLength(1);
    for (const call of backends.m.calls.slice(3, 6)) call.succeed();
    await settled();
    ask();
    backends.m.last.fail(down(1_000));
    await clock.advance(1_000);
    expect(backends.other.calls).toHaveLength(1);
    expect(backends.m.calls).toHaveLength(9);
  });

  it('grows with what runs, to a fifth of it', async () => {
    const { ask, backends, router } = createRig({ m: { breaker, maxConcurrency: 30 }, other: {} }, exact);
    for (let count = 0; count < 30; count++) ask();
    for (const call of backends.m.calls.slice(0, 10)) call.fail(down(1_000));
    await settled();
    // One call less runs at each decision: the sixth finds 25, and five that are tried again already.
    expect(router.getModelStatus()['m']).toMatchObject({ backingOff: 5, running: 20 });
  });
});

type Rig = ReturnType<typeof createRig<'m' | 'other'>>;

import { describe, expect, it } from 'vitest';
import { BackendError } from '../../src/errors.ts';
import { createRig, type Rig } from '../support/rig.ts';
import { settled } from '../support/virtual-clock.ts';

const RECOVERY_MS = 10_000;
const breaker = { failureThreshold: 2, successThreshold: 2, recoveryTimeoutMs: RECOVERY_MS, probeTimeoutMs: 5_000 };

/** A model that has just become half-open; its calls so far are forgotten. */
async function halfOpen(settings: object = {}, limits: object = {}): Promise<Rig<'m'>> {
  const rig = createRig({ m: { breaker: { ...breaker, ...settings }, ...limits } });
  await rig.fail('m', 2);
  await rig.clock.advance(RECOVERY_MS);
  expect(rig.breaker('m')).toBe('half_open');
  rig.backends.m.calls.length = 0;
  return rig;
}

describe('a half-open breaker', () => {
  it.each([1, 3])('P01 a flood at the instant of half-open gets exactly %i permits', async (halfOpenMaxProbes) => {
    const { ask, backends } = await halfOpen({ halfOpenMaxProbes });
    const flood = Array.from({ length: 1_000 }, () => ask());
    await settled();

    expect(backends.m.calls).toHaveLength(halfOpenMaxProbes);
    const refused = flood.filter(({ isSettled }) => isSettled);
    expect(refused).toHaveLength(1_000 - halfOpenMaxProbes);
    expect(new Set(refused.map(({ code }) => code))).toEqual(new Set(['no_model_available']));
  });

  it('P02 the calls made by whoever hears of half-open are among its permits, not beside them', async () => {
    const { ask, backends, clock, fail, router } = createRig({ m: { breaker: { ...breaker, halfOpenMaxProbes: 2 } } });
    await fail('m', 2);
    backends.m.calls.length = 0;
    router.on('breaker.changed', ({ to }) => {
      if (to === 'half_open') for (let count = 0; count < 5; count++) ask();
    });
    await clock.advance(RECOVERY_MS);
    for (let count = 0; count < 5; count++) ask();
    await settled();

    expect(backends.m.calls).toHaveLength(2);
  });

  it('P02 a call at the very end of the open time does not slip through before the timer', async () => {
    const { ask, backends, clock, fail } = createRig({ m: { breaker } });
    await fail('m', 2);
    backends.m.calls.length = 0;
    clock.setTimeout(() => {
      for (let count = 0; count < 5; count++) ask();
    }, RECOVERY_MS);
    await clock.advance(RECOVERY_MS);
    for (let count = 0; count < 5; count++) ask();
    await settled();

    expect(backends.m.calls).toHaveLength(1);
  });

  it('P03 a probe that is aborted gives its permit back, and the next call is a probe', async () => {
    const { ask, backends, breaker: state } = await halfOpen();
    for (let round = 0; round < 20; round++) {
      const probe = ask();
      expect(backends.m.calls).toHaveLength(round + 1);
      probe.abort();
      await settled();
      expect(probe.isSettled).toBe(true);
      expect(state('m')).toBe('half_open');
    }
    for (let success = 0; success < 2; success++) {
      ask();
      backends.m.last.succeed();
      await settled();
    }
    expect(state('m')).toBe('closed');
  });

  it('P03 a probe whose request runs out of time gives its permit back', async () => {
    const { ask, backends, breaker: state, clock } = await halfOpen();
    const probe = ask({ timeoutMs: 100 });
    await clock.advance(100);
    expect(probe.code).toBe('deadline_exceeded');
    expect(state('m')).toBe('half_open');

    ask();
    expect(backends.m.calls).toHaveLength(2);
  });

  it('P03 the only slot stays with an aborted probe until its backend lets go, at the latest after the grace', async () => {
    const { ask, backends, clock } = await halfOpen({}, { maxConcurrency: 1, abortGraceMs: 700 });
    ask().abort();
    await clock.advance(699);
    const early = ask();
    await settled();
    expect(early.code).toBe('no_model_available');

    await clock.advance(1);
    ask();
    expect(backends.m.calls).toHaveLength(2);
  });

  it('P04 errors that are the caller’s own leave every permit free', async () => {
    const { ask, backends } = await halfOpen({ halfOpenMaxProbes: 3 });
    for (let round = 0; round < 5; round++) {
      const probes = [ask(), ask(), ask()];
      expect(backends.m.calls).toHaveLength(3 * (round + 1));
      for (const { fail } of backends.m.calls.slice(-3)) fail(new BackendError('no', { status: 400 }));
      await settled();
      expect(probes.map(({ code }) => code)).toEqual(Array(3).fill('provider_rejected'));
    }
  });

  it.each([
    ['refused for its own fault', new BackendError('no', { status: 422 })],
    ['rate limited', new BackendError('slow down', { status: 429 })],
  ])('P05 a probe that was %s neither closes nor opens the breaker', async (_what, error) => {
    const { ask, backends, breaker: state, clock, heard } = await halfOpen({ successThreshold: 1 });
    const changes = heard('breaker.changed');
    ask();
    backends.m.last.fail(error);
    await settled();
    expect(state('m')).toBe('half_open');
    expect(changes).toEqual([]);

    // Longer than a rate limit without a hint.
    await clock.advance(1_000);
    ask();
    backends.m.last.succeed();
    await settled();
    expect(state('m')).toBe('closed');
  });

  it('P05 a probe that is aborted neither closes nor opens the breaker, also when its backend then answers', async () => {
    const { ask, backends, breaker: state, heard } = await halfOpen({ successThreshold: 1 });
    const changes = heard('breaker.changed');
    ask().abort();
    backends.m.last.succeed();
    await settled();
    ask().abort();
    backends.m.last.fail();
    await settled();

    expect(state('m')).toBe('half_open');
    expect(changes).toEqual([]);
  });

  it('P06 a probe that hangs loses its lease: the breaker opens for twice as long, and its late answer moves nothing', async () => {
    const { ask, backends, breaker: state, clock, heard, router } = await halfOpen({ successThreshold: 1 });
    const changes = heard('breaker.changed');
    const probe = ask();
    await clock.advance(4_999);
    expect(state('m')).toBe('half_open');

    await clock.advance(1);
    expect(state('m')).toBe('open');
    expect(changes).toMatchObject([{ from: 'half_open', to: 'open', cause: 'probe_failed', opens: 2 }]);
    expect(changes[0]!.openForMs).toBe(2 * RECOVERY_MS);
    expect(changes[0]!.code).toBe('probe_timeout');
    expect(probe.code).toBe('provider_failed');
    expect(backends.m.last.context.signal.aborted).toBe(true);

    const { openUntil } = router.getModelStatus()['m']!.circuitBreaker;
    backends.m.last.succeed();
    await settled();
    expect(router.getModelStatus()['m']!.circuitBreaker).toMatchObject({ state: 'open', openUntil });
    await clock.advance(2 * RECOVERY_MS);
    expect(state('m')).toBe('half_open');
  });

  it('P06 a request whose probe hung moves on to its next candidate', async () => {
    const { ask, backends, clock, fail } = createRig({ m: { breaker }, spare: {} });
    await fail('m', 2);
    await clock.advance(RECOVERY_MS);
    const request = ask();
    await clock.advance(5_000);
    backends.spare.last.succeed();
    await settled();

    expect(request.answer?.modelUsed).toBe('spare');
    expect(request.answer?.trace.candidates[0]?.attempts).toMatchObject([
      { outcome: 'failure', code: 'probe_timeout' },
    ]);
  });

  it('P11 one failed probe opens it again, however high the threshold', async () => {
    const {
      ask,
      backends,
      breaker: state,
      clock,
      fail,
      heard,
    } = createRig({
      m: { breaker: { failureThreshold: 50, recoveryTimeoutMs: RECOVERY_MS } },
    });
    await fail('m', 50);
    await clock.advance(RECOVERY_MS);
    const changes = heard('breaker.changed');
    ask();
    backends.m.last.fail();
    await settled();

    expect(state('m')).toBe('open');
    expect(changes).toMatchObject([{ from: 'half_open', to: 'open', cause: 'probe_failed' }]);
  });

  it('P13 ten thousand rounds of opening and half-opening at a standing clock end without recursion', async () => {
    const {
      ask,
      backends,
      breaker: state,
      clock,
      heard,
    } = createRig({
      m: { breaker: { failureThreshold: 1, recoveryTimeoutMs: 0, maxOpenMs: 0 } },
    });
    const changes = heard('breaker.changed');
    for (let round = 0; round < 10_000; round++) {
      ask();
      backends.m.last.fail();
      await clock.advance(0);
    }
    expect(backends.m.calls).toHaveLength(10_000);
    expect(changes.filter(({ to }) => to === 'open')).toHaveLength(10_000);
    expect(changes.filter(({ to }) => to === 'half_open')).toHaveLength(10_000);
    expect(state('m')).toBe('half_open');
    expect(clock.now()).toBe(0);
  });
});

import { describe, expect, it } from 'vitest';
import { BackendError } from '../../src/errors.ts';
import { backoff } from '../../src/retry/backoff.ts';
import { createRig } from '../support/rig.ts';
import { settled } from '../support/virtual-clock.ts';

const WAIT_MS = 1_000;
const down = () => new BackendError('down', { status: 503, retryAfterMs: WAIT_MS });
const models = { m: { breaker: { failureThreshold: 1_000 } }, spare: {} };

describe('the retry budget', () => {
  it('P35 is whole again once what has used it up is served, however often', async () => {
    const { ask, backends, clock } = createRig(models, { retries: { baseMs: 0 } });
    for (let round = 1; round <= 20; round++) {
      const asked = [ask(), ask(), ask()];
      for (const call of backends.m.calls.slice(-3)) call.fail(down());
      await clock.advance(WAIT_MS);
      for (const call of backends.m.calls.slice(-3)) call.succeed();
      await settled();
      expect(asked.map(({ answer }) => answer?.attempts)).toEqual([2, 2, 2]);
    }
    expect(backends.spare.calls).toHaveLength(0);
  });

  it.each([
    'abort',
    'deadline',
    'displacement',
  ])('P35 is whole again when what has used it up leaves by %s', async (how) => {
    const { ask, backends, clock, router } = createRig(
      { m: { breaker: { failureThreshold: 1_000 }, maxQueueDepth: 3, maxConcurrency: 3 } },
      { retries: { baseMs: 0 } },
    );
    const asked = Array.from({ length: 3 }, () => ask({ priority: 'low', timeoutMs: 1_500 }));
    for (const call of [...backends.m.calls]) call.fail(down());
    await settled();
    if (how === 'abort') for (const request of asked) request.abort('enough');
    if (how === 'displacement') {
      for (let count = 0; count < 3; count++) ask({ priority: 'critical' });
      await settled();
      for (const call of backends.m.calls.slice(-3)) call.succeed();
    }
    if (how === 'deadline') {
      router.pause('m');
      router.resume('m');
      await clock.advance(1_500);
    }
    await settled();
    expect(asked.every(({ isSettled }) => isSettled)).toBe(true);
    const later = [ask(), ask(), ask()];
    for (const call of backends.m.calls.slice(-3)) call.fail(down());
    await settled();
    expect(router.getModelStatus()['m']).toMatchObject({ backingOff: 3 });
    expect(later.some(({ isSettled }) => isSettled)).toBe(false);
  });

  it('P36 allows three at once however little runs', async () => {
    const { ask, backends, router } = createRig(models, { retries: { baseMs: 0 } });
    for (let count = 1; count <= 3; count++) {
      ask();
      backends.m.last.fail(down());
      await settled();
      expect(router.getModelStatus()['m']).toMatchObject({ backingOff: count, running: 0 });
    }
  });

  it('P36 denies a retry and nothing else: the request fails, or goes on, with what it has met', async () => {
    const { ask, backends, clock, router, breaker } = createRig(models, { retries: { baseMs: 0 } });
    const retried = [ask(), ask(), ask()];
    for (const call of [...backends.m.calls]) call.fail(down());
    await settled();
    const failures = router.getModelStatus()['m']!.circuitBreaker.failureCount;
    const denied = ask({ model: 'm' });
    const error = new BackendError('down too', { status: 500 });
    backends.m.last.fail(error);
    const goesOn = ask();
    backends.m.last.fail(down());
    await settled();
    expect([denied.code, (denied.error as Error).cause]).toEqual(['provider_failed', error]);
    backends.spare.last.succeed();
    await settled();
    expect(goesOn.answer).toMatchObject({ modelUsed: 'spare', attempts: 2 });
    expect(router.getModelStatus()['m']!.circuitBreaker.failureCount).toBe(failures + 2);
    expect(breaker('m')).toBe('closed');
    await clock.advance(WAIT_MS);
    for (const call of backends.m.calls.slice(-3)) call.succeed();
    await settled();
    expect(retried.map(({ answer }) => answer?.modelUsed)).toEqual(['m', 'm', 'm']);
  });
});

it('P37 a back-off is finite and at most maxMs after any number of retries', () => {
  let seed = 7;
  for (let retry = 1; retry <= 10_000; retry++) {
    const drawn = backoff(retry, { baseMs: 500, maxMs: 8_000 }, seed, 0);
    expect(drawn.ms >= 0 && drawn.ms <= 8_000, `retry ${retry}: ${drawn.ms}`).toBe(true);
    seed = drawn.seed;
  }
});

import { describe, expect, it } from 'vitest';
import { BackendError } from '../../src/errors.ts';
import { createRig, type Rig } from '../support/rig.ts';
import { settled } from '../support/virtual-clock.ts';

const slowDown = (retryAfterMs?: number) =>
  new BackendError('slow down', { status: 429, ...(retryAfterMs !== undefined && { retryAfterMs }) });
/** How long the limit that holds will hold, in milliseconds; null: none holds. */
const limitOf = ({ clock, router }: Rig<'m'>): number | null => {
  const { limitedUntil } = router.getModelStatus()['m']!;
  return limitedUntil === null ? null : limitedUntil - clock.wallNow();
};
const meet = async (rig: Rig<'m'>, index: number, retryAfterMs?: number): Promise<void> => {
  rig.backends.m.calls[index]!.fail(slowDown(retryAfterMs));
  await settled();
};

describe('a 429', () => {
  it('begins a limit for its hint, is no failure, and moves its own request on', async () => {
    const rig = createRig({ m: { breaker: { failureThreshold: 1 } }, spare: {} });
    const [began, ended] = [rig.heard('rate_limit.began'), rig.heard('rate_limit.ended')];
    const request = rig.ask();
    rig.backends.m.last.fail(slowDown(2_500));
    await settled();
    rig.backends.spare.last.succeed();
    await settled();
    expect(request.answer).toMatchObject({ modelUsed: 'spare', attempts: 2 });
    expect(request.answer!.trace.candidates[0]).toMatchObject({
      verdict: 'failed',
      attempts: [{ outcome: 'rate_limited', status: 429 }],
    });
    expect(rig.router.getModelStatus()['m']).toMatchObject({
      rateLimited: 1,
      failures: 0,
      limitedUntil: rig.clock.wallNow() + 2_500,
      circuitBreaker: { state: 'closed', failureCount: 0 },
    });
    const newcomer = rig.ask();
    expect(rig.backends.spare.calls).toHaveLength(2);
    await rig.clock.advance(2_500);
    expect(began).toMatchObject([{ model: 'm', requestId: 'req-1', at: 0, forMs: 2_500, strikes: 1 }]);
    expect(ended).toMatchObject([{ model: 'm', at: 2_500 }]);
    rig.backends.spare.last.succeed();
    await settled();
    expect(newcomer.answer!.trace.candidates[0]).toMatchObject({
      model: 'm',
      reason: 'rate_limited',
      retryAfterMs: 2_500,
    });
    rig.ask();
    expect(rig.backends.m.calls).toHaveLength(2);
  });

  it('without a hint begins one for a second, which doubles with each limit in a row up to a minute', async () => {
    const rig = createRig({ m: {} });
    const lengths: (number | null)[] = [];
    for (let limit = 0; limit < 9; limit++) {
      rig.ask({ timeoutMs: 500 });
      rig.backends.m.last.fail(slowDown());
      await settled();
      lengths.push(limitOf(rig));
      await rig.clock.advance(lengths.at(-1)!);
    }
    expect(lengths).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000]);
    rig.ask();
    rig.backends.m.last.succeed();
    await settled();
    rig.ask({ timeoutMs: 500 });
    rig.backends.m.last.fail(slowDown());
    await settled();
    expect(limitOf(rig)).toBe(1_000);
  });

  it('of calls that were under way when the limit began counts once, and can only lengthen it', async () => {
    const rig = createRig({ m: { maxConcurrency: 32 } });
    const began = rig.heard('rate_limit.began');
    for (let call = 0; call < 32; call++) rig.ask({ timeoutMs: 100_000 });
    await rig.clock.advance(10);
    await meet(rig, 0);
    for (let call = 1; call < 30; call++) await meet(rig, call);
    expect(limitOf(rig)).toBe(1_000);
    await meet(rig, 30, 500);
    expect(limitOf(rig)).toBe(1_000);
    expect(began).toHaveLength(1);
    await meet(rig, 31, 7_000);
    expect(limitOf(rig)).toBe(7_000);
  });

  it('that only lengthens a limit is no further one in the row', async () => {
    const rig = createRig({ m: { maxConcurrency: 2 } });
    const began = rig.heard('rate_limit.began');
    rig.ask({ timeoutMs: 100 });
    rig.ask({ timeoutMs: 100 });
    await rig.clock.advance(10);
    await meet(rig, 0, 1_000);
    await meet(rig, 1, 7_000);
    expect(began.map(({ forMs, strikes }) => [forMs, strikes])).toEqual([
      [1_000, 1],
      [7_000, 1],
    ]);
  });

  it('is believed for at most an hour, or for maxHintMs', async () => {
    for (const [breaker, expected] of [
      [{}, 3_600_000],
      [false, 3_600_000],
      [{ maxHintMs: 4_000 }, 4_000],
    ] as const) {
      const rig = createRig({ m: { breaker } });
      rig.ask({ timeoutMs: 100 });
      await meet(rig, 0, 86_400_000);
      expect(limitOf(rig)).toBe(expected);
    }
  });

  it('counts while the breaker is forced closed, open or half-open, and changes nothing there', async () => {
    const rig = createRig({ m: { breaker: { failureThreshold: 1, successThreshold: 1, recoveryTimeoutMs: 1_000 } } });
    rig.ask({ timeoutMs: 100_000 });
    await rig.fail('m', 1);
    await meet(rig, 0, 5_000);
    expect([rig.breaker('m'), limitOf(rig)]).toEqual(['open', 5_000]);
    await rig.clock.advance(1_000);
    const refused = rig.ask({ timeoutMs: 3_000 });
    await settled();
    expect(refused.error).toMatchObject({ code: 'rate_limited', retryAfterMs: 4_000 });
    await rig.clock.advance(4_000);
    expect([rig.breaker('m'), limitOf(rig)]).toEqual(['half_open', null]);
    rig.ask();
    rig.backends.m.last.succeed();
    await settled();
    expect(rig.breaker('m')).toBe('closed');
    rig.router.forceClosed('m');
    rig.ask({ timeoutMs: 100 });
    rig.backends.m.last.fail(slowDown(3_000));
    await settled();
    expect([rig.breaker('m'), limitOf(rig)]).toEqual(['forced_closed', 3_000]);
  });
});

describe('the time at which a limit ends', () => {
  it('is the restored one, also when a listener restores it in the middle of another', async () => {
    const rig = createRig({ m: {} });
    const snapshot = rig.router.snapshot();
    rig.router.once('rate_limit.began', () => {
      const m = { ...snapshot.models['m']!, limitedUntil: rig.clock.wallNow() + 5_000 };
      rig.router.restore({ ...snapshot, models: { m } });
    });
    rig.ask();
    await meet(rig, 0, 1_000);
    await rig.clock.advance(4_999);
    expect(limitOf(rig)).toBe(1);
    await rig.clock.advance(1);
    expect(limitOf(rig)).toBeNull();
  });

  it('is said again by a model whose timer rings too early', async () => {
    const rig = createRig({ m: {} });
    rig.ask();
    await meet(rig, 0, 1_000);
    rig.router.actor.getSnapshot().context.models['m']!.send({ type: 'limit.ended', at: rig.clock.now() });
    expect(limitOf(rig)).toBe(1_000);
    await rig.clock.advance(1_000);
    expect(limitOf(rig)).toBeNull();
  });
});

describe('while a limit holds', () => {
  it('those who have another candidate go there at once in order, as newcomers do', async () => {
    const rig = createRig({ m: { maxConcurrency: 1 }, spare: { maxConcurrency: 5 } });
    rig.ask({}, 'met');
    rig.ask({ priority: 'low' }, 'low');
    rig.ask({ priority: 'high' }, 'high');
    rig.ask({ model: 'm' }, 'pinned');
    rig.backends.m.last.fail(slowDown(2_000));
    await settled();
    expect(rig.backends.spare.calls.map(({ request }) => request.prompt)).toEqual(['met', 'high', 'low']);
    expect(rig.router.getModelStatus()['m']).toMatchObject({ queueDepth: 1, queueState: 'holding' });
    await rig.clock.advance(2_000);
    expect(rig.backends.m.last.request.prompt).toBe('pinned');
  });

  it('those whose deadline is not after its end fail at once, the others stay and start at its end', async () => {
    const rig = createRig({ m: { maxConcurrency: 1 } });
    rig.ask();
    const hasty = rig.ask({ timeoutMs: 2_000 });
    rig.ask({ timeoutMs: 2_001 }, 'patient');
    rig.backends.m.last.fail(slowDown(2_000));
    await settled();
    expect(hasty.code).toBe('rate_limited');
    await rig.clock.advance(2_000);
    rig.backends.m.last.succeed();
    await settled();
    expect(rig.backends.m.last.request.prompt).toBe('patient');
  });

  it('what runs goes on, and its success counts', async () => {
    const rig = createRig({ m: { maxConcurrency: 2 } });
    const running = rig.ask();
    rig.ask({ timeoutMs: 100 });
    await meet(rig, 1, 2_000);
    rig.backends.m.calls[0]!.succeed();
    await settled();
    expect(running.answer?.content).toBe('ok');
    expect(limitOf(rig)).toBe(2_000);
  });

  it('a newcomer without another candidate takes a waiting place; one whose deadline comes first fails', async () => {
    const rig = createRig({ m: { maxConcurrency: 1, maxQueueDepth: 2 } });
    rig.ask();
    await meet(rig, 0, 2_000);
    const waits = rig.ask({ timeoutMs: 2_001 });
    const late = rig.ask({ timeoutMs: 2_000 });
    const placeless = rig.ask();
    await settled();
    expect(waits.isSettled).toBe(false);
    for (const { error } of [late, placeless])
      expect(error).toMatchObject({ code: 'rate_limited', retryAfterMs: 2_000 });
  });

  it('a newcomer waits at the first of its candidates that is limited until before its deadline', async () => {
    const rig = createRig({ a: {}, b: {}, c: {} });
    for (const [model, ms] of [
      ['a', 9_000],
      ['b', 4_000],
      ['c', 2_000],
    ] as const) {
      rig.ask({ model, timeoutMs: 100 });
      rig.backends[model].last.fail(slowDown(ms));
      await settled();
    }
    const request = rig.ask({ timeoutMs: 5_000 });
    await rig.clock.advance(4_000);
    rig.backends.b.last.succeed();
    await settled();
    expect(request.answer).toMatchObject({ modelUsed: 'b', latencyMs: 4_000 });
  });

  it('a request that was displaced from its waiting place does not come back', async () => {
    const rig = createRig({ m: { maxConcurrency: 1, maxQueueDepth: 1 } });
    const low = rig.ask({ priority: 'low' });
    await meet(rig, 0, 2_000);
    const critical = rig.ask({ priority: 'critical' });
    await settled();
    expect([low.code, critical.isSettled]).toEqual(['rate_limited', false]);
    expect(low.error).toMatchObject({ candidates: [{ model: 'm', reason: 'displaced' }] });
  });

  it('a request gives up after six attempts', async () => {
    const rig = createRig({ m: {} });
    const request = rig.ask({ timeoutMs: 1_000_000 });
    for (let attempt = 0; attempt < 6; attempt++) {
      await meet(rig, attempt, 1_000);
      await rig.clock.advance(1_000);
    }
    expect(rig.backends.m.calls).toHaveLength(6);
    expect(request.error).toMatchObject({ code: 'rate_limited' });
  });
});

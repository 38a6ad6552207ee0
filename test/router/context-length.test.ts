import { describe, expect, it } from 'vitest';
import { BackendError } from '../../src/errors.ts';
import { createRig } from '../support/rig.ts';
import { settled } from '../support/virtual-clock.ts';

const tooLong = () => new BackendError('too many tokens', { status: 400, code: 'context_length_exceeded' });

describe('a request that is too long for its model', () => {
  it('goes to the next that takes more, past those that do not, and blames nobody', async () => {
    const { ask, backends, breaker, heard } = createRig({
      small: { contextWindow: 8_000, breaker: { failureThreshold: 1 } },
      same: { contextWindow: 8_000 },
      silent: {},
      large: { contextWindow: 128_000 },
    });
    const failures = heard('attempt.failed');
    const request = ask();
    backends.small.last.fail(tooLong());
    await settled();
    backends.large.last.succeed();
    await settled();

    expect(request.answer).toMatchObject({ modelUsed: 'large', attempts: 2 });
    expect(request.answer?.trace.candidates).toMatchObject([
      { model: 'small', verdict: 'failed', attempts: [{ outcome: 'ignored', code: 'context_length_exceeded' }] },
      { model: 'same', verdict: 'skipped', reason: 'context_too_small' },
      { model: 'silent', verdict: 'skipped', reason: 'context_too_small' },
      { model: 'large', verdict: 'served' },
    ]);
    expect(breaker('small')).toBe('closed');
    expect(failures).toMatchObject([{ model: 'small', outcome: 'ignored' }]);
    expect(backends.same.calls.length + backends.silent.calls.length).toBe(0);
  });

  it('comes back to no smaller one when the larger fails', async () => {
    const { ask, backends } = createRig({
      middle: { contextWindow: 32_000 },
      large: { contextWindow: 128_000 },
      small: { contextWindow: 8_000 },
    });
    const request = ask();
    backends.middle.last.fail(tooLong());
    await settled();
    backends.large.last.fail();
    await settled();
    expect(request.code).toBe('provider_failed');
    expect(backends.small.calls).toEqual([]);
  });

  it.each([
    ['when no candidate takes more', { contextWindow: 8_000 }, { contextWindow: 4_000 }],
    ['when nobody has said how much the first takes', {}, { contextWindow: 128_000 }],
  ])('gets the provider’s own refusal %s', async (_, first, second) => {
    const { ask, backends } = createRig({ first, second });
    const request = ask();
    const refusal = tooLong();
    backends.first.last.fail(refusal);
    await settled();
    expect(request.error).toMatchObject({ code: 'provider_rejected', status: 400, model: 'first', cause: refusal });
    expect(backends.second.calls).toEqual([]);
  });

  it('gets it too when the larger one cannot take it now', async () => {
    const { ask, backends, router } = createRig({ small: { contextWindow: 8_000 }, large: { contextWindow: 128_000 } });
    router.pause('large');
    const request = ask();
    backends.small.last.fail(tooLong());
    await settled();
    expect(request.code).toBe('provider_rejected');
  });

  it('gets it also when the larger one gives it back without a call, whatever that was for', async () => {
    const { ask, backends, router } = createRig({
      small: { contextWindow: 8_000 },
      large: { contextWindow: 128_000, maxConcurrency: 1 },
    });
    ask({ model: 'large' });
    const request = ask();
    const refusal = tooLong();
    backends.small.last.fail(refusal);
    await settled();
    expect(router.getModelStatus()['large']).toMatchObject({ queueDepth: 2 });
    router.forceOpen('large');
    await settled();
    expect(request.error).toMatchObject({ code: 'provider_rejected', status: 400, model: 'small', cause: refusal });
    expect(request.error).toMatchObject({
      candidates: [{ model: 'small' }, { model: 'large', reason: 'circuit_open' }],
    });
  });

  it('is not sent on when its time is over, its caller has left, or the router stops', async () => {
    const late = createRig({ small: { contextWindow: 8_000 }, large: { contextWindow: 128_000 } });
    late.clock.setTimeout(() => late.backends.small.last.fail(tooLong()), 100);
    late.ask({ timeoutMs: 100 });
    await late.clock.advance(100);
    expect(late.backends.large.calls).toEqual([]);

    const left = createRig({ small: { contextWindow: 8_000 }, large: { contextWindow: 128_000 } });
    const request = left.ask();
    left.router.on('attempt.failed', () => request.abort('left'));
    left.backends.small.last.fail(tooLong());
    await settled();
    expect(request.error).toBe('left');
    expect(left.backends.large.calls).toEqual([]);

    const stopped = createRig({ small: { contextWindow: 8_000 }, large: { contextWindow: 128_000 } });
    const running = stopped.ask();
    void stopped.router.stop();
    stopped.backends.small.last.fail(tooLong());
    await settled();
    expect(running.code).toBe('provider_rejected');
    expect(stopped.backends.large.calls).toEqual([]);
  });

  it('streams from the larger one as if nothing had been', async () => {
    const { backends, watch } = createRig({ small: { contextWindow: 8_000 }, large: { contextWindow: 128_000 } });
    const stream = watch();
    backends.small.lastStream.fail(tooLong());
    await settled();
    backends.large.lastStream.push('all of it');
    backends.large.lastStream.end();
    await settled();
    expect(stream).toMatchObject({ text: 'all of it', answer: { modelUsed: 'large' } });
  });

  it('waits out the limit of a larger one, and not that of a smaller one', async () => {
    const slowDown = new BackendError('slow down', { status: 429, retryAfterMs: 1_000 });
    for (const [window, isLarger] of [
      [128_000, true],
      [4_000, false],
    ] as const) {
      const rig = createRig({ limited: { contextWindow: window }, small: { contextWindow: 8_000 } });
      const request = rig.ask();
      rig.backends.limited.last.fail(slowDown);
      await settled();
      rig.backends.small.last.fail(tooLong());
      await settled();
      await rig.clock.advance(1_000);
      expect(rig.backends.limited.calls).toHaveLength(isLarger ? 2 : 1);
      expect(request.code).toBe(isLarger ? undefined : 'provider_rejected');
    }
  });
});

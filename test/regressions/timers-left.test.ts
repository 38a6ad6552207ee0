import { describe, expect, it } from 'vitest';
import { BackendError } from '../../src/errors.ts';
import { createRig } from '../support/rig.ts';
import { settled } from '../support/virtual-clock.ts';

function rig() {
  return createRig({
    a: { maxConcurrency: 2, maxQueueDepth: 6, breaker: { failureThreshold: 2 } },
    b: { maxConcurrency: 1, breaker: { failureThreshold: 2 } },
  });
}

type Given = ReturnType<typeof rig>;

describe('after stop()', () => {
  it.each([
    [
      'a success',
      async ({ ask: request, backends }: Given) => {
        request();
        backends.a.last.succeed();
      },
    ],
    [
      'failures and an open breaker',
      async ({ fail }: Given) => {
        await fail('a', 3);
      },
    ],
    [
      'a half-open breaker with a probe in flight',
      async ({ ask: request, clock, fail }: Given) => {
        await fail('a', 2);
        await clock.advance(60_000);
        request();
      },
    ],
    [
      'a call that hangs',
      async ({ ask: request }: Given) => {
        request();
      },
    ],
    [
      'a call that lingers',
      async ({ ask: request }: Given) => {
        request().abort();
      },
    ],
    [
      'a full queue',
      async ({ ask: request }: Given) => {
        for (let count = 0; count < 10; count++) request({ priority: 'low' });
      },
    ],
    [
      'a stream in flight',
      async ({ backends, watch }: Given) => {
        watch({ totalTimeoutMs: 5_000 });
        backends.a.lastStream.push('a');
        await settled();
      },
    ],
    [
      'a stream whose reader has stopped reading',
      async ({ backends, router }: Given) => {
        const iterator = router.stream('hi');
        void iterator.next();
        for (let count = 0; count < 100; count++) backends.a.lastStream.push('a');
        await settled();
      },
    ],
    [
      'a removal in its grace',
      async ({ ask: request, router }: Given) => {
        request();
        void router.removeModel('a');
      },
    ],
    [
      'a removal',
      async ({ ask: request, router, clock }: Given) => {
        request();
        const removed = router.removeModel('a', { graceMs: 10 });
        await clock.advance(2_000);
        await removed;
      },
    ],
    [
      'a rate limit, with a request that waits for its end',
      async ({ ask: request, backends }: Given) => {
        request({ model: 'a' });
        backends.a.last.fail(new BackendError('slow down', { status: 429, retryAfterMs: 50_000 }));
        await settled();
      },
    ],
    [
      'parked requests',
      async ({ ask: request, fail }: Given) => {
        await fail('a', 2);
        request({ model: 'a', whenUnavailable: 'wait' });
        request({ model: 'a', whenUnavailable: 'wait', timeoutMs: 70_000 });
      },
    ],
    [
      'an operator who has paused, drained and forced',
      async ({ ask: request, fail, router }: Given) => {
        await fail('a', 2);
        router.forceOpen('a');
        request();
        router.pause('b').drain('a');
      },
    ],
    [
      'a question for health',
      async ({ router }: Given) => {
        await router.health();
      },
    ],
  ])('P24 no timer of the clock is left: %s', async (_what, happens) => {
    const started = rig();
    await happens(started);
    const { clock, router } = started;
    const stopped = router.stop({ graceMs: 100 });
    await clock.advance(100);
    await stopped;

    expect(clock.pending).toBe(0);
    expect(router.actor.getSnapshot().status).toBe('done');
  });

  it('P24 no timer is left when it is stopped without a grace in the middle of everything', async () => {
    const { ask: request, clock, fail, router, watch } = rig();
    await fail('b', 2);
    for (let count = 0; count < 6; count++) request({ timeoutMs: 1_000 + count });
    watch();
    await settled();
    const stopped = router.stop({ graceMs: 0 });
    await clock.advance(0);
    await stopped;
    expect(clock.pending).toBe(0);
  });
});

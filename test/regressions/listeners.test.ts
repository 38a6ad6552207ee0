import { describe, expect, it } from 'vitest';
import { BackendError } from '../../src/errors.ts';
import type { RouterEventName } from '../../src/telemetry/events.ts';
import { collectFatal } from '../support/fatal.ts';
import { createRig } from '../support/rig.ts';
import { settled } from '../support/virtual-clock.ts';

const EVENTS: readonly RouterEventName[] = [
  'request.settled',
  'breaker.changed',
  'queue.changed',
  'attempt.failed',
  'breaker.would_open',
  'control.changed',
  'rate_limit.began',
  'rate_limit.ended',
  'request.displaced',
  'request.parked',
  'result.stale',
  'event.dropped',
];

const fatal = collectFatal();

/**
 * Two failures that open a breaker, a fallback, a displacement, a late result, a recovery, a rate limit, an operator, a
 * parked request and a breaker that only observes: every event but one.
 */
async function eventfulRun(options: Parameters<typeof createRig>[1], prepare: (rig: Rigged) => void = () => {}) {
  const rig = createRig(
    {
      m: {
        maxConcurrency: 3,
        maxQueueDepth: 4,
        breaker: { failureThreshold: 2, successThreshold: 1, recoveryTimeoutMs: 1_000 },
      },
      spare: {},
      seen: { breaker: { failureThreshold: 1, observe: true } },
    },
    options,
  );
  prepare(rig);
  const requests = [rig.ask(), rig.ask(), rig.ask(), rig.ask({ priority: 'low' }), rig.ask({ priority: 'high' })];
  const [first, second, third] = rig.backends.m.calls;
  first!.fail();
  await settled();
  second!.fail();
  await settled();
  third!.succeed();
  // The high request had the slot of the first failure.
  rig.backends.m.last.succeed();
  await rig.clock.advance(1_000);
  requests.push(rig.ask({ model: 'm' }));
  rig.backends.m.last.succeed();
  for (const call of rig.backends.spare.calls) call.succeed();
  await settled();
  for (const call of rig.backends.spare.calls) call.succeed();
  await settled();
  if (rig.router.isStopped) return { rig, requests };
  requests.push(rig.ask({ model: 'seen' }));
  rig.backends.seen.last.fail();
  await settled();
  rig.router.pause('seen');
  requests.push(rig.ask({ model: 'seen', whenUnavailable: 'wait' }));
  rig.router.resume('seen');
  rig.backends.seen.last.fail(new BackendError('slow down', { status: 429 }));
  await rig.clock.advance(1_000);
  rig.backends.seen.last.succeed();
  await settled();
  return { rig, requests };
}

type Rigged = ReturnType<typeof createRig<'m' | 'spare' | 'seen'>>;

const outcome = ({ rig, requests }: Awaited<ReturnType<typeof eventfulRun>>) => ({
  answers: requests.map(({ answer, code }) => answer?.modelUsed ?? code),
  status: rig.router.getModelStatus(),
  stats: rig.router.getStats(),
});

describe('whoever listens badly', () => {
  it.each([
    [
      'throws',
      () => {
        throw new Error('a bad listener');
      },
    ],
    [
      'rejects',
      async () => {
        throw new Error('a bad listener');
      },
    ],
    ['rejects with nothing', () => Promise.reject()],
  ])('P47 by a listener that %s changes nothing but a listener.failed', async (_what, listener) => {
    const undisturbed = outcome(await eventfulRun({}));
    const failures: string[] = [];
    const heardAfterwards: string[] = [];
    const disturbed = outcome(
      await eventfulRun({}, ({ router }) => {
        for (const name of EVENTS) {
          router.on(name, listener as () => void);
          router.on(name, () => void heardAfterwards.push(name));
        }
        router.on('listener.failed', ({ event }) => void failures.push(event));
      }),
    );
    await settled();

    expect(disturbed).toEqual(undisturbed);
    expect(disturbed.answers.filter((answer) => answer === undefined)).toEqual([]);
    expect(failures.sort()).toEqual(heardAfterwards.sort());
    expect(new Set(failures)).toEqual(
      new Set([
        'request.settled',
        'breaker.changed',
        'queue.changed',
        'attempt.failed',
        'breaker.would_open',
        'control.changed',
        'rate_limit.began',
        'rate_limit.ended',
        'request.displaced',
        'request.parked',
        'result.stale',
      ]),
    );
    expect(fatal).toEqual([]);
  });

  it('P47 by a listener.failed listener that throws is the end of it', async () => {
    const { rig } = await eventfulRun({}, ({ router }) => {
      router.on('listener.failed', () => {
        throw new Error('a bad listener of bad listeners');
      });
      router.on('request.settled', () => {
        throw new Error('a bad listener');
      });
    });
    expect(rig.router.getStats().totalRequests).toBe(8);
    expect(fatal).toEqual([]);
  });

  it('P47 by an inspector that throws changes nothing and is told to the logger', async () => {
    const undisturbed = outcome(await eventfulRun({}));
    const logged: string[] = [];
    const ignore = (): void => {};
    const logger = { debug: ignore, info: ignore, warn: ignore, error: (_: object, text: string) => logged.push(text) };
    const disturbed = outcome(
      await eventfulRun({
        logger,
        inspect: () => {
          throw new Error('a bad inspector');
        },
      }),
    );
    expect(disturbed).toEqual(undisturbed);
    expect(new Set(logged)).toEqual(new Set(['an inspector threw']));
    expect(fatal).toEqual([]);
  });

  it('P47 by a listener that stops the router in the middle of an event settles everything once', async () => {
    const { rig, requests } = await eventfulRun({}, ({ router }) => {
      router.on('breaker.changed', () => void router.stop({ graceMs: 500 }));
    });
    await rig.clock.advance(500);
    expect(requests.every(({ isSettled }) => isSettled)).toBe(true);
    expect(rig.router.getStats().totalRequests).toBeLessThanOrEqual(requests.length);
    expect(fatal).toEqual([]);
  });

  it('P47 by a listener that asks again at each failure is served like any other', async () => {
    let again = 0;
    const { rig } = await eventfulRun({}, (prepared) => {
      prepared.router.on('attempt.failed', () => {
        if (again++ < 5) prepared.ask({ model: 'spare' });
      });
    });
    for (const call of rig.backends.spare.calls) call.succeed();
    await settled();
    expect(rig.router.getModelStatus()['spare']!.queueDepth).toBe(0);
    expect(fatal).toEqual([]);
  });

  it('P47 by an answer that is told to a throwing replyTo or classify changes nothing', async () => {
    const rig = createRig({
      m: {
        classify: () => {
          throw new Error('a bad classifier');
        },
      },
      spare: {},
    });
    const replyTo = {
      send: () => {
        throw new Error('a bad actor');
      },
    } as never;
    const request = rig.ask({ replyTo });
    rig.backends.m.last.fail();
    await settled();
    rig.backends.spare.last.succeed();
    await settled();
    expect(request.answer?.modelUsed).toBe('spare');
    expect(rig.router.getModelStatus()['m']!.circuitBreaker.failureCount).toBe(1);
    expect(fatal).toEqual([]);
  });
});

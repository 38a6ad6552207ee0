import { describe, expect, it } from 'vitest';
import { BackendError } from '../../../../src/errors.ts';
import { sequenceOf } from '../../../../src/inspector/web/requests/sequence.ts';
import { settled } from '../../../support/virtual-clock.ts';
import { createDetailedRig } from './detailed-rig.ts';

describe('the sequence of a request', () => {
  it('goes from the caller over the router to the model and back', async () => {
    const { ask, backends, clock, detail, lines } = createDetailedRig({ a: {} });
    ask({ priority: 'high' });
    await clock.advance(120);
    backends.a.last.succeed();
    await settled();
    expect(lines()).toEqual([
      '0 caller→router accepted with priority high',
      '0 router→a called',
      '120 a→router answered',
      '120 router→caller answered after 120 ms',
    ]);
    expect(sequenceOf(detail()).spans).toEqual([{ column: 2, kind: 'calling', from: 1, to: 2 }]);
  });

  it('draws the wait in a queue from its beginning to the call', async () => {
    const { ask, backends, clock, detail, lines } = createDetailedRig({ a: { maxConcurrency: 1 } });
    ask();
    await clock.advance(50);
    ask();
    await clock.advance(200);
    backends.a.calls[0]!.succeed();
    await clock.advance(30);
    backends.a.last.succeed();
    await settled();
    expect(lines().slice(1, 4)).toEqual([
      '0 router→a waits in its queue',
      '200 a called after 200 ms in the queue',
      '230 a→router answered',
    ]);
    expect(sequenceOf(detail()).spans).toContainEqual({ column: 2, kind: 'waiting', from: 1, to: 2 });
  });

  it('tells the first content of a stream to the caller', async () => {
    const { watch, backends, clock, lines } = createDetailedRig({ a: {} });
    watch();
    await clock.advance(70);
    backends.a.lastStream.push('hi');
    await clock.advance(30);
    backends.a.lastStream.end();
    await settled();
    expect(lines().slice(2)).toEqual([
      '70 a→caller first content after 70 ms',
      '100 a→router answered',
      '100 router→caller answered after 100 ms',
    ]);
  });

  it('tells retries and the fallback after them, with what each call came to', async () => {
    const { ask, backends, clock, lines } = createDetailedRig({ a: {}, b: {} }, { retries: { maxRetries: 1 } });
    ask();
    await clock.advance(10);
    backends.a.last.fail(new BackendError('down', { status: 503, code: 'overloaded' }));
    await clock.advance(5_000);
    backends.a.last.fail(new BackendError('down', { status: 500 }));
    await clock.advance(190);
    backends.b.last.succeed();
    await settled();
    const [, first, failed, backOff, again, ...rest] = lines();
    expect([first, failed]).toEqual(['0 router→a called', '10 a→router failed: status 503, overloaded']);
    expect(backOff).toMatch(/^10 a backs off for \d+ ms$/);
    expect(again).toMatch(/^\d+(\.\d+)? router→a called for the 2nd time$/);
    expect(rest).toEqual([
      '5010 a→router failed: status 500',
      '5010 router→b called as the next candidate',
      '5200 b→router answered',
      '5200 router→caller answered after 5.2 s',
    ]);
  });

  it('tells a rate limit from a failure', async () => {
    const { ask, backends, clock, detail } = createDetailedRig({ a: {}, b: {} });
    ask();
    await clock.advance(10);
    backends.a.last.fail(new BackendError('slow down', { status: 429 }));
    await settled();
    backends.b.last.succeed();
    await settled();
    const { steps } = sequenceOf(detail());
    expect(steps[2]).toMatchObject({ at: 10, text: 'rate limited: status 429', tone: 'limited' });
  });

  it('tells who was skipped, and why, at the time when that is known', async () => {
    const { ask, fail, backends, clock, lines } = createDetailedRig({
      a: { breaker: { failureThreshold: 1, recoveryTimeoutMs: 41_000 } },
      b: {},
    });
    await fail('a', 1);
    ask();
    await clock.advance(25);
    backends.b.last.succeed();
    await settled();
    expect(lines()).toEqual([
      '0 caller→router accepted with priority normal',
      '0 a skipped: its circuit was open, to be asked again after 41 s',
      '0 router→b called',
      '25 b→router answered',
      '25 router→caller answered after 25 ms',
    ]);
  });

  it('tells when a candidate behind a wait was skipped', async () => {
    const { ask, fail, backends, clock, lines } = createDetailedRig({
      a: { maxConcurrency: 1 },
      b: { breaker: { failureThreshold: 1 } },
    });
    await fail('b', 1);
    ask();
    ask();
    await clock.advance(20);
    backends.a.calls[0]!.succeed();
    await clock.advance(10);
    backends.a.last.fail();
    await settled();
    expect(lines().slice(2)).toEqual([
      '20 a called after 20 ms in the queue',
      '30 a→router failed',
      '30 b skipped: its circuit was open, to be asked again after 1 min',
      '30 router→caller failed: provider failed',
    ]);
  });

  it('tells a wait that came to nothing', async () => {
    const { ask, backends, clock, lines } = createDetailedRig({ a: { maxConcurrency: 1, maxQueueDepth: 2 }, b: {} });
    ask();
    ask({ priority: 'low' });
    await clock.advance(300);
    ask({ priority: 'critical' });
    await clock.advance(50);
    backends.b.last.succeed();
    await settled();
    expect(lines()).toEqual([
      '0 caller→router accepted with priority low',
      '0 router→a waits in its queue',
      '300 a→router given back after 300 ms in the queue: it gave its place to a more important request',
      '300 router→b called',
      '350 b→router answered',
      '350 router→caller answered after 350 ms',
    ]);
  });

  it.each([
    ['cancelled by its caller', 'cancelled by the caller'],
    ['out of time', 'failed: deadline exceeded'],
  ])('says that a request was %s', async (how, text) => {
    const { ask, clock, lines } = createDetailedRig({ a: {} });
    const asked = ask({ timeoutMs: 1_000 });
    await clock.advance(400);
    if (how.startsWith('cancelled')) asked.abort();
    await clock.advance(1_000);
    const at = how.startsWith('cancelled') ? 400 : 1_000;
    expect(lines().slice(2)).toEqual([
      expect.stringMatching(`^${at} a→router cancelled`),
      expect.stringMatching(`^${at} .*${text}$`),
    ]);
  });

  it('takes times that were rounded apart for the same', async () => {
    const { ask, backends, clock, detail } = createDetailedRig({ a: {} });
    ask();
    await clock.advance(20);
    backends.a.last.succeed();
    await settled();
    const told = detail();
    for (const apart of [-0.9, 0.9]) {
      const { steps } = sequenceOf({ ...told, acceptedAt: told.acceptedAt + apart });
      expect(steps[1]!.text).toBe('called');
      const times = steps.map(({ at }) => at!);
      expect(times).toEqual(times.toSorted((a, b) => a - b));
      expect(times.at(-1)).toBe(20);
    }
  });

  it('never goes back in time', async () => {
    const { ask, fail, backends, clock, detail } = createDetailedRig(
      { a: { maxConcurrency: 1 }, b: { breaker: { failureThreshold: 1 } }, c: { maxConcurrency: 1 } },
      { retries: { maxRetries: 2 } },
    );
    await fail('b', 1);
    for (let count = 0; count < 4; count++) ask({ whenUnavailable: 'wait' });
    let seen = 0;
    for (let step = 0; step < 60; step++) {
      await clock.advance(700);
      const last = (step % 2 === 0 ? backends.a : backends.c).calls.at(-1);
      if (step % 3 === 0) last?.succeed();
      else last?.fail(new BackendError('no', { status: step % 5 === 0 ? 429 : 500 }));
      await settled();
      const times = sequenceOf(detail()).steps.flatMap(({ at }) => at ?? []);
      expect(times).toEqual(times.toSorted((a, b) => a - b));
      seen = Math.max(seen, times.length);
    }
    expect(seen).toBeGreaterThan(8);
  });
});

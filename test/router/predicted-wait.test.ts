import { describe, expect, it } from 'vitest';
import { BackendError } from '../../src/errors.ts';
import { createRig, type Rig } from '../support/rig.ts';
import { settled } from '../support/virtual-clock.ts';

/** Five calls of a second each: from then on waits are predicted. */
async function measured(settings: object = {}, calls = 5): Promise<Rig<'m' | 'spare'>> {
  const rig = createRig({ m: { maxConcurrency: 1, ...settings }, spare: { maxConcurrency: 50 } });
  for (let call = 0; call < calls; call++) {
    rig.ask({ model: 'm' });
    await rig.clock.advance(1_000);
    rig.backends.m.last.succeed();
    await settled();
  }
  return rig;
}

describe('a request that would have to wait for a slot', () => {
  it('leaves a model that cannot be in time for the next one, and its trace says how long it would have waited', async () => {
    const rig = await measured();
    rig.ask({ model: 'm' });
    await rig.clock.advance(300);
    const request = rig.ask({ timeoutMs: 699 });
    rig.backends.spare.last.succeed();
    await settled();
    expect(request.answer).toMatchObject({ modelUsed: 'spare' });
    expect(request.answer!.trace.candidates[0]).toMatchObject({
      model: 'm',
      verdict: 'skipped',
      reason: 'deadline_unreachable',
      predictedWaitMs: 700,
    });
  });

  it('fails as deadline_unreachable, with the shortest wait, when there is no other', async () => {
    const rig = await measured();
    rig.ask({ model: 'm' });
    const request = rig.ask({ model: 'm', timeoutMs: 500 });
    await settled();
    expect(request.error).toMatchObject({ code: 'deadline_unreachable', status: 504, predictedWaitMs: 1_000 });
    expect(rig.clock.now()).toBe(5_000);
  });

  it('waits when the prediction just fits: its own service does not count', async () => {
    const rig = await measured();
    rig.ask({ model: 'm' });
    const request = rig.ask({ model: 'm', timeoutMs: 1_000 });
    await settled();
    expect(request.isSettled).toBe(false);
  });

  it('counts those that would be served before it, and no others', async () => {
    const rig = await measured();
    rig.ask({ model: 'm' });
    rig.ask({ model: 'm', priority: 'low' });
    rig.ask({ model: 'm', priority: 'normal' });
    const wait = (priority: 'critical' | 'normal' | 'low') => {
      const [candidate] = rig.router.explain('hi', { model: 'm', priority }).candidates;
      return candidate!.predictedWaitMs;
    };
    expect([wait('critical'), wait('normal'), wait('low')]).toEqual([1_000, 2_000, 3_000]);
  });

  it('gets the slot of the call that began first, then the next, then a round later', async () => {
    const rig = await measured({ maxConcurrency: 2 });
    rig.ask({ model: 'm' });
    await rig.clock.advance(400);
    rig.ask({ model: 'm' });
    await rig.clock.advance(100);
    const waits: unknown[] = [];
    for (let ahead = 0; ahead < 4; ahead++) {
      waits.push(rig.router.explain('hi', { model: 'm' }).candidates[0]!.predictedWaitMs);
      rig.ask({ model: 'm' });
    }
    expect(waits).toEqual([500, 900, 1_500, 1_900]);
  });

  it('counts on the running limit of a slow start, and not on calls above it', async () => {
    const rig = await measured({ maxConcurrency: 3 });
    for (let call = 0; call < 3; call++) {
      rig.ask({ model: 'm', timeoutMs: 100_000 });
      await rig.clock.advance(100);
    }
    rig.ask({ model: 'm', timeoutMs: 1_000 });
    const late = rig.backends.m.calls[5]!;
    late.fail(new BackendError('slow down', { status: 429, retryAfterMs: 200 }));
    await rig.clock.advance(200);
    // Two run, one may: the second of them to end hands its slot on.
    expect(rig.router.getModelStatus()['m']).toMatchObject({ running: 2, runningLimit: 1, queueDepth: 4 });
    const [candidate] = rig.router.explain('hi', { model: 'm', priority: 'critical' }).candidates;
    // They began at 5,100 and 5,200; it is 5,500.
    expect(candidate!.predictedWaitMs).toBe(700);
  });

  it('is predicted nothing from fewer than five successes, from failures, or at a free slot', async () => {
    const rig = await measured({}, 4);
    rig.ask({ model: 'm' });
    rig.backends.m.last.fail();
    await settled();
    rig.ask({ model: 'm' });
    const request = rig.ask({ model: 'm', timeoutMs: 1 });
    await settled();
    expect(request.isSettled).toBe(false);

    const free = await measured();
    free.ask({ model: 'm', timeoutMs: 1 });
    expect(free.backends.m.calls).toHaveLength(6);
  });

  it('goes by the median of the last twenty-one: an outlier changes nothing, a lasting change does', async () => {
    const rig = await measured({}, 11);
    const serve = async (ms: number): Promise<void> => {
      rig.ask({ model: 'm' });
      await rig.clock.advance(ms);
      rig.backends.m.last.succeed();
      await settled();
    };
    const predicted = (): number | undefined => {
      const request = rig.ask({ model: 'm' });
      const [candidate] = rig.router.explain('hi', { model: 'm' }).candidates;
      request.abort();
      return candidate!.predictedWaitMs;
    };
    await serve(50_000);
    expect(predicted()).toBe(1_000);
    await rig.clock.advance(1_000);
    for (let call = 0; call < 11; call++) await serve(3_000);
    expect(predicted()).toBe(3_000);
  });

  it('is never asked while it would wait for the end of a limit instead', async () => {
    const rig = await measured();
    rig.ask({ model: 'm', timeoutMs: 100 });
    rig.backends.m.last.fail(new BackendError('slow down', { status: 429, retryAfterMs: 500 }));
    await settled();
    const request = rig.ask({ model: 'm', timeoutMs: 501 });
    await rig.clock.advance(500);
    rig.backends.m.last.succeed();
    await settled();
    expect(request.answer?.modelUsed).toBe('m');
  });
});

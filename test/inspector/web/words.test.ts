import { expect, it } from 'vitest';
import { BackendError } from '../../../src/index.ts';
import { Inspector } from '../../../src/inspector/inspector.ts';
import type { Mark } from '../../../src/inspector/protocol.ts';
import { cacheWords, whyOf } from '../../../src/inspector/web/words.ts';
import type { ModelOptions } from '../../../src/model-options.ts';
import { createRig } from '../../support/rig.ts';
import { ScriptedBackend } from '../../support/scripted-backend.ts';
import { settled } from '../../support/virtual-clock.ts';
import { watch } from '../support.ts';

// Every mark of a model is one that a router has really made.

type Breaker = ModelOptions['breaker'];

const DOWN = new BackendError('down', { status: 503 });

function setUp(breaker: Breaker = {}) {
  const rig = createRig({ gpu: { breaker }, cloud: {} });
  const inspector = new Inspector(rig.router);
  const viewer = watch(inspector);
  return {
    ...rig,
    inspector,
    /** The last thing that happened to `gpu`, as the page is told. */
    async last(): Promise<Mark> {
      await rig.clock.advance(100);
      return viewer.view.marks.filter(({ model }) => model === 'gpu').at(-1)!;
    },
    async succeed(): Promise<void> {
      rig.ask({ model: 'gpu' });
      rig.backends.gpu.last.succeed();
      await settled();
    },
  };
}

it('says which failure in a row has opened a breaker, of which request, with which status, and for how long', async () => {
  const { fail, last } = setUp();
  await fail('gpu', 5, DOWN);
  const mark = await last();

  const said = whyOf(mark);

  expect(said).toEqual({
    title: 'Opened',
    why: 'the 5th failure in a row, status 503, open for 1 min',
    requestId: (mark as { requestId?: string }).requestId,
  });
  expect(said.requestId).toBeTypeOf('string');
});

it('says that a single failure was enough', async () => {
  const { fail, last } = setUp({ failureThreshold: 1 });
  await fail('gpu', 1, DOWN);

  expect(whyOf(await last()).why).toBe('a failure, status 503, open for 1 min');
});

it('says what share of calls has failed', async () => {
  const { succeed, fail, last } = setUp({ policy: 'count', windowSize: 10, minimumCalls: 4, failureRate: 0.5 });
  await succeed();
  await succeed();
  await fail('gpu', 2, DOWN);

  expect(whyOf(await last()).why).toBe('2 of 4 calls failed (50.0 %), status 503, open for 1 min');
});

it('says what share of calls was slow', async () => {
  const { router, backends, clock, last } = setUp({
    policy: 'count',
    windowSize: 10,
    minimumCalls: 4,
    slowCallMs: 50,
  });
  for (let call = 0; call < 4; call++) {
    void router.generate('hi', { model: 'gpu' });
    await clock.advance(100);
    backends.gpu.last.succeed();
    await settled();
  }

  const { title, why } = whyOf(await last());

  expect([title, why]).toEqual(['Opened', '4 of 4 calls were slow (100 %), open for 1 min']);
});

it('says how many calls were silent', async () => {
  const { succeed, ask, clock, last } = setUp({ failureThreshold: 2 });
  for (let call = 0; call < 20; call++) await succeed();
  for (let call = 0; call < 3; call++) ask({ model: 'gpu' });
  await clock.advance(1_000);

  expect(whyOf(await last()).why).toMatch(
    /^\d of 3 calls in flight have been silent for much longer than is usual, .*open for 1 min$/,
  );
});

it('tells a breaker’s way over half-open back to closed', async () => {
  const { fail, succeed, clock, last } = setUp({ failureThreshold: 1, successThreshold: 2 });
  await fail('gpu', 1);
  await clock.advance(60_000);
  const halfOpen = whyOf(await last());
  await succeed();
  await succeed();
  const closed = whyOf(await last());

  expect(halfOpen).toEqual({
    title: 'Turned half-open',
    why: 'its open time is over, and probes find out whether the provider has recovered',
  });
  expect(closed).toMatchObject({ title: 'Closed', why: 'enough probes in a row have succeeded' });
  expect(closed.requestId).toBeTypeOf('string');
});

it('says that a probe has failed, and that it stays open for longer each time', async () => {
  const { fail, succeed, clock, last } = setUp({ failureThreshold: 1 });
  await fail('gpu', 1, DOWN);
  await clock.advance(60_000);
  await fail('gpu', 1, DOWN);
  const first = whyOf(await last());
  await clock.advance(120_000);
  await succeed();
  await fail('gpu', 1, DOWN);
  const second = whyOf(await last());

  expect(first.why).toBe('a probe failed, status 503, open for 2 min, the 2nd opening in a row');
  expect(second.why).toBe('a probe failed after 1 good probe, status 503, open for 4 min, the 3rd opening in a row');
});

it('says what an operator has made of a breaker', async () => {
  const { router, last } = setUp();
  router.forceOpen('gpu');
  const open = whyOf(await last());
  router.forceClosed('gpu');
  const closed = whyOf(await last());
  router.reset('gpu');
  const reset = whyOf(await last());

  expect(open).toEqual({ title: 'Forced open', why: 'by an operator, until it is forced closed or reset' });
  expect(closed).toEqual({
    title: 'Forced closed',
    why: 'by an operator, and nothing is judged until it is forced open or reset',
  });
  expect(reset).toEqual({ title: 'Reset', why: 'by an operator, and its past is forgotten' });
});

it('says that a breaker was switched off, and given options again', async () => {
  // One that has no options of its own follows the router's.
  const { router, clock } = createRig({ gpu: {} });
  const viewer = watch(new Inspector(router));
  const said = async () => {
    await clock.advance(100);
    return whyOf(viewer.view.marks.at(-1)!);
  };
  router.actor.send({ type: 'breaker.configure', models: ['gpu'], breaker: null, at: clock.now() });
  const off = await said();
  router.enableCircuitBreaker({ failureThreshold: 3 });
  const on = await said();

  expect(off).toEqual({ title: 'Breaker switched off', why: 'nothing is judged any more' });
  expect(on).toEqual({ title: 'Breaker configured', why: 'it has new options and starts afresh' });
});

it('says what an operator has commanded that changed no state', async () => {
  const { inspector, last } = setUp();
  inspector.control('gpu', 'reset');
  const reset = whyOf(await last());
  inspector.control('gpu', 'resume');
  const resume = whyOf(await last());

  expect(reset).toEqual({ title: 'Reset', why: 'by an operator, with no state to change' });
  expect(resume).toEqual({ title: 'Resumed', why: 'by an operator, with no state to change' });
});

it('says that a breaker is as it was before a restart', async () => {
  const before = setUp({ failureThreshold: 1 });
  await before.fail('gpu', 1);
  const { router, last } = setUp({ failureThreshold: 1 });
  router.restore(before.router.snapshot());

  const { title, why } = whyOf(await last());

  expect(title).toBe('Restored as open');
  expect(why).toMatch(/^from what was kept over a restart, open for /);
});

it('says that a breaker would have opened if it did not only observe', async () => {
  const { fail, last } = setUp({ failureThreshold: 2, observe: true });
  await fail('gpu', 2);

  const said = whyOf(await last());

  expect(said).toMatchObject({
    title: 'Would have opened',
    why: 'the 2nd failure in a row, but it only observes',
  });
  expect(said.requestId).toBeTypeOf('string');
});

it('says how long a provider wants to be left alone, and when that is over', async () => {
  const { fail, clock, last } = setUp();
  await fail('gpu', 1, new BackendError('slow down', { status: 429, retryAfterMs: 12_000 }));
  const began = whyOf(await last());
  await clock.advance(12_000);
  const ended = whyOf(await last());

  expect(began).toMatchObject({ title: 'Rate limited', why: 'the provider wants to be left alone for 12 s' });
  expect(began.requestId).toBeTypeOf('string');
  expect(ended).toEqual({ title: 'Rate limit ended', why: 'calls are sent again' });
});

it('says what an operator has made of a model', async () => {
  const { router, ask, backends, last } = setUp();
  router.pause('gpu');
  const paused = whyOf(await last());
  router.resume('gpu');
  const resumed = whyOf(await last());
  ask({ model: 'gpu' });
  router.drain('gpu');
  const draining = whyOf(await last());
  backends.gpu.last.succeed();
  const drained = whyOf(await last());

  expect([paused, resumed, draining, drained].map(({ title }) => title)).toEqual([
    'Paused',
    'Resumed',
    'Draining',
    'Drained',
  ]);
  expect(paused.why).toContain('what waits stays');
  expect(draining.why).toContain('finishes what it has');
});

it('says that a model has come and gone', async () => {
  const { router, clock } = createRig({ gpu: {} });
  const viewer = watch(new Inspector(router));
  router.addModel('late', { backend: new ScriptedBackend() });
  const gone = router.removeModel('late');
  await clock.advance(100);
  await gone;
  await clock.advance(100);

  const said = viewer.view.marks.filter(({ model }) => model === 'late').map((mark) => whyOf(mark).title);

  expect(said).toEqual(expect.arrayContaining(['Added', 'Removed']));
});

it('says in which state the cache is, and why it answers less than it is meant to', () => {
  const mark = {
    n: 1,
    at: 0,
    kind: 'cache',
    model: null,
    from: 'warming',
    to: 'degraded',
    reason: 'no embedder',
  } as const;

  expect(whyOf(mark)).toEqual({
    title: 'Cache degraded',
    why: 'no embedder, and only exact repetitions are answered',
  });
  expect(cacheWords('ready', null)).toBe(
    'exact repetitions are answered, and similar prompts where it has an embedder',
  );
  expect(cacheWords('warming', null)).toContain('being loaded');
  expect(cacheWords('off', null)).toBe('nothing is looked up');
});

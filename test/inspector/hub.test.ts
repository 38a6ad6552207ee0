import { expect, it, vi } from 'vitest';
import { Hub } from '../../src/inspector/hub.ts';
import { Inspector } from '../../src/inspector/inspector.ts';
import { createRig } from '../support/rig.ts';
import { settled } from '../support/virtual-clock.ts';
import { attachmentsOf, watch } from './support.ts';

it('observes nothing while nobody watches, and again nothing when the last viewer has left', async () => {
  const { router, clock } = createRig({ a: {} });
  const attached = attachmentsOf(router);
  const inspector = new Inspector(router);
  const unwatched = { count: attached.count(), timers: clock.pending };
  expect(attached.inspectors).toBe(0);

  const first = watch(inspector);
  const second = watch(inspector);
  await clock.advance(100);
  expect(attached.inspectors).toBe(1);
  first.leave();
  expect(attached.inspectors).toBe(1);
  second.leave();

  expect(inspector.isAttached).toBe(false);
  expect({ count: attached.count(), timers: clock.pending }).toEqual(unwatched);
  expect(attached.inspectors).toBe(0);
});

it('a router that nobody has asked to be inspected has nothing attached', () => {
  const { router, clock } = createRig({ a: {} });
  const attached = attachmentsOf(router);
  const before = { count: attached.count(), timers: clock.pending };

  const inspector = new Inspector(router);
  watch(inspector);
  inspector.close();

  expect({ count: attached.count(), timers: clock.pending }).toEqual(before);
});

it('a thousand viewers that come and go leave nothing', async () => {
  const { router, clock, ask, backends } = createRig({ a: {} });
  const attached = attachmentsOf(router);
  const inspector = new Inspector(router);
  const serve = async (): Promise<void> => {
    ask();
    await settled();
    backends.a.last.succeed();
    await clock.advance(60);
  };
  // The alarms of deadlines and silence stay armed for a while after a request.
  await serve();
  const before = { count: attached.count(), timers: clock.pending };

  for (let cycle = 0; cycle < 1_000; cycle++) {
    const viewer = watch(inspector);
    if (cycle % 100 === 0) {
      await serve();
      expect(viewer.frames[0]).toMatchObject({ full: true });
    }
    viewer.leave();
    viewer.leave();
  }

  expect({ count: attached.count(), timers: clock.pending }).toEqual(before);
});

it('finds the actors that run already, and those that come and go', async () => {
  const { router, clock, backends } = createRig({ a: { maxConcurrency: 2 } });
  const viewer = watch(new Inspector(router));
  await clock.advance(0);
  expect(Object.keys(viewer.view.actors)).toEqual([
    'router',
    'timers',
    'cache',
    'cache#work',
    'model:a',
    'model:a#slot:0',
    'model:a#slot:1',
  ]);
  expect(viewer.view.actors['model:a']).toMatchObject({
    info: { kind: 'model', parent: 'router' },
    state: { breaker: 'closed', queue: 'accepting', control: 'active' },
  });

  router.addModel('b', { backend: backends.a, maxConcurrency: 1 });
  await clock.advance(60);
  expect(Object.keys(viewer.view.actors)).toContain('model:b#slot:0');
  expect(viewer.view.models['b']).toMatchObject({ maxConcurrency: 1 });

  await router.removeModel('a');
  await clock.advance(60);
  expect(Object.keys(viewer.view.actors)).toEqual([
    'router',
    'timers',
    'cache',
    'cache#work',
    'model:b',
    'model:b#slot:0',
  ]);
  expect(Object.keys(viewer.view.models)).toEqual(['b']);
});

it('a model that is removed and added again between two frames is told as another one', async () => {
  const { router, clock, backends } = createRig({ a: { maxConcurrency: 3 }, b: {} });
  const viewer = watch(new Inspector(router));
  await clock.advance(60);

  await router.removeModel('a');
  router.addModel('a', { backend: backends.a, maxConcurrency: 1 });
  await clock.advance(60);

  expect(viewer.frames.at(-1)).toMatchObject({
    stopped: ['model:a', 'model:a#slot:0', 'model:a#slot:1', 'model:a#slot:2'],
    actors: [{ id: 'model:a' }, { id: 'model:a#slot:0' }],
  });
  expect(viewer.view.models['a']!.maxConcurrency).toBe(1);
});

it('makes at most 20 frames a second, however much happens', async () => {
  const { router, clock, ask, backends } = createRig({ a: { maxQueueDepth: 1_000 } });
  const viewer = watch(new Inspector(router));

  for (let step = 0; step < 1_000; step++) {
    ask();
    await settled();
    backends.a.last.succeed();
    await clock.advance(1);
  }

  expect(viewer.frames.length).toBeGreaterThan(15);
  expect(viewer.frames.length).toBeLessThanOrEqual(21);
});

it('makes no frame but one a second when nothing happens', async () => {
  const { router, clock } = createRig({ a: {} });
  const viewer = watch(new Inspector(router));

  await clock.advance(10_000);

  expect(viewer.frames).toHaveLength(11);
});

it('keeps a bounded log and says how many events are not in it', async () => {
  const { router, clock, ask } = createRig({ a: { maxConcurrency: 1, maxQueueDepth: 500 } });
  const viewer = watch(new Inspector(router));
  await clock.advance(60);

  for (let count = 0; count < 200; count++) ask();
  await clock.advance(60);

  const { log, dropped } = viewer.view;
  expect(log).toHaveLength(50);
  expect(log.map(({ n }) => n)).toEqual(Array.from({ length: 50 }, (_, index) => index + 1));
  expect(log[0]).toMatchObject({ from: null, to: 'router', event: 'request' });
  // Each request is an event to the router, to the timers and to the model; the first one starts a call.
  expect(log.length + dropped).toBe(200 * 3 + 1);
});

it('counts each edge that fires', async () => {
  const { router, clock, fail } = createRig({ a: { breaker: { failureThreshold: 3 } } });
  const viewer = watch(new Inspector(router));
  await clock.advance(60);

  await fail('a', 3);
  await clock.advance(60);

  const { counts, fired } = viewer.view.actors['model:a']!;
  const trip = Object.keys(counts).filter((edge) => edge.startsWith('model.breaker.closed call.failed'));
  expect(trip).toHaveLength(1);
  expect(counts[trip[0]!]).toBe(1);
  expect(fired.edges).toContain(trip[0]);
  const released = Object.entries(counts).filter(([edge]) => /^model\.queue\.\w+ call\./.test(edge));
  expect(released.reduce((sum, [, count]) => sum + count, 0)).toBe(3);
});

it('an observer that fails is heard of, and changes nothing for the router', async () => {
  const { router, ask, backends } = createRig({ a: {} });
  const onError = vi.fn();
  const hub = new Hub({
    root: router.actor,
    wallNow: () => {
      throw new Error('no time');
    },
    onChange: () => {},
    onError,
  });

  hub.attach();
  const asked = ask();
  await settled();
  backends.a.last.succeed();
  await settled();

  expect(asked.answer?.content).toBe('ok');
  expect(onError).toHaveBeenCalled();
  hub.detach();
});

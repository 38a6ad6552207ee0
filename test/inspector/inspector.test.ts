import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it, vi } from 'vitest';
import { ConfigurationError } from '../../src/errors.ts';
import { BackendError } from '../../src/index.ts';
import { Inspector } from '../../src/inspector/inspector.ts';
import { createRig } from '../support/rig.ts';
import { settled } from '../support/virtual-clock.ts';
import { watch } from './support.ts';

const SECRETS = { prompt: 'PLANTED-PROMPT', answer: 'PLANTED-ANSWER', key: 'PLANTED-KEY', failure: 'PLANTED-FAILURE' };

/** Everything that an inspector has said of a router that was told secrets on every way. */
async function everythingSaid(includeContent: boolean): Promise<string> {
  const { router, clock, ask, watch: stream, backends } = createRig({ a: { maxConcurrency: 1 }, b: {} });
  const inspector = new Inspector(router, { includeContent });
  const said: string[] = [];
  inspector.watch({ send: (json) => said.push(json) > 0 });
  router.addModel('keyed', { provider: 'openai', apiKey: SECRETS.key, model: 'gpt' } as never);
  router.addRoute('high', { targets: ['a'], fallback: ['b'] });

  ask({ priority: 'high', metadata: { note: SECRETS.prompt }, system: SECRETS.prompt }, SECRETS.prompt);
  await settled();
  backends.a.last.fail(new BackendError(SECRETS.failure, { status: 503 }));
  await settled();
  backends.b.last.succeed({ content: SECRETS.answer });
  const streamed = stream({ model: 'b' });
  await settled();
  backends.b.streams.at(-1)!.push(SECRETS.answer);
  await settled();
  backends.b.streams.at(-1)!.fail(new Error(SECRETS.failure));
  await clock.advance(2_000);

  expect(streamed.isSettled).toBe(true);
  const details = ['req-1', 'req-2'].map((id) => inspector.request(id));
  expect(details).not.toContain(undefined);
  return [...said, JSON.stringify(details)].join('\n');
}

it('tells no prompt, no answer, no key and no text of a provider', async () => {
  const said = await everythingSaid(false);

  expect(said).toContain('"requestId":"req-1"');
  for (const secret of Object.values(SECRETS)) expect(said.includes(secret), secret).toBe(false);
});

it('tells prompts and answers when it is asked to, and still no key and no text of a provider', async () => {
  const said = await everythingSaid(true);

  expect(said).toContain(SECRETS.prompt);
  expect(said).toContain(SECRETS.answer);
  for (const secret of [SECRETS.key, SECRETS.failure]) expect(said.includes(secret), secret).toBe(false);
});

it('keeps why a breaker has opened while nobody watched', async () => {
  const { router, clock, fail } = createRig({ a: { breaker: { failureThreshold: 3 } } });
  const inspector = new Inspector(router);
  await fail('a', 3, new BackendError('busy', { status: 503 }));

  await clock.advance(5_000);
  const viewer = watch(inspector);
  await clock.advance(0);

  expect(viewer.view.marks).toEqual([
    expect.objectContaining({
      n: 1,
      kind: 'breaker',
      model: 'a',
      from: 'closed',
      to: 'open',
      cause: 'failures',
      requestId: 'req-3',
      status: 503,
      at: clock.wallNow() - 5_000,
    }),
  ]);
  expect(viewer.view.models['a']!.breaker).toMatchObject({
    state: 'open',
    until: clock.wallNow() + 55_000,
    openForMs: 60_000,
  });
});

it('keeps the last thousand settled requests, those that nobody watched too', async () => {
  const { router, clock, ask, backends } = createRig({ a: {} });
  const inspector = new Inspector(router);
  for (let count = 0; count < 1_005; count++) {
    ask({ tenant: 'acme' });
    await settled();
    backends.a.last.succeed();
    await settled();
  }

  const viewer = watch(inspector);
  await clock.advance(0);

  expect(viewer.view.requests).toHaveLength(1_000);
  expect(viewer.view.requests[0]).toMatchObject({
    n: 6,
    id: 'req-6',
    served: true,
    model: 'a',
    tenant: 'acme',
    attempts: 1,
  });
  expect(inspector.request('req-6')?.row).toEqual(viewer.view.requests[0]);
  expect(inspector.request('req-5')).toBeUndefined();
});

it('keeps the request that has opened a breaker for longer than the last thousand', async () => {
  const { router, ask, backends, fail } = createRig({ a: { breaker: { failureThreshold: 3 } }, b: {} });
  const inspector = new Inspector(router);
  await fail('a', 3);
  for (let count = 0; count < 1_001; count++) {
    ask({ model: 'b' });
    await settled();
    backends.b.last.succeed();
    await settled();
  }

  expect(inspector.request('req-3')).toMatchObject({ row: { n: 3, id: 'req-3', code: 'provider_failed' } });
  expect(inspector.request('req-2')).toBeUndefined();
});

it('tells how a request went, with all its candidates and times of the wall', async () => {
  const { router, clock, ask, backends } = createRig({ a: {}, b: {}, c: {} });
  router.addRoute('high', { targets: ['a'], fallback: ['b', 'c'] });
  const inspector = new Inspector(router);
  await clock.advance(1_000);
  ask({ priority: 'high', timeoutMs: 9_000 });
  await clock.advance(200);
  backends.a.last.fail();
  await clock.advance(100);
  backends.b.last.succeed();
  await settled();

  const acceptedAt = clock.wallNow() - 300;
  expect(inspector.request('req-1')).toMatchObject({
    row: { id: 'req-1', priority: 'high', rule: 'priority:high', served: true, model: 'b', ms: 300, attempts: 2 },
    acceptedAt,
    deadline: acceptedAt + 9_000,
    candidates: ['a', 'b', 'c'],
    trace: {
      candidates: [
        { model: 'a', verdict: 'failed', attempts: [{ startedAt: acceptedAt, ms: 200 }] },
        { model: 'b', verdict: 'served', attempts: [{ startedAt: acceptedAt + 200, ms: 100 }] },
      ],
    },
  });
});

it('counts what the last minute has brought, and forgets it after a minute', async () => {
  const { router, clock, ask, backends } = createRig({ a: {}, b: {} });
  router.addRoute('high', { targets: ['a'], fallback: ['b'] });
  const viewer = watch(new Inspector(router));
  ask({ priority: 'high' });
  await clock.advance(40);
  backends.a.last.fail();
  await clock.advance(60);
  backends.b.last.succeed();
  await clock.advance(1_500);

  expect(viewer.view.traffic).toEqual({
    first: [{ priority: 'high', rule: 'priority:high', model: 'a', count: 1 }],
    fallback: [{ from: 'a', to: 'b', count: 1 }],
    settled: { critical: 0, high: 1, normal: 0, low: 0 },
  });
  expect(viewer.view.router!.minute).toMatchObject({ served: 1, failed: 0, cancelled: 0 });
  expect(viewer.view.models['a']!.minute).toMatchObject({ successes: 0, failures: 1 });
  expect(viewer.view.models['b']!.minute).toMatchObject({ successes: 1, latencyMs: { p50: 60, p95: 60 } });
  expect(viewer.view.samples['a']!.at(-1)).toMatchObject({ failures: { count: 1, requestId: 'req-1' } });

  await clock.advance(61_000);
  expect(viewer.view.samples['a']!.at(-1)).not.toHaveProperty('failures');
  expect(viewer.view.traffic!.first).toEqual([]);
  expect(viewer.view.models['b']!.minute).toMatchObject({ successes: 0, latencyMs: { p50: null } });
});

it('tells a viewer that was behind everything that it has missed, and nothing in between', async () => {
  const { router, clock, ask, backends, fail } = createRig({ a: {}, b: { breaker: { failureThreshold: 2 } } });
  const inspector = new Inspector(router);
  const slow = watch(inspector);
  const quick = watch(inspector);
  ask({ model: 'a' });
  await settled();
  backends.a.last.succeed();
  slow.patience = 1;
  await clock.advance(60);
  expect(slow.frames).toHaveLength(1);

  for (let second = 0; second < 10; second++) {
    ask({ model: 'a' });
    await settled();
    backends.a.last.succeed();
    await clock.advance(1_000);
  }
  await fail('b', 2);
  await clock.advance(100);
  expect(slow.frames).toHaveLength(1);

  slow.patience = Number.POSITIVE_INFINITY;
  slow.caughtUp();
  slow.caughtUp();
  await clock.advance(60);

  expect(slow.frames[1]).toMatchObject({ full: true });
  expect(slow.frames[1]!.requests).toHaveLength(12);
  // The log alone is not told again, and an edge that fired while nobody told of it does not flash later.
  for (const part of ['models', 'router', 'traffic', 'marks', 'samples', 'requests'] as const) {
    expect(slow.view[part], part).toEqual(quick.view[part]);
  }
  for (const [id, { state, counts }] of Object.entries(quick.view.actors)) {
    expect(slow.view.actors[id], id).toMatchObject({ state, counts });
  }
  expect(slow.view.requests).toHaveLength(13);
});

it('a viewer that throws is nobody’s fault but its own', async () => {
  const error = vi.fn();
  const logger = { debug: () => {}, info: () => {}, warn: () => {}, error };
  const { router, clock, ask, backends } = createRig({ a: {} }, { logger });
  const inspector = new Inspector(router);
  inspector.watch({
    send: () => {
      throw new Error('gone');
    },
  });
  const other = watch(inspector);

  const asked = ask();
  await clock.advance(100);
  backends.a.last.succeed();
  await clock.advance(100);

  expect(asked.answer?.content).toBe('ok');
  expect(other.view.requests).toHaveLength(1);
  expect(error).toHaveBeenCalled();
});

it('does to a model what an operator asks, and says so', async () => {
  const { router, clock } = createRig({ a: {} });
  const inspector = new Inspector(router);
  const viewer = watch(inspector);

  for (const command of ['force_open', 'force_closed', 'reset', 'pause', 'resume', 'drain'] as const) {
    inspector.control('a', command);
    await clock.advance(60);
  }

  expect(viewer.view.marks.map((mark) => [mark.kind, 'to' in mark && mark.to])).toEqual([
    ['breaker', 'forced_open'],
    ['breaker', 'forced_closed'],
    ['breaker', 'closed'],
    ['control', 'paused'],
    ['control', 'active'],
    ['control', 'draining'],
    ['control', 'drained'],
  ]);
  expect(() => inspector.control('b', 'pause')).toThrow(ConfigurationError);
});

it('goes on after its router has stopped, and can be closed then', async () => {
  const { router, clock } = createRig({ a: {} });
  const inspector = new Inspector(router);
  const viewer = watch(inspector);
  await clock.advance(60);

  await router.stop({ graceMs: 0 });
  await clock.advance(2_000);

  expect(viewer.view.actors['router']!.state).toBe('stopped');
  inspector.close();
  expect(clock.pending).toBe(0);
});

it('keeps no more of a long text than it shows', async () => {
  const { router, ask, backends } = createRig({ a: {} });
  const inspector = new Inspector(router, { includeContent: true });
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  const heap = (): number => {
    gc();
    return process.memoryUsage().heapUsed;
  };
  const before = heap();
  for (let count = 0; count < 100; count++) {
    ask({}, `${count}${'x'.repeat(1_000_000)}`);
    await settled();
    backends.a.last.succeed();
    await settled();
    backends.a.calls.length = 0;
  }

  expect(inspector.request('req-100')!.content!.prompt).toHaveLength(10_002);
  // 100 MB were asked.
  expect(heap() - before).toBeLessThan(20_000_000);
});

it('a failed call is told when it fails, not when its request settles', async () => {
  const { router, clock, ask, backends } = createRig({ a: {}, b: {} });
  router.addRoute('high', { targets: ['a'], fallback: ['b'] });
  const viewer = watch(new Inspector(router));
  ask({ priority: 'high' });
  await clock.advance(10);
  backends.a.last.fail();
  await clock.advance(3_000);

  expect(viewer.view.models['a']!.minute).toMatchObject({ failures: 1 });
  backends.b.last.succeed();
  await clock.advance(1_500);
  expect(viewer.view.models['a']!.minute).toMatchObject({ failures: 1 });
});

it('tells of the cache from the first frame on, and of its change with the change', async () => {
  const { router, clock } = createRig({ a: {} });
  const viewer = watch(new Inspector(router));
  await clock.advance(60);
  expect(viewer.view.router!.cache).toBeNull();

  router.enableCache({ embedder: false });
  await clock.advance(60);
  expect(viewer.view.router!.cache).toEqual({ state: 'ready', reason: null, entries: 0 });

  const later = watch(new Inspector(router));
  await clock.advance(0);
  expect(later.view.router!.cache).toMatchObject({ state: 'ready' });
});

it('what happened in a second that nobody saw end is told of no later one', async () => {
  const { router, clock, fail } = createRig({ a: {} });
  const inspector = new Inspector(router);
  const first = watch(inspector);
  await clock.advance(1_500);
  await fail('a', 2);
  first.leave();

  await clock.advance(3_600_000);
  const second = watch(inspector);
  await clock.advance(1_100);

  expect(second.view.samples['a']!.at(-1)).not.toHaveProperty('failures');
});

it('a storm of 429s does not push out why a breaker has opened', async () => {
  const { router, clock, ask, backends, fail } = createRig({ a: { breaker: { failureThreshold: 2 } }, b: {} });
  const inspector = new Inspector(router);
  await fail('a', 2);
  for (let count = 0; count < 600; count++) {
    ask({ model: 'b' });
    await settled();
    backends.b.last.fail(new BackendError('busy', { status: 429, retryAfterMs: 1_000 }));
    await clock.advance(1_000);
  }

  const viewer = watch(inspector);
  await clock.advance(0);

  const { marks } = viewer.view;
  expect(marks[0]).toMatchObject({ kind: 'breaker', model: 'a', to: 'open' });
  expect(marks.filter(({ kind }) => kind === 'limit_began').length).toBeLessThanOrEqual(300);
  expect(marks.map(({ n }) => n)).toEqual(marks.map(({ n }) => n).toSorted((one, other) => one - other));
});

it('a limit that is only lengthened is no news', async () => {
  const { router, clock, ask, backends } = createRig({ a: { maxConcurrency: 3 } });
  const viewer = watch(new Inspector(router));
  for (let count = 0; count < 3; count++) ask();
  await clock.advance(10);
  for (const call of backends.a.calls) call.fail(new BackendError('busy', { status: 429, retryAfterMs: 5_000 }));
  await clock.advance(100);

  expect(viewer.view.marks.map(({ kind }) => kind)).toEqual(['limit_began']);
});

it('a command that changes nothing is told all the same', async () => {
  const { router, clock } = createRig({ a: {} });
  const inspector = new Inspector(router);
  const viewer = watch(inspector);

  inspector.control('a', 'reset');
  await clock.advance(60);

  const kinds = viewer.view.marks.map((mark) => (mark.kind === 'command' ? mark.command : mark.kind));
  expect(kinds).toEqual(['reset']);
});

it('counts for a viewer that was behind the events that it was not told', async () => {
  const { router, clock, ask } = createRig({ a: { maxQueueDepth: 500 } });
  const inspector = new Inspector(router);
  const slow = watch(inspector);
  const quick = watch(inspector);
  slow.patience = 1;
  await clock.advance(60);
  for (let round = 0; round < 5; round++) {
    ask();
    await clock.advance(60);
  }

  slow.patience = Number.POSITIVE_INFINITY;
  slow.caughtUp();
  await clock.advance(60);
  ask();
  await clock.advance(60);

  expect(slow.view.log.length + slow.view.dropped).toBe(quick.view.log.length + quick.view.dropped);
  expect(slow.view.dropped).toBeGreaterThan(0);
});

it('says of a system that was stopped from outside that it is stopped', async () => {
  const { router, clock } = createRig({ a: {} });
  const viewer = watch(new Inspector(router));
  await clock.advance(1_500);
  const samples = viewer.view.samples['a']!.length;

  router.actor.stop();
  await clock.advance(5_000);

  expect(viewer.view.actors['router']!.state).toBe('stopped');
  expect(viewer.view.samples['a']).toHaveLength(samples);
});

it('names no model for an answer from the cache, and all that were called for a fallback', async () => {
  const { router, clock, ask, backends } = createRig({ a: {}, b: {} });
  router.addRoute('high', { targets: ['a'], fallback: ['b'] });
  router.enableCache({ embedder: false });
  const viewer = watch(new Inspector(router));
  ask({ priority: 'high' });
  await clock.advance(10);
  backends.a.last.fail();
  await clock.advance(10);
  backends.b.last.succeed();
  for (let count = 0; count < 2; count++) {
    ask({ temperature: 0 });
    await clock.advance(10);
    backends.a.last.succeed();
    await clock.advance(100);
  }

  const [fallback, stored, hit] = viewer.view.requests;
  expect(fallback).toMatchObject({ model: 'b', called: ['a', 'b'] });
  expect(stored).toMatchObject({ model: 'a', cache: 'missed' });
  expect(hit).toMatchObject({ cache: 'exact', attempts: 0 });
  expect(hit).not.toHaveProperty('model');
});

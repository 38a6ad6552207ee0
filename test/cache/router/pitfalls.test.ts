import { AsyncLocalStorage } from 'node:async_hooks';
import { expect, it } from 'vitest';
import { createRequest } from '../../../machines/request.ts';
import type { CacheOptions } from '../../../src/cache/options.ts';
import type { ModelOptions } from '../../../src/model-options.ts';
import type { RouterOptions } from '../../../src/router-options.ts';
import { createRig } from '../../support/rig.ts';
import { ScriptedBackend } from '../../support/scripted-backend.ts';
import { settled } from '../../support/virtual-clock.ts';

const COLD = { temperature: 0 } as const;
const same = (embed: (text: string) => unknown = () => [1, 0, 0, 0]) => ({
  id: 'same',
  dimensions: 4,
  maxTokens: 10_000,
  embed: async (text: string) => Float32Array.from((await embed(text)) as number[]),
});

interface Given {
  readonly options?: CacheOptions;
  readonly router?: RouterOptions;
  readonly models?: Readonly<Record<'a' | 'b', Omit<ModelOptions, 'backend'>>>;
}

async function rigWith({ options = {}, router = {}, models = { a: {}, b: {} } }: Given = {}) {
  const rig = createRig(models, router);
  rig.router.enableCache({ guard: 'off', embedder: same(), ...options });
  await rig.router.cacheReady();
  const store = async (prompt: string, content = `about ${prompt}`) => {
    rig.ask(COLD, prompt);
    await settled();
    rig.backends.a.last.succeed({ content });
    await settled();
  };
  return { ...rig, store, cache: () => rig.router.getStats().cache! };
}

it('a request that a listener calls off while another is answered leaves nobody waiting behind it', async () => {
  const slow = createRig({ a: {} });
  slow.router.enableCache({
    guard: 'off',
    embedder: same(async (text) => {
      if (text === 'y') await new Promise<void>((resolve) => slow.clock.setTimeout(resolve, 100));
      return text === 'y' ? [0, 1, 0, 0] : [1, 0, 0, 0];
    }),
  });
  await slow.router.cacheReady();
  const x = slow.ask(COLD, 'x');
  await settled();
  slow.backends.a.last.succeed();
  await settled();
  expect(x.isSettled).toBe(true);
  const [first, second] = [slow.ask(COLD, 'y'), slow.ask(COLD, 'y')];
  await settled();
  slow.router.once('request.settled', () => first!.abort());
  slow.ask(COLD, 'x2');
  await settled();
  expect(first!.isSettled).toBe(true);
  await slow.clock.advance(100);
  await settled();
  slow.backends.a.last.succeed({ content: 'y!' });
  await settled();
  expect(second!.answer!.content).toBe('y!');
});

it('another model behind the embedder is another index, not a failed request', async () => {
  const rig = createRig({ a: { breaker: false } });
  const embedding = (length: number) =>
    Object.assign(new ScriptedBackend(), {
      embed: async (texts: readonly string[]) =>
        texts.map(() => Float32Array.from({ length }, (_, at) => (at ? 0 : 1))),
    });
  const { router, clock, ask, backends } = rig;
  router.addModel('e', { backend: embedding(4), serves: 'embeddings', breaker: false });
  router.enableCache({
    embedder: { provider: 'router', model: 'e', maxTokens: 500 },
    guard: 'off',
    retryEmbedderMs: 1_000,
  });
  await router.cacheReady();
  await router.removeModel('e');
  router.addModel('e', { backend: embedding(8), serves: 'embeddings', breaker: false });
  await settled();
  for (const prompt of ['one', 'two']) {
    ask(COLD, prompt);
    await settled();
    backends.a.last.succeed({ content: prompt });
    await settled();
  }
  for (let count = 0; count < 5 && router.getStats().cache!.state === 'ready'; count++) {
    ask(COLD, `fails ${count}`);
    await settled();
    backends.a.last.succeed();
    await settled();
  }
  await clock.advance(1_000);
  await settled();
  expect(router.getStats().cache).toMatchObject({ state: 'ready' });
  ask(COLD, 'three');
  await settled();
  backends.a.last.succeed({ content: 'three' });
  await settled();
  const four = ask(COLD, 'four');
  await settled();
  expect(four.answer).toMatchObject({ content: 'three', cacheKind: 'semantic' });
});

it('a judge that hangs is a miss', async () => {
  const { store, ask, backends, clock } = await rigWith({ options: { verify: () => new Promise<boolean>(() => {}) } });
  await store('x');
  const asked = ask(COLD, 'y');
  await settled();
  await clock.advance(10_000);
  await settled();
  backends.a.last.succeed();
  await settled();
  expect(asked.answer!.trace.cache).toMatchObject({ status: 'miss', reason: 'unverified' });
});

it('what one caller changes of an answer no other sees', async () => {
  const { ask, backends } = await rigWith({ options: { embedder: false } });
  const [one, other] = [ask(COLD, 'x'), ask(COLD, 'x')];
  await settled();
  const toolCalls = [{ id: '1', name: 'pay', arguments: '{"to":"bob"}' }];
  const usage = { promptTokens: 1, completionTokens: 1, totalTokens: 2 };
  backends.a.last.succeed({ toolCalls, usage });
  await settled();
  for (const { answer } of [one!, other!]) {
    Object.assign(answer!.toolCalls[0]!, { arguments: '{"to":"mallory"}' });
    Object.assign(answer!.usage!, { totalTokens: 999 });
    const hit = ask(COLD, 'x');
    await settled();
    expect(hit.answer).toMatchObject({ cached: true, usage: { totalTokens: 2 } });
    expect(hit.answer!.toolCalls[0]!.arguments).toBe('{"to":"bob"}');
  }
  expect(one!.answer!.toolCalls[0]).not.toBe(other!.answer!.toolCalls[0]);
});

it('who wants an answer from the cache only neither joins a call nor causes one', async () => {
  const { ask, backends } = await rigWith({ options: { embedder: false } });
  ask({ ...COLD, priority: 'low' }, 'hi');
  await settled();
  const only = ask({ ...COLD, cache: 'only', priority: 'critical' }, 'hi');
  await settled();
  expect(only.code).toBe('cache_miss');
  ask(COLD, 'hi');
  await settled();
  expect(backends.a.calls).toHaveLength(1);
  backends.a.last.fail();
  await settled();
  expect(backends.a.calls).toHaveLength(1);
});

it.each([
  ['purged', (rig: Awaited<ReturnType<typeof rigWith>>) => void rig.router.purgeCache()],
  ['expired', (rig: Awaited<ReturnType<typeof rigWith>>) => rig.clock.advance(8_000)],
])('an answer that is %s while it is judged is not served', async (_, happens) => {
  let answer!: (word: boolean) => void;
  const verify = () => new Promise<boolean>((resolve) => (answer = resolve));
  const rig = await rigWith({ options: { verify, ttlHours: 0.002 } });
  await rig.store('x', 'OLD');
  const asked = rig.ask({ ...COLD, timeoutMs: 10_000_000 }, 'y');
  await settled();
  if (happens.length) await happens(rig);
  answer(true);
  await settled();
  rig.backends.a.last.succeed({ content: 'NEW' });
  await settled();
  expect(asked.answer).toMatchObject({ content: 'NEW', cached: false });
});

it('a failure is of the one that the call was made for, whoever has joined it or is left', async () => {
  const { ask, backends } = await rigWith({ options: { embedder: false }, models: { a: { breaker: false }, b: {} } });
  const low = ask({ ...COLD, priority: 'low', model: 'a' }, 'hi');
  await settled();
  const critical = ask({ ...COLD, priority: 'critical', model: 'a' }, 'hi');
  await settled();
  backends.a.last.fail();
  await settled();
  expect(low.code).toBe('provider_failed');
  expect(critical.isSettled).toBe(false);
  backends.a.last.succeed({ content: 'own' });
  await settled();
  expect(critical.answer).toMatchObject({ content: 'own', attempts: 1 });

  const [maker, left] = [ask({ ...COLD, model: 'a' }, 'ho'), ask({ ...COLD, model: 'a' }, 'ho')];
  await settled();
  maker!.abort();
  await settled();
  backends.a.last.fail();
  await settled();
  expect(left!.isSettled).toBe(false);
  backends.a.last.succeed();
  await settled();
  expect(left!.answer).toMatchObject({ attempts: 1 });
});

it('a request that may wait longer than a call for all does so', async () => {
  const { ask, router, clock, backends } = await rigWith({
    options: { embedder: false },
    router: { timeoutMs: 1_000 },
  });
  router.addRoute('normal', { targets: ['a'], whenUnavailable: 'wait' });
  router.forceOpen('a');
  const patient = ask({ ...COLD, timeoutMs: 600_000 }, 'hi');
  await settled();
  await clock.advance(5_000);
  expect(patient.isSettled).toBe(false);
  router.forceClosed('a');
  await settled();
  backends.a.last.succeed();
  await settled();
  expect(patient.answer).toMatchObject({ content: 'ok' });
});

it('the trace of who leaves during a shared call says what it waited for', async () => {
  const { ask, heard } = await rigWith({ options: { embedder: false } });
  const over = heard('request.settled');
  const [maker, other] = [ask(COLD, 'hi'), ask(COLD, 'hi')];
  await settled();
  maker!.abort();
  other!.abort();
  await settled();
  expect(over.map(({ trace }) => trace.cache)).toMatchObject([
    { status: 'miss', reason: 'no_embedder', call: 'req-2' },
    { status: 'shared', call: 'req-2' },
  ]);
});

it('the vector of a prompt is stored whoever of those that shared it is left', async () => {
  const { ask, backends, cache } = await rigWith();
  const first = ask(COLD, 'hi');
  await settled();
  ask({ ...COLD, priority: 'high' }, 'hi');
  await settled();
  first.abort();
  backends.a.last.succeed();
  await settled();
  expect(cache()).toMatchObject({ entries: 1, withVector: 1 });
});

it('a call that has failed and waits again does not take a higher class aboard', async () => {
  const { ask, backends, router } = await rigWith({
    options: { embedder: false },
    models: { a: {}, b: { maxConcurrency: 1 } },
  });
  router.addRoute('low', { name: 'r', targets: ['a', 'b'] });
  ask({ model: 'b' }, 'busy');
  const low = ask({ ...COLD, model: 'r', priority: 'low' }, 'hi');
  await settled();
  backends.a.last.fail();
  await settled();
  const critical = ask({ ...COLD, model: 'r', priority: 'critical' }, 'hi');
  await settled();
  expect(backends.a.calls).toHaveLength(2);
  backends.a.last.succeed({ content: 'early' });
  await settled();
  expect(critical.answer!.content).toBe('early');
  expect(low.isSettled).toBe(false);
});

it('a stop waits neither for a judge nor for an embedder that is being loaded', async () => {
  const judging = createRig({ a: {}, cheap: {} });
  judging.router.addRoute('normal', { targets: ['a'] });
  judging.router.enableCache({ guard: 'off', embedder: same(), verify: { model: 'cheap' } });
  await judging.router.cacheReady();
  judging.ask(COLD, 'x');
  await settled();
  judging.backends.a.last.succeed();
  await settled();
  const asked = judging.ask(COLD, 'y');
  await settled();
  const stopped = judging.router.stop();
  await settled();
  judging.backends.cheap.last.fail();
  await stopped;
  expect(asked.code).toBe('router_stopped');
  expect(judging.backends.cheap.last.context.signal.aborted).toBe(true);

  const loading = createRig({ a: {} });
  const backend = Object.assign(new ScriptedBackend(), { embed: () => new Promise<Float32Array[]>(() => {}) });
  loading.router.addModel('e', { backend, serves: 'embeddings', abortGraceMs: 0 });
  loading.router.enableCache({ embedder: { provider: 'router', model: 'e', maxTokens: 500 } });
  await settled();
  const ready = loading.router.cacheReady();
  const end = loading.router.stop({ graceMs: 60_000 });
  await loading.clock.advance(1);
  await end;
  await ready;
});

it('an embedder that takes its probe for too long is one all the same', async () => {
  const { router } = createRig({ a: {} });
  router.enableCache({ embedder: { ...same(), maxTokens: 10 } });
  await router.cacheReady();
  expect(router.getStats().cache).toMatchObject({ state: 'ready', reason: null });
});

it('what an embedder throws is quoted nowhere', async () => {
  const lines: unknown[] = [];
  const log = (data: object, message: string) => void lines.push([data, message]);
  const rig = createRig({ a: {} }, { logger: { debug: log, info: log, warn: log, error: log } });
  const changes = rig.heard('cache.changed');
  rig.router.enableCache({
    embedder: same((text) => {
      throw new Error(`cannot embed ${text}`);
    }),
  });
  await rig.router.cacheReady();
  expect(rig.router.getStats().cache!.reason).toBe("embedder 'same' failed (Error)");
  expect(JSON.stringify([lines, changes, rig.router.getStats()])).not.toContain('cannot embed');
});

it('a request made before there was a cache, and sent after, is told that there is no answer', async () => {
  const { router, clock, heard } = createRig({ a: {} });
  const over = heard('request.settled');
  const { request } = createRequest(router, { prompt: 'hi', ...COLD, cache: 'only' });
  router.enableCache({ embedder: false });
  router.actor.send({ ...request, at: clock.now() });
  await settled();
  expect(over).toMatchObject([{ code: 'cache_miss' }]);
});

it('embedding and judging run in the context of who asks', async () => {
  const local = new AsyncLocalStorage<string>();
  const seen: (string | undefined)[] = [];
  const { store, router, ask } = await rigWith({
    options: {
      embedder: same(() => {
        seen.push(local.getStore());
        return [1, 0, 0, 0];
      }),
      verify: () => {
        seen.push(local.getStore());
        return true;
      },
    },
  });
  await store('x');
  seen.length = 0;
  router.once('request.settled', () => void local.run('B', () => ask(COLD, 'y')));
  await local.run('A', () => router.generate('x', COLD));
  await settled();
  expect(seen).toEqual(['B', 'B']);
});

it('an answer of a fallback is not stored although its rule is gone meanwhile', async () => {
  const { ask, router, backends, cache } = await rigWith({ options: { embedder: false } });
  router.addRoute('normal', { name: 'r', targets: ['a'], fallback: ['b'] });
  router.forceOpen('a');
  ask(COLD, 'hi');
  await settled();
  router.removeRoute('r');
  backends.b.last.succeed();
  await settled();
  expect(cache().stored).toBe(0);
});

it('a shared call has the age of the request that it was made for', async () => {
  const { ask, backends, clock } = await rigWith({
    options: {
      embedder: same(async (text) => {
        if (text === 'old') await new Promise<void>((resolve) => sleep(resolve));
        return [1, 0, 0, 0];
      }),
      similarityThreshold: 1,
    },
    models: { a: { maxConcurrency: 1 }, b: {} },
  });
  const sleep = (resolve: () => void) => clock.setTimeout(resolve, 600);
  ask({ model: 'a' }, 'busy');
  ask({ ...COLD, model: 'a' }, 'old');
  await clock.advance(500);
  ask({ model: 'a' }, 'young');
  await clock.advance(200);
  await settled();
  backends.a.last.succeed();
  await settled();
  expect(backends.a.last.request.prompt).toBe('old');
});

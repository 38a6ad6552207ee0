import { describe, expect, it } from 'vitest';
import type { CacheOptions } from '../../../src/cache/options.ts';
import { createRig } from '../../support/rig.ts';
import { settled } from '../../support/virtual-clock.ts';

const COLD = { temperature: 0 };
const MODELS = { a: {}, b: {} };

function cachedRig(options: CacheOptions = {}) {
  const rig = createRig(MODELS);
  rig.router.enableCache({ embedder: false, ...options });
  /** Asks, lets the model answer, and gives what came of it. */
  const answered = async (prompt: string, request = {}, response = {}) => {
    const asked = rig.ask({ ...COLD, ...request }, prompt);
    await settled();
    if (!asked.isSettled)
      rig.backends.a.calls.findLast(({ request: call }) => call.prompt === prompt)!.succeed(response);
    await settled();
    return asked;
  };
  const cache = () => rig.router.getStats().cache!;
  return { ...rig, answered, cache, calls: () => rig.backends.a.calls.length + rig.backends.b.calls.length };
}

describe('the exact tier', () => {
  it('answers the same request without a call', async () => {
    const { answered, calls, router, cache } = cachedRig();
    const usage = { promptTokens: 1, completionTokens: 2, totalTokens: 3 };
    const first = await answered('What is Python?', {}, { content: 'A language.', finishReason: 'stop', usage });
    expect(first.answer).toMatchObject({ content: 'A language.', cached: false, modelUsed: 'a', attempts: 1 });
    expect(first.answer!.trace.cache).toMatchObject({ status: 'miss', reason: 'no_embedder' });
    expect(first.answer!.trace.candidates).toMatchObject([{ model: 'a', verdict: 'served' }]);

    const second = await answered('What is Python?');
    expect(second.answer).toMatchObject({
      content: 'A language.',
      cached: true,
      cacheKind: 'exact',
      cost: 0,
      modelUsed: 'a',
      attempts: 0,
      finishReason: 'stop',
      usage,
    });
    expect(second.answer!.requestId).not.toBe(first.answer!.requestId);
    expect(second.answer!.trace).toMatchObject({ cache: { status: 'hit', kind: 'exact' }, candidates: [] });
    expect(calls()).toBe(1);
    expect(router.getStats()).toMatchObject({
      totalRequests: 2,
      successes: 2,
      cacheHits: 1,
      requestsByModel: { a: 1 },
      requestsByPriority: { normal: 2 },
    });
    expect(router.getModelStatus()['a']!.successes).toBe(1);
    expect(cache()).toMatchObject({
      state: 'ready',
      hits: { exact: 1, semantic: 0 },
      misses: 1,
      stored: 1,
      entries: 1,
    });
  });

  it.each([
    ['no temperature is given', { temperature: undefined }, 'temperature_unset'],
    ['the temperature is high', { temperature: 0.5 }, 'temperature_high'],
    ['the request bypasses it', { cache: 'bypass' }, 'bypassed'],
  ] as const)('neither asks nor stores when %s', async (_, request, reason) => {
    const { answered, calls, cache } = cachedRig();
    await answered('x', request);
    const again = await answered('x', request);
    expect(calls()).toBe(2);
    expect(again.answer!.trace.cache).toMatchObject({ status: 'not_cached', reason });
    expect(cache().entries).toBe(0);
  });

  it('serves although every model is open, paused or draining, and after they are gone', async () => {
    const { answered, router, backends } = cachedRig();
    await answered('x', {}, { content: 'kept' });
    router.forceOpen('a');
    router.pause('b');
    expect((await answered('x')).answer).toMatchObject({ content: 'kept', cached: true });
    router.drain('b');
    await router.removeModel('a');
    expect((await answered('x')).answer).toMatchObject({
      content: 'kept',
      cached: true,
      modelUsed: 'a',
      provider: 'custom',
    });
    expect(backends.b.calls).toHaveLength(0);
  });

  it('keeps tenants, cache scopes, systems and parameters apart', async () => {
    const { answered, calls } = cachedRig();
    const requests = [
      {},
      { tenant: 'x' },
      { tenant: 'y' },
      { cacheScope: 'x' },
      { system: 'Be brief.' },
      { maxTokens: 5 },
      { model: 'a' },
      { temperature: 0.1 },
      { seed: 1 },
      { responseFormat: 'json' },
    ] as const;
    for (const request of requests) await answered('hi', request);
    expect(calls()).toBe(requests.length);
    for (const request of requests) expect((await answered('hi', request)).answer!.cached).toBe(true);
    expect(calls()).toBe(requests.length);
  });

  it('shares one cache over models and rules when told so, and still not over tenants', async () => {
    const { answered, calls } = cachedRig({ scopeByRoute: false });
    await answered('hi');
    expect((await answered('hi', { model: 'a' })).answer!.cached).toBe(true);
    expect((await answered('hi', { tenant: 'x' })).answer!.cached).toBe(false);
    expect(calls()).toBe(2);
  });

  it('forgets an answer after its time', async () => {
    const { answered, clock, cache } = cachedRig({ ttlHours: 1 });
    await answered('hi');
    await clock.advance(3_599_000);
    expect((await answered('hi')).answer!.cached).toBe(true);
    await clock.advance(1_000);
    expect((await answered('hi')).answer!.cached).toBe(false);
    expect(cache()).toMatchObject({ entries: 1, expirations: 1 });
  });

  it('drops what nobody asks for again once its time is over', async () => {
    const { answered, clock, cache } = cachedRig({ ttlHours: 1 });
    await answered('hi');
    await clock.advance(3_660_000);
    expect(cache()).toMatchObject({ entries: 0, expirations: 1 });
  });

  it.each([
    ['cut at its limit', { finishReason: 'length' }],
    ['filtered', { finishReason: 'content_filter' }],
    ['empty', { content: '' }],
  ])('does not store an answer that is %s', async (_, response) => {
    const { answered, cache } = cachedRig();
    await answered('hi', {}, response);
    expect(cache()).toMatchObject({ stored: 0, entries: 0 });
  });

  it('stores answers of fallbacks only when told so', async () => {
    for (const cacheFallbacks of [false, true]) {
      const { ask, router, backends, cache } = cachedRig({ cacheFallbacks });
      router.addRoute('normal', { targets: ['b'], fallback: ['a'] });
      ask(COLD, 'hi');
      await settled();
      backends.b.last.fail();
      await settled();
      backends.a.last.succeed();
      await settled();
      expect(cache().stored).toBe(cacheFallbacks ? 1 : 0);
    }
  });

  it('stores nothing of a failure', async () => {
    const { ask, backends, cache } = cachedRig();
    const asked = ask({ ...COLD, model: 'a' }, 'hi');
    await settled();
    backends.a.last.fail();
    await settled();
    expect(asked.code).toBe('provider_failed');
    expect(cache().stored).toBe(0);
  });

  it('asks anew on refresh, and replaces what is stored', async () => {
    const { answered, calls } = cachedRig();
    await answered('hi', {}, { content: 'old' });
    const refreshed = await answered('hi', { cache: 'refresh' }, { content: 'new' });
    expect(refreshed.answer).toMatchObject({ content: 'new', cached: false });
    expect(refreshed.answer!.trace.cache).toMatchObject({ status: 'miss', reason: 'refreshed' });
    expect((await answered('hi')).answer).toMatchObject({ content: 'new', cached: true });
    expect(calls()).toBe(2);
  });

  it('fails with cache_miss when an answer is wanted from the cache only', async () => {
    const { answered, ask, calls } = cachedRig();
    const missed = ask({ ...COLD, cache: 'only' }, 'hi');
    await settled();
    expect(missed).toMatchObject({ code: 'cache_miss', error: { status: 404, trace: { cache: { status: 'miss' } } } });
    await answered('hi');
    expect((await answered('hi', { cache: 'only' })).answer!.cached).toBe(true);
    expect(calls()).toBe(1);
  });

  it('purges by tenant, scope, prompt and age', async () => {
    const { answered, router, clock, cache } = cachedRig();
    await answered('a', { tenant: 't' });
    await answered('b', { cacheScope: 's' });
    await answered('c');
    await clock.advance(10_000);
    await answered('d');
    expect(router.purgeCache({ tenant: 't' })).toBe(1);
    expect(router.purgeCache({ cacheScope: 's' })).toBe(1);
    expect(router.purgeCache({ prompt: 'zzz' })).toBe(0);
    expect(router.purgeCache({ olderThanMs: 5_000 })).toBe(1);
    expect(router.purgeCache({ prompt: 'd' })).toBe(1);
    expect(cache().entries).toBe(0);
    expect(() => router.purgeCache({ prompts: 'x' } as never)).toThrow(/prompts: no such option; did you mean prompt/);
  });

  it('keeps at most so many, and drops the one used longest ago', async () => {
    const { answered, cache } = cachedRig({ maxEntries: 2 });
    await answered('a');
    await answered('b');
    await answered('a');
    await answered('c');
    expect((await answered('a')).answer!.cached).toBe(true);
    expect((await answered('b')).answer!.cached).toBe(false);
    expect(cache()).toMatchObject({ entries: 2, evictions: 2 });
  });
});

describe('without a cache', () => {
  it('nothing is asked of it, and its part of the figures is null', async () => {
    const { ask, backends, router } = createRig(MODELS);
    const asked = ask({ ...COLD, cache: 'use' });
    backends.a.last.succeed();
    await settled();
    expect(asked.answer).toMatchObject({ cached: false });
    expect(asked.answer!.trace).not.toHaveProperty('cache');
    expect(router.getStats()).toMatchObject({ cacheHits: 0, cache: null });
    expect(router.purgeCache()).toBe(0);
  });

  it('who wants an answer from it only gets none, and no model is called', async () => {
    const { ask, backends } = createRig(MODELS);
    const asked = ask({ cache: 'only' });
    await settled();
    expect(asked.code).toBe('cache_miss');
    expect(backends.a.calls).toHaveLength(0);
  });

  it('is enabled once', () => {
    const { router } = createRig(MODELS);
    router.enableCache({ embedder: false });
    expect(() => router.enableCache()).toThrow(/enableCache\(\): given a second time/);
  });

  it.each([
    [{ similarityThreshold: 1.5 }, /similarityThreshold: given 1.5; accepted: a number above 0, at most 1/],
    [{ ttlHours: 0 }, /ttlHours: given 0; accepted: a number above 0/],
    [{ guard: 'lax' }, /guard: given "lax"; accepted: off, core, standard, strict/],
    [{ ttl: 5 }, /ttl: no such option/],
    [
      { embedder: { provider: 'router', model: 'nope', maxTokens: 5 } },
      /given 'nope'; accepted: a model that was added/,
    ],
    [{ embedder: 5 }, /embedder: given 5; accepted: false, an embedder/],
  ])('refuses %o', (options, message) => {
    const { router } = createRig(MODELS);
    expect(() => router.enableCache(options as never)).toThrow(message);
    expect(router.getStats().cache).toBeNull();
  });
});

import { describe, expect, it } from 'vitest';
import { EmbedderGoneError, TextTooLongError } from '../../../src/cache/embedder.ts';
import type { CacheOptions } from '../../../src/cache/options.ts';
import { createRig } from '../../support/rig.ts';
import { settled } from '../../support/virtual-clock.ts';

const PROBE = 'Does this embedder work?';
const COLD = { temperature: 0 } as const;

/** Texts that begin with the same letter are alike, the more so the more words they share a place with. */
class ScriptedEmbedder {
  readonly id = 'scripted';
  readonly dimensions = 8;
  readonly maxTokens = 1_000;
  readonly asked: string[] = [];
  /** By text, in place of what is made of its letters. */
  readonly vectors = new Map<string, number[]>();
  failure: unknown = null;
  isHanging = false;

  async embed(text: string, signal: AbortSignal): Promise<Float32Array> {
    this.asked.push(text);
    if (this.isHanging) await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    if (this.failure !== null) throw this.failure;
    return Float32Array.from(this.vectors.get(text) ?? [1, 0, 0, 0, 0, 0, 0, 0]);
  }
}

async function semanticRig(options: CacheOptions = {}) {
  const rig = createRig({ a: { breaker: false } });
  const embedder = new ScriptedEmbedder();
  rig.router.enableCache({ embedder, guard: 'off', ...options });
  await rig.router.cacheReady();
  const answered = async (prompt: string, request = {}, content = `about ${prompt}`) => {
    const asked = rig.ask({ ...COLD, ...request }, prompt);
    await settled();
    if (!asked.isSettled)
      rig.backends.a.calls.findLast(({ request: call }) => call.prompt === prompt)!.succeed({ content });
    await settled();
    return asked.answer!;
  };
  return { ...rig, embedder, answered, cache: () => rig.router.getStats().cache!, calls: rig.backends.a.calls };
}

describe('the semantic tier', () => {
  it('answers a prompt that is like a stored one', async () => {
    const { answered, embedder, cache, calls } = await semanticRig();
    embedder.vectors.set('Tell me about Python', [0.96, 0.28, 0, 0, 0, 0, 0, 0]);
    const first = await answered('What is Python?');
    expect(first.trace.cache).toMatchObject({ status: 'miss', reason: 'nothing_stored' });
    const second = await answered('Tell me about Python');
    expect(second).toMatchObject({ content: 'about What is Python?', cached: true, cacheKind: 'semantic', cost: 0 });
    expect(second.similarity).toBeCloseTo(0.96, 5);
    expect(second.trace.cache).toMatchObject({ status: 'hit', kind: 'semantic' });
    expect(calls).toHaveLength(1);
    expect(cache()).toMatchObject({ state: 'ready', hits: { exact: 0, semantic: 1 }, misses: 1, withVector: 1 });
  });

  it('does not answer one that is less like it than the threshold', async () => {
    const { answered, embedder } = await semanticRig({ similarityThreshold: 0.97 });
    embedder.vectors.set('b', [0.96, 0.28, 0, 0, 0, 0, 0, 0]);
    await answered('a');
    const other = await answered('b');
    expect(other).toMatchObject({ content: 'about b', cached: false });
    expect(other.trace.cache).toMatchObject({ status: 'miss', reason: 'below_threshold' });
    expect((other.trace.cache as { similarity: number }).similarity).toBeCloseTo(0.96, 5);
  });

  it('asks the guard, and tells its reason without a word of the prompts', async () => {
    const { answered } = await semanticRig({ guard: 'core' });
    await answered('Convert 5 miles to km');
    const other = await answered('Convert 6 miles to km');
    expect(other.cached).toBe(false);
    expect(other.trace.cache).toMatchObject({ status: 'miss', reason: 'vetoed', similarity: 1, veto: 'numbers' });
  });

  it('looks behind a nearer prompt that the guard has something against', async () => {
    const { answered, embedder } = await semanticRig({ guard: 'core' });
    embedder.vectors.set('Convert 5 miles into km', [0.96, 0.28, 0, 0, 0, 0, 0, 0]);
    await answered('Convert 5 miles into km');
    await answered('Convert 6 miles to km');
    expect(await answered('Convert 5 miles to km')).toMatchObject({
      content: 'about Convert 5 miles into km',
      cached: true,
    });
  });

  it.each([
    ['tenants', { tenant: 'x' }, { tenant: 'y' }],
    ['systems', { system: 'x' }, { system: 'y' }],
    ['cache scopes', { cacheScope: 'x' }, {}],
    ['models', { model: 'a' }, {}],
    ['parameters', { maxTokens: 5 }, { maxTokens: 6 }],
    ['temperatures', { temperature: 0.1 }, { temperature: 0.2 }],
  ])('never crosses %s', async (_, one, other) => {
    const { answered } = await semanticRig();
    await answered('a', one);
    expect((await answered('b', other)).cached).toBe(false);
    expect((await answered('c', one)).cached).toBe(true);
  });

  it.each([
    ['tools', { tools: [{ name: 't' }] }],
    ['several answers', { providerOptions: { n: 2 } }],
  ])('is not asked with %s', async (_, request) => {
    const { answered, embedder } = await semanticRig();
    await answered('a', request);
    const other = await answered('b', request);
    expect(other.trace.cache).toMatchObject({ status: 'miss', reason: 'exact_only' });
    expect((await answered('a', request)).cached).toBe(true);
    expect(embedder.asked).toEqual([PROBE]);
  });

  it('takes no part for a prompt that is too long for it', async () => {
    const { answered, embedder, cache } = await semanticRig();
    embedder.failure = new TextTooLongError(256, 300);
    for (let count = 0; count < 10; count++) await answered(`p${count}`);
    expect((await answered('q')).trace.cache).toMatchObject({ status: 'miss', reason: 'too_long' });
    expect(cache()).toMatchObject({ state: 'ready', entries: 11, withVector: 0 });
  });

  it('is a miss when embedding fails, and degraded when it does so five times in a row', async () => {
    const { answered, embedder, cache, heard } = await semanticRig();
    const changes = heard('cache.changed');
    embedder.failure = new Error('no memory');
    for (let count = 0; count < 4; count++) {
      expect((await answered(`p${count}`)).trace.cache).toMatchObject({ status: 'miss', reason: 'embedding_failed' });
    }
    embedder.failure = null;
    await answered('well');
    embedder.failure = new Error('no memory');
    for (let count = 0; count < 5; count++) await answered(`q${count}`);
    expect(cache()).toMatchObject({ state: 'degraded', reason: "embedder 'scripted' failed (Error)" });
    expect((await answered('r')).trace.cache).toMatchObject({ status: 'miss', reason: 'no_embedder' });
    expect((await answered('r')).cached).toBe(true);
    expect(changes).toMatchObject([{ from: 'ready', to: 'degraded', reason: "embedder 'scripted' failed (Error)" }]);
  });

  it('is tried again after a while', async () => {
    const { answered, embedder, cache, clock, heard } = await semanticRig({ retryEmbedderMs: 5_000 });
    const changes = heard('cache.changed');
    embedder.failure = new EmbedderGoneError('the worker died');
    await answered('a');
    expect(cache()).toMatchObject({ state: 'degraded', reason: 'the worker died' });
    embedder.failure = null;
    await clock.advance(5_000);
    await settled();
    expect(cache()).toMatchObject({ state: 'ready', reason: null });
    expect(changes.map(({ to }) => to)).toEqual(['degraded', 'warming', 'ready']);
    await answered('b');
    expect((await answered('c')).cached).toBe(true);
  });

  it('is a miss when embedding takes too long', async () => {
    const { ask, embedder, backends, clock, cache } = await semanticRig({ embedTimeoutMs: 300 });
    embedder.isHanging = true;
    const asked = ask(COLD, 'slow');
    await settled();
    expect(backends.a.calls).toHaveLength(0);
    await clock.advance(300);
    backends.a.last.succeed();
    await settled();
    expect(asked.answer!.trace.cache).toMatchObject({ status: 'miss', reason: 'embedding_timed_out' });
    expect(asked.answer!.latencyMs).toBe(300);
    expect(cache()).toMatchObject({ entries: 1, withVector: 0, state: 'ready' });
  });

  it('counts against the deadline, and is called off with the request', async () => {
    const { ask, embedder, backends, clock } = await semanticRig();
    embedder.isHanging = true;
    const hasty = ask({ ...COLD, timeoutMs: 100 }, 'slow');
    const leaving = ask(COLD, 'slower');
    await settled();
    leaving.abort(new Error('bye'));
    await settled();
    expect(leaving.error).toMatchObject({ message: 'bye' });
    await clock.advance(100);
    expect(hasty.code).toBe('deadline_exceeded');
    await clock.advance(5_000);
    expect(backends.a.calls).toHaveLength(0);
  });

  it('embeds once for identical requests that come together', async () => {
    const { ask, embedder, calls } = await semanticRig();
    const asked = Array.from({ length: 8 }, () => ask(COLD, 'same'));
    await settled();
    expect(embedder.asked).toEqual([PROBE, 'same']);
    expect(calls).toHaveLength(1);
    calls[0]!.succeed({ content: 'x' });
    await settled();
    expect(asked.map(({ answer }) => answer?.content)).toEqual(Array(8).fill('x'));
    const again = ask(COLD, 'same');
    await settled();
    expect(again.answer).toMatchObject({ cacheKind: 'exact' });
    expect(embedder.asked).toEqual([PROBE, 'same']);
  });

  it('finds what a refresh has stored', async () => {
    const { answered } = await semanticRig();
    await answered('a', { cache: 'refresh' });
    expect(await answered('b')).toMatchObject({ content: 'about a', cacheKind: 'semantic' });
  });

  it('finds nothing that was purged, evicted or has expired', async () => {
    const { answered, router, clock, cache } = await semanticRig({ maxEntries: 1, ttlHours: 1 });
    await answered('a');
    router.purgeCache({ prompt: 'a' });
    expect((await answered('b')).cached).toBe(false);
    await clock.advance(3_600_000);
    expect((await answered('c')).cached).toBe(false);
    expect(cache()).toMatchObject({ entries: 1, withVector: 1 });
  });

  it('stops with requests that are being looked up', async () => {
    const { ask, embedder, router } = await semanticRig();
    embedder.isHanging = true;
    const asked = ask(COLD, 'slow');
    await settled();
    await router.stop();
    await settled();
    expect(asked.code).toBe('router_stopped');
  });
});

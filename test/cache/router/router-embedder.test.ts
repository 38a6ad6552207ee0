import { describe, expect, it } from 'vitest';
import type { Logger } from '../../../src/router-options.ts';
import { createRig } from '../../support/rig.ts';
import { ScriptedBackend } from '../../support/scripted-backend.ts';
import { settled } from '../../support/virtual-clock.ts';

const COLD = { temperature: 0 } as const;
const EMBEDDER = { provider: 'router', model: 'embedder', maxTokens: 500 } as const;

class EmbeddingBackend extends ScriptedBackend {
  readonly texts: string[] = [];
  failure: unknown = null;

  async embed(texts: readonly string[]): Promise<Float32Array[]> {
    this.texts.push(...texts);
    if (this.failure !== null) throw this.failure;
    return texts.map((text) => Float32Array.of(1, 0, 0, text.length / 1_000));
  }
}

function rigWithEmbedder(options: { logger?: Logger; breaker?: object } = {}) {
  const { breaker, ...rest } = options;
  const rig = createRig({ a: {} }, rest);
  const backend = new EmbeddingBackend();
  rig.router.addModel('embedder', { backend, serves: 'embeddings', breaker: breaker ?? {} });
  const answered = async (prompt: string) => {
    const asked = rig.ask(COLD, prompt);
    await settled();
    if (!asked.isSettled) rig.backends.a.last.succeed({ content: `about ${prompt}` });
    await settled();
    return asked.answer!;
  };
  return { ...rig, backend, answered, cache: () => rig.router.getStats().cache! };
}

describe('an embedder that is one of the router’s models', () => {
  it('embeds through its queue and its breaker, and counts in its figures only', async () => {
    const { router, backend, answered, cache, heard } = rigWithEmbedder();
    const over = heard('request.settled');
    router.enableCache({ embedder: EMBEDDER, guard: 'off' });
    await router.cacheReady();
    expect(cache()).toMatchObject({ state: 'ready', embedderId: 'custom:embedder' });
    await answered('one');
    expect(await answered('two')).toMatchObject({ cached: true, cacheKind: 'semantic' });
    expect(backend.texts.slice(-2)).toEqual(['one', 'two']);
    expect(router.getModelStatus()['embedder']).toMatchObject({ successes: backend.texts.length, queueDepth: 0 });
    expect(router.getStats()).toMatchObject({ totalRequests: 2, requestsByModel: { a: 1 } });
    expect(over).toHaveLength(2);
  });

  it('is no candidate of any other request', async () => {
    const { router, ask, backends } = rigWithEmbedder();
    expect(router.explain('x').candidates.map(({ model }) => model)).toEqual(['a']);
    expect(ask({ model: 'embedder' })).toMatchObject({});
    await settled();
    expect(() => router.explain('x', { model: 'embedder' })).toThrow(/embedder/);
    expect(() => router.addRoute('high', { targets: ['embedder'] })).toThrow(/embedder/);
    expect(backends.a.calls).toHaveLength(0);
  });

  it('is degraded while its breaker is open, says so once, and is well again by itself', async () => {
    const lines: string[] = [];
    const log = (level: string) => (_: object, message: string) => void lines.push(`${level}: ${message}`);
    const logger = { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') };
    const { router, backend, cache, clock, answered } = rigWithEmbedder({ logger, breaker: { failureThreshold: 2 } });
    backend.failure = new Error('down');
    router.enableCache({ embedder: EMBEDDER, retryEmbedderMs: 1_000, guard: 'off' });
    await router.cacheReady();
    expect(cache()).toMatchObject({ state: 'degraded' });
    for (let count = 0; count < 4; count++) {
      await clock.advance(1_000);
      await settled();
    }
    expect(backend.texts).toHaveLength(2);
    expect(router.getModelStatus()['embedder']!.circuitBreaker.state).toBe('open');
    expect(cache().reason).toMatch(/embedder \(circuit_open\)/);
    expect(await answered('x')).toMatchObject({ cached: false });
    expect(await answered('x')).toMatchObject({ cached: true, cacheKind: 'exact' });
    backend.failure = null;
    for (let count = 0; count < 62; count++) {
      await clock.advance(1_000);
      await settled();
    }
    expect(cache()).toMatchObject({ state: 'ready', reason: null });
    expect(lines.filter((line) => /cache/.test(line))).toEqual([
      'warn: the cache has no embedder: only the same request word for word is answered from it',
      'info: the cache has its embedder',
    ]);
  });

  it('is degraded when its backend cannot embed', async () => {
    const rig = createRig({ a: {} });
    rig.router.addModel('embedder', { backend: new ScriptedBackend(), serves: 'embeddings' });
    rig.router.enableCache({ embedder: EMBEDDER });
    await rig.router.cacheReady();
    expect(rig.router.getStats().cache).toMatchObject({ state: 'degraded' });
    expect(rig.breaker('embedder' as never)).toBe('closed');
  });
});

import { afterAll, describe, expect, it } from 'vitest';
import { LLMRouter } from '../../../src/llm-router.ts';
import { MODELS, NO_MODELS } from '../embedders/models.ts';

describe.skipIf(NO_MODELS !== null)(`with real weights${NO_MODELS === null ? '' : ` (skipped: ${NO_MODELS})`}`, () => {
  const routers: LLMRouter[] = [];
  afterAll(() => Promise.all(routers.map((router) => router.stop())));

  async function realRouter(options = {}) {
    const router = new LLMRouter();
    routers.push(router);
    let calls = 0;
    router.addModel('m', { backend: { generate: async ({ prompt }) => ({ content: `${++calls}: ${prompt}` }) } });
    router.enableCache({ embedder: { modelPath: MODELS }, ...options });
    await router.cacheReady();
    return { router, ask: (prompt: string) => router.generate(prompt, { temperature: 0 }) };
  }

  it('answers a paraphrase, and no near-copy that asks for something else', async () => {
    const { router, ask } = await realRouter();
    expect(router.getStats().cache).toMatchObject({ state: 'ready', embedderId: 'all-MiniLM-L6-v2:q8' });
    await ask('How do I reverse a list in Python?');
    await ask('Book me trains from London to Paris');
    const paraphrase = await ask('How can I reverse a list in Python?');
    expect(paraphrase).toMatchObject({ cached: true, cacheKind: 'semantic' });
    expect(paraphrase.similarity).toBeGreaterThan(0.92);
    const swapped = await ask('Book me trains from Paris to London');
    expect(swapped.cached).toBe(false);
    expect(swapped.trace.cache).toMatchObject({ status: 'miss', reason: 'vetoed' });
    expect((swapped.trace.cache as { similarity: number }).similarity).toBeGreaterThan(0.97);
    expect((await ask('What is the boiling point of water?')).trace.cache).toMatchObject({ reason: 'below_threshold' });
  });

  it('does not find the pair of the original at the default threshold, but at 0.85', async () => {
    for (const [similarityThreshold, cached] of [
      [0.92, false],
      [0.85, true],
    ] as const) {
      const { ask } = await realRouter({ similarityThreshold, guard: 'off' });
      await ask('What is Python?');
      const other = await ask('Tell me about the Python programming language');
      expect(other.cached).toBe(cached);
      const { similarity } = other.trace.cache as { similarity: number };
      expect(similarity).toBeCloseTo(0.85, 2);
    }
  });

  it('takes no part beyond the limit of the model, where the tail would not count', async () => {
    const { ask } = await realRouter({ guard: 'off' });
    const long = 'The committee met again on Tuesday to go through the remaining items of the list. '.repeat(20);
    await ask(`${long} The answer is yes.`);
    const other = await ask(`${long} The answer is no.`);
    expect(other.cached).toBe(false);
    expect(other.trace.cache).toMatchObject({ status: 'miss', reason: 'too_long' });
  });
});

it('a folder without the model leaves the exact tier, and says what is missing', async () => {
  const router = new LLMRouter().addModel('m', { provider: 'simulated', latencyMs: 0 });
  router.enableCache({ embedder: { modelPath: 'test/cache/no-such-folder' } });
  await router.cacheReady();
  const { state, reason } = router.getStats().cache!;
  expect(state).toBe('degraded');
  expect(reason).toMatch(/all-MiniLM-L6-v2/);
  const ask = () => router.generate('hi', { temperature: 0 });
  await ask();
  expect(await ask()).toMatchObject({ cached: true, cacheKind: 'exact' });
  await router.stop();
});

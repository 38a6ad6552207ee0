import { expect, it } from 'vitest';
import { PRIORITY_CLASSES } from '../../../src/queue/priority.ts';
import { nextRandom } from '../../../src/random.ts';
import { createRig } from '../../support/rig.ts';
import { settled } from '../../support/virtual-clock.ts';

/** Prompts of one topic have the same vector, so that one's answer may serve the other. */
const PROMPTS = ['a1', 'a2', 'b1', 'b2', 'c1', 'c2', 'd1', 'd2'];
const TOPICS = 'abcd';

async function walk(seed: number, steps: number) {
  let state = seed;
  const random = (): number => {
    const { value, seed: next } = nextRandom(state);
    state = next;
    return value;
  };
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!;
  const rig = createRig({ a: { breaker: false, maxConcurrency: 2, maxQueueDepth: 8 }, b: { breaker: false } });
  rig.router.addRoute('low', { targets: ['b'], fallback: ['a'] });
  const waiting: (() => void)[] = [];
  rig.router.enableCache({
    guard: 'off',
    maxEntries: 12,
    embedTimeoutMs: 300,
    embedder: {
      id: 'topics',
      dimensions: 4,
      maxTokens: 1_000,
      async embed(text) {
        if (!PROMPTS.includes(text)) return Float32Array.of(1, 0, 0, 0);
        if (random() < 0.1) throw new Error('down');
        if (random() < 0.3) await new Promise<void>((resolve) => waiting.push(resolve));
        return Float32Array.from({ length: 4 }, (_, at) => (TOPICS[at] === text[0] ? 1 : 0));
      },
    },
    verify: async () => random() < 0.8,
  });
  await rig.router.cacheReady();
  const over = rig.heard('request.settled');
  const asked: { readonly prompt: string; readonly tenant: string; readonly of: ReturnType<typeof rig.ask> }[] = [];
  const answered = new Set<object>();
  const answerOne = (): void => {
    const open = [...rig.backends.a.calls, ...rig.backends.b.calls].filter((call) => !answered.has(call));
    if (open.length === 0) return;
    const call = pick(open);
    answered.add(call);
    const [system] = call.request.messages;
    if (random() < 0.2) call.fail();
    else call.succeed({ content: `${String(system!.content)}:${call.request.prompt}` });
  };
  for (let step = 0; step < steps; step++) {
    const dice = random();
    if (dice < 0.45) {
      const prompt = pick(PROMPTS);
      const tenant = pick(['t', 'u']);
      const of = rig.ask(
        {
          temperature: 0,
          tenant,
          system: tenant,
          priority: pick(PRIORITY_CLASSES),
          cache: pick(['use', 'use', 'use', 'use', 'refresh', 'only', 'bypass']),
          timeoutMs: pick([200, 2_000, 60_000]),
        },
        prompt,
      );
      asked.push({ prompt, tenant, of });
    } else if (dice < 0.7) answerOne();
    else if (dice < 0.8) waiting.shift()?.();
    else if (dice < 0.88 && asked.length > 0) pick(asked).of.abort();
    else if (dice < 0.9) rig.router.purgeCache(random() < 0.5 ? {} : { tenant: 't' });
    else if (dice < 0.92) rig.router.once('request.settled', () => pick(asked)?.of.abort());
    else await rig.clock.advance(random() * 400);
    if (random() < 0.5) await settled();
  }
  for (let round = 0; round < 400; round++) {
    answerOne();
    waiting.shift()?.();
    await settled();
  }
  await rig.clock.advance(200_000);
  await settled();
  return { rig, asked, over };
}

it.each([
  1, 2, 3, 4, 5,
])('whatever happens, each is settled once and has an answer of its own (seed %i)', async (seed) => {
  const { rig, asked, over } = await walk(seed, 1_500);
  expect(asked.length).toBeGreaterThan(400);
  expect(asked.filter(({ of }) => !of.isSettled)).toEqual([]);
  expect(over).toHaveLength(asked.length);
  expect(new Set(over.map(({ requestId }) => requestId)).size).toBe(asked.length);
  let hits = 0;
  for (const { prompt, tenant, of } of asked) {
    if (of.answer === undefined) continue;
    const { content, cacheKind, trace } = of.answer;
    const [from, about] = content.split(':') as [string, string];
    expect(from).toBe(tenant);
    if (cacheKind === undefined) expect(about).toBe(prompt);
    else {
      hits++;
      expect(about[0]).toBe(prompt[0]);
    }
    expect(trace.cache!.status).not.toMatch(/^asked/);
  }
  const { cacheHits, cache, successes, requestsByModel } = rig.router.getStats();
  expect(hits).toBeGreaterThan(5);
  expect(cacheHits).toBe(hits);
  expect(cache!.hits.exact + cache!.hits.semantic).toBe(hits);
  const called = Object.values(requestsByModel).reduce((sum, count) => sum + count, 0);
  expect(successes).toBe(hits + cache!.shared + called);
  expect(cache!.entries).toBeLessThanOrEqual(12);
  expect(rig.router.getModelStatus()).toMatchObject({ a: { queueDepth: 0 }, b: { queueDepth: 0 } });
  await rig.router.stop();
  expect(rig.clock.pending).toBe(0);
});

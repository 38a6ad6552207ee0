import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { CacheOptions } from '../../../src/cache/options.ts';
import { LLMRouter } from '../../../src/llm-router.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'llm-router-restart-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const vectors: Readonly<Record<string, number[]>> = { 'What is Ruby?': [0, 1] };
let embedded: string[] = [];
const embedder = {
  id: 'letters',
  dimensions: 2,
  maxTokens: 1_000,
  async embed(text: string) {
    embedded.push(text);
    return Float32Array.from(vectors[text] ?? [1, 0]);
  },
};

async function start(options: CacheOptions = {}) {
  const warnings: string[] = [];
  const silent = () => {};
  const logger = {
    debug: silent,
    info: silent,
    error: silent,
    warn: (_: object, text: string) => void warnings.push(text),
  };
  const router = new LLMRouter({ logger });
  router.addModel('m', { backend: { generate: async ({ prompt }) => ({ content: `about ${prompt}` }) } });
  router.enableCache({ embedder, guard: 'off', path: join(folder, 'cache.sqlite'), flushIntervalMs: 10, ...options });
  await router.cacheReady();
  embedded = [];
  return { router, warnings, ask: (prompt: string, more = {}) => router.generate(prompt, { temperature: 0, ...more }) };
}

it('a restart serves what was stored, exact and semantic, without embedding it again', async () => {
  const before = await start({ verify: () => true });
  await before.ask('What is Python?', { tenant: 't', cacheScope: 's' });
  await before.ask('Tell me about Python', { tenant: 't', cacheScope: 's' });
  await before.ask('What is Ruby?');
  await before.router.stop();
  expect(statSync(join(folder, 'cache.sqlite')).mode & 0o777).toBe(0o600);

  const { router, ask, warnings } = await start();
  expect(router.getStats().cache).toMatchObject({ entries: 2, withVector: 2, aliases: 1, warning: null });
  const mine = { tenant: 't', cacheScope: 's' };
  expect(await ask('What is Python?', mine)).toMatchObject({ cacheKind: 'exact', content: 'about What is Python?' });
  expect(await ask('Tell me about Python', mine)).toMatchObject({
    cacheKind: 'exact',
    content: 'about What is Python?',
  });
  expect(embedded).toEqual([]);
  expect(await ask('And Python?', mine)).toMatchObject({ cacheKind: 'semantic', content: 'about What is Python?' });
  expect((await ask('What is Python?')).cached).toBe(false);
  expect(router.purgeCache({ tenant: 't' })).toBe(1);
  await router.stop();
  expect(warnings).toEqual([]);

  const again = await start();
  expect((await again.ask('What is Python?', mine)).cached).toBe(false);
  expect((await again.ask('What is Ruby?')).cached).toBe(true);
  await again.router.stop();
});

it('another embedder finds the exact entries only', async () => {
  const before = await start();
  await before.ask('What is Python?');
  await before.router.stop();
  const { router, ask } = await start({ embedder: { ...embedder, id: 'other', dimensions: 2 } });
  expect(router.getStats().cache).toMatchObject({ entries: 1, withVector: 0 });
  expect((await ask('What is Python?')).cacheKind).toBe('exact');
  expect((await ask('And Python?')).cached).toBe(false);
  await router.stop();
});

it('a damaged file is set aside, and the router starts and says so', async () => {
  writeFileSync(join(folder, 'cache.sqlite'), 'this is no database, whatever its name says'.repeat(200));
  const { router, ask, warnings } = await start();
  expect((await ask('What is Python?')).cached).toBe(false);
  expect((await ask('What is Python?')).cached).toBe(true);
  expect(router.getStats().cache!.warning).toMatch(/damaged|another application/);
  expect(warnings).toHaveLength(1);
  await router.stop();
});

it('a file that another router uses is left alone, and the router serves without it', async () => {
  const first = await start();
  await first.ask('What is Python?');
  const second = await start();
  expect(second.router.getStats().cache).toMatchObject({ entries: 0, warning: expect.stringMatching(/in use/) });
  expect((await second.ask('What is Python?')).cached).toBe(false);
  expect((await second.ask('What is Python?')).cached).toBe(true);
  await second.router.stop();
  await first.router.stop();
  const third = await start();
  expect(third.router.getStats().cache).toMatchObject({ entries: 1, warning: null });
  await third.router.stop();
});

it('what is purged before the file is read is not served from it', async () => {
  const before = await start();
  await before.ask('What is Python?', { tenant: 't' });
  await before.ask('What is Python?', { tenant: 'u' });
  await before.router.stop();
  const router = new LLMRouter().addModel('m', { backend: { generate: async () => ({ content: 'new' }) } });
  router.enableCache({ embedder, path: join(folder, 'cache.sqlite') });
  router.purgeCache({ tenant: 't' });
  await router.cacheReady();
  const ask = (tenant: string) => router.generate('What is Python?', { temperature: 0, tenant });
  expect((await ask('t')).cached).toBe(false);
  expect((await ask('u')).cached).toBe(true);
  await router.stop();
});

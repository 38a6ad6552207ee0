import { expect, it } from 'vitest';
import { LLMRouter } from '../../src/llm-router.ts';
import { createServer } from '../../src/server/server.ts';
import { post, runServer } from '../support/running-server.ts';

let calls = 0;
const backend = { generate: async () => ({ content: `answer ${++calls}` }) };

function cachingRouter(): LLMRouter {
  const router = new LLMRouter();
  router.addModel('local', { backend });
  router.enableCache({ embedder: false });
  return router;
}

const ASKED = { prompt: 'What is Python?', temperature: 0 };

it('answers from the cache and says so', async () => {
  await using server = await runServer(cachingRouter());
  const first = await post(server.url, ASKED);
  const second = await post(server.url, ASKED);
  expect(first.json).toMatchObject({ cached: false, cache_kind: null, similarity: null, cost: null });
  expect(second.json).toMatchObject({
    content: (first.json as { content: string }).content,
    cached: true,
    cache_kind: 'exact',
    similarity: null,
    cost: 0,
    attempts: 0,
    model_used: 'local',
  });
});

it('does as the request says: bypass, refresh, only, and scopes', async () => {
  await using server = await runServer(cachingRouter());
  const cached = async (extra: object) => (await post(server.url, { ...ASKED, ...extra })).json as { cached: boolean };
  expect(await cached({})).toMatchObject({ cached: false });
  expect(await cached({ cache: 'bypass' })).toMatchObject({ cached: false });
  expect(await cached({ cache: 'refresh' })).toMatchObject({ cached: false });
  expect(await cached({ cache_scope: 'me' })).toMatchObject({ cached: false });
  expect(await cached({ cache_scope: 'me' })).toMatchObject({ cached: true });
  expect(await cached({ cache: 'only' })).toMatchObject({ cached: true });
  const missed = await post(server.url, { ...ASKED, prompt: 'Never asked', cache: 'only' });
  expect(missed).toMatchObject({ status: 404, json: { error: { code: 'cache_miss' } } });
  const wrong = await post(server.url, { ...ASKED, cache: 'always' });
  expect(wrong.json).toMatchObject({
    error: { message: 'body.cache: given "always"; accepted: use, bypass, refresh, only' },
  });
});

it('streams a stored answer', async () => {
  await using server = await runServer(cachingRouter());
  await post(server.url, ASKED);
  const response = await fetch(`${server.url}/generate`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...ASKED, stream: true }),
  });
  expect(response.headers.get('x-llm-router-model')).toBe('local');
  const text = await response.text();
  expect(text).toMatch(/^event: text\ndata: \{"text":"answer \d+"\}\n\nevent: done\n/);
  expect(text).toContain('"cached":true');
});

it('tells of the cache in /stats, and forgets what is purged, for the admin only', async () => {
  const router = cachingRouter();
  const app = createServer(router, { adminKey: 'secret' });
  const ask = (payload: object) => app.inject({ method: 'POST', url: '/generate', payload });
  await ask(ASKED);
  await ask(ASKED);
  const authorization = 'Bearer secret';
  const stats = (await app.inject({ url: '/stats', headers: { authorization } })).json();
  expect(stats).toMatchObject({ cacheHits: 1, cache: { state: 'ready', hits: { exact: 1 }, entries: 1, index: null } });
  const purge = (payload: object, headers = {}) =>
    app.inject({ method: 'POST', url: '/cache/purge', payload, headers });
  expect((await purge({})).statusCode).toBe(401);
  expect((await purge({ prompts: 'x' }, { authorization })).json()).toMatchObject({
    error: { message: expect.stringContaining('body.prompts: no such option; did you mean prompt?') },
  });
  expect((await purge({ prompt: 'other' }, { authorization })).json()).toEqual({ purged: 0 });
  expect((await purge({ prompt: ASKED.prompt }, { authorization })).json()).toEqual({ purged: 1 });
  expect((await ask(ASKED)).json()).toMatchObject({ cached: false });
  await app.close();
  await router.stop();
});

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { LLMRouter } from '../../src/llm-router.ts';
import {
  carryOut,
  lookAround,
  ollamaUrlOf,
  type Plan,
  planFor,
  type Surroundings,
} from '../../src/server/autodetect.ts';

const NOTHING: Surroundings = {
  ollamaUrl: 'http://127.0.0.1:11434',
  ollamaModels: null,
  openAIKey: undefined,
  openAIBaseUrl: undefined,
};

const candidates = async (plan: Plan): Promise<string[]> => {
  await using router = new LLMRouter();
  carryOut(plan, router);
  const [rule] = router.actor.getSnapshot().context.rules;
  return [...rule!.targets, '|', ...rule!.fallback];
};

/** An Ollama that answers `/api/tags`, or holds its answer back. */
async function ollama(tags: unknown, isSilent = false) {
  const server = createServer((request, response) => {
    if (isSilent) return;
    response.statusCode = request.url === '/api/tags' ? 200 : 404;
    response.end(typeof tags === 'string' ? tags : JSON.stringify(tags));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    host,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describe('the models of a server without configuration', () => {
  it('are simulated ones when nothing is there, and the notice says so and how to have real ones', () => {
    const plan = planFor(NOTHING);
    expect(Object.keys(plan.models)).toEqual(['sim-fast', 'sim-good', 'sim-flaky']);
    expect(plan).toMatchObject({
      isSimulated: true,
      models: {
        'sim-fast': { provider: 'simulated', latencyMs: { min: 40, max: 120 } },
        'sim-good': { provider: 'simulated', latencyMs: { min: 300, max: 900 } },
        'sim-flaky': { provider: 'simulated', failureRate: 0.3 },
      },
      routes: [
        ['critical', { targets: ['sim-good'], fallback: ['sim-fast'] }],
        ['high', { targets: ['sim-good'], fallback: ['sim-fast'] }],
        ['normal', { targets: ['sim-fast'], fallback: ['sim-good'] }],
        ['low', { targets: ['sim-flaky'], fallback: ['sim-fast'] }],
      ],
    });
    expect(plan.notice).toMatch(
      /^Answers are SIMULATED: neither Ollama at 127\.0\.0\.1:11434 nor OPENAI_API_KEY was found/,
    );
    expect(plan.notice).toMatch(/ollama pull .*set OPENAI_API_KEY/);
    expect(plan.notice).not.toContain('\n');
  });

  it('are simulated ones when Ollama has none that chats, and the notice tells it', () => {
    const plan = planFor({ ...NOTHING, ollamaModels: [] });
    expect(plan.isSimulated).toBe(true);
    expect(plan.notice).toContain('Ollama at 127.0.0.1:11434 has no chat model');
  });

  it('are those of Ollama first, then that of OpenAI', async () => {
    const plan = planFor({ ...NOTHING, ollamaModels: ['llama3:8b', 'qwen3:4b'], openAIKey: 'sk-1' });
    expect(plan.models).toMatchObject({
      'llama3:8b': { provider: 'ollama', model: 'llama3:8b', baseUrl: 'http://127.0.0.1:11434' },
      'gpt-4o-mini': { provider: 'openai', model: 'gpt-4o-mini', apiKey: 'sk-1' },
    });
    expect(await candidates(plan)).toEqual(['llama3:8b', 'qwen3:4b', '|', 'gpt-4o-mini']);
    expect(plan.notice).toBe(
      'Answers come from Ollama at 127.0.0.1:11434 (llama3:8b, qwen3:4b), then gpt-4o-mini at OpenAI.',
    );
  });

  it('are that of OpenAI alone where there is only a key, at the base URL that is set', async () => {
    const plan = planFor({ ...NOTHING, openAIKey: 'sk-1', openAIBaseUrl: 'http://127.0.0.1:9/v1' });
    expect(plan.models).toMatchObject({ 'gpt-4o-mini': { baseUrl: 'http://127.0.0.1:9/v1' } });
    expect(await candidates(plan)).toEqual(['gpt-4o-mini', '|']);
    expect(plan.notice).toBe('Answers come from gpt-4o-mini at 127.0.0.1:9.');
  });

  it('are eight of Ollama at the most; the others and what cannot be a name are left out', async () => {
    const names = Array.from({ length: 9 }, (_, index) => `m${index}`);
    const plan = planFor({ ...NOTHING, ollamaModels: ['a b', ...names] });
    expect(await candidates(plan)).toEqual([...names.slice(0, 8), '|']);
    expect(plan.leftOut).toEqual(['a b', 'm8']);
  });

  it('are refused by name, without the key, when the key cannot be one', async () => {
    await using router = new LLMRouter();
    const plan = planFor({ ...NOTHING, openAIKey: 'sk-with a-space' });
    expect(() => carryOut(plan, router)).toThrow(/addModel\('gpt-4o-mini'\)\.apiKey: given a string; accepted: /);
    expect(plan.notice).not.toContain('sk-');
  });
});

describe('looking around', () => {
  it('finds the chat models of a running Ollama, and leaves out what only embeds', async () => {
    await using running = await ollama({
      models: [
        { name: 'llama3:8b', details: { family: 'llama' } },
        { name: 'nomic-embed-text:latest', details: { family: 'nomic-bert' } },
        { name: 'all-minilm:22m', details: { family: 'bert' } },
        { name: 'qwen3-embedding:4b', details: { family: 'qwen3' } },
        { name: 'old' },
        { nameless: true },
        null,
      ],
    });
    const found = await lookAround({ OLLAMA_HOST: running.host });
    expect(found).toEqual({ ...NOTHING, ollamaUrl: `http://${running.host}`, ollamaModels: ['llama3:8b', 'old'] });
  });

  it('takes the key and the base URL from the environment, trimmed, and an empty one for none', async () => {
    await using running = await ollama({ models: [] });
    const environment = { OLLAMA_HOST: running.host, OPENAI_API_KEY: ' sk-1\n', OPENAI_BASE_URL: '' };
    expect(await lookAround(environment)).toMatchObject({ openAIKey: 'sk-1', openAIBaseUrl: undefined });
  });

  it.each([
    ['something else that listens there', '<html>'],
    ['JSON of another shape', { models: 'none' }],
    ['null', 'null'],
  ])('takes %s for no Ollama', async (_, answer) => {
    await using running = await ollama(answer);
    expect(await lookAround({ OLLAMA_HOST: running.host })).toMatchObject({ ollamaModels: null });
  });

  it('waits half a second for one that does not answer, and no longer', async () => {
    await using running = await ollama(null, true);
    const startedAt = performance.now();
    expect(await lookAround({ OLLAMA_HOST: running.host })).toMatchObject({ ollamaModels: null });
    expect(performance.now() - startedAt).toBeGreaterThan(400);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });

  it.each([
    [undefined, 'http://127.0.0.1:11434'],
    ['', 'http://127.0.0.1:11434'],
    ['gpu.local', 'http://gpu.local:11434'],
    ['gpu.local:80', 'http://gpu.local'],
    ['gpu.local:1234', 'http://gpu.local:1234'],
    ['0.0.0.0', 'http://127.0.0.1:11434'],
    ['https://gpu.local', 'https://gpu.local'],
    ['http://gpu.local:1234/', 'http://gpu.local:1234'],
    ['not a host', 'http://127.0.0.1:11434'],
  ])('reads OLLAMA_HOST %o as %s', (host, url) => {
    expect(ollamaUrlOf(host)).toBe(url);
  });
});

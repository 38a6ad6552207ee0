import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { Backend } from '../../src/backends/backend.ts';
import { createBackend } from '../../src/backends/registry.ts';
import { BackendError } from '../../src/errors.ts';
import { expectNoSecret, rejectionOf } from '../support/leaks.ts';

const KEY = 'sk-0123456789-abcdef';
const TEXTS = ['What is the airspeed of an unladen swallow?', 'Tell me about swallows', ''];

interface Call {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Readonly<Record<string, unknown>>;
}

const servers: Server[] = [];
const backends: Backend[] = [];
afterEach(async () => {
  for (const backend of backends.splice(0)) await backend.close?.();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }
});

/** A provider of embeddings on the loopback that answers as it is told. */
async function providerThat(answer: (response: ServerResponse, call: Call) => void) {
  const calls: Call[] = [];
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const piece of request) text += piece;
    const call = { path: request.url!, headers: request.headers, body: JSON.parse(text) as Call['body'] };
    calls.push(call);
    answer(response, call);
  });
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { calls, server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

const replying =
  (value: unknown, status = 200, headers: Readonly<Record<string, string>> = {}) =>
  (response: ServerResponse): void => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(typeof value === 'string' ? value : JSON.stringify(value));
  };

function backendOf(provider: string, baseUrl: string, options: object = {}): Backend {
  const backend = createBackend(provider, {
    name: 'vectors',
    model: 'embed-small',
    baseUrl,
    ...(provider === 'ollama' ? { headers: { authorization: `Bearer ${KEY}` } } : { apiKey: KEY }),
    ...options,
  });
  backends.push(backend);
  return backend;
}

const signal = (): AbortSignal => new AbortController().signal;
const floats = (...lists: number[][]): Float32Array[] => lists.map((list) => Float32Array.from(list));

const openAI = (...vectors: unknown[]) => ({
  object: 'list',
  data: vectors.map((embedding, index) => ({ object: 'embedding', index, embedding })),
});
const ollama = (...embeddings: unknown[]) => ({ model: 'embed-small', embeddings });

const KINDS = [
  { provider: 'openai', answerOf: openAI },
  { provider: 'azure-openai', answerOf: openAI },
  { provider: 'ollama', answerOf: ollama },
] as const;

describe('what is sent to embed', () => {
  it.each<[provider: string, options: object, path: string, body: object]>([
    ['openai', {}, '/embeddings', { encoding_format: 'float' }],
    ['azure-openai', {}, '/openai/v1/embeddings', { encoding_format: 'float' }],
    [
      'azure-openai',
      { model: 'a b', apiVersion: '2024-10-21' },
      '/openai/deployments/a%20b/embeddings?api-version=2024-10-21',
      { model: 'a b', encoding_format: 'float' },
    ],
    ['ollama', {}, '/api/embed', { truncate: false, options: {} }],
    [
      'ollama',
      { keepAlive: '5m', numGpu: 0, options: { num_ctx: 2048 } },
      '/api/embed',
      { truncate: false, keep_alive: '5m', options: { num_gpu: 0, num_ctx: 2048 } },
    ],
  ])('%s %o: %s', async (provider, options, path, body) => {
    const vectors = [[1], [2], [3]];
    const answer = provider === 'ollama' ? ollama(...vectors) : openAI(...vectors);
    const { calls, url } = await providerThat(replying(answer));
    await backendOf(provider, url, options).embed!(TEXTS, { signal: signal() });
    expect(calls).toHaveLength(1);
    expect(calls[0]).toMatchObject({ path, body: { model: 'embed-small', input: TEXTS, ...body } });
    const { authorization, 'api-key': apiKey } = calls[0]!.headers;
    expect(authorization ?? apiKey).toContain(KEY);
  });

  it('has the options that the router hands over with a call to Ollama', async () => {
    const { calls, url } = await providerThat(replying(ollama([1])));
    const backend = backendOf('ollama', url, { options: { num_ctx: 2048, seed: 1 } });
    await backend.embed!(['hi'], { signal: signal(), options: { num_ctx: 512 } });
    expect(calls[0]!.body['options']).toEqual({ num_ctx: 512, seed: 1 });
  });

  it.each(KINDS)('is nothing for no text: $provider', async ({ provider }) => {
    const { calls, url } = await providerThat(replying({}));
    expect(await backendOf(provider, url).embed!([], { signal: signal() })).toEqual([]);
    expect(calls).toEqual([]);
  });
});

describe('the vectors', () => {
  it.each(KINDS)('are floats in the order of the texts: $provider', async ({ provider, answerOf }) => {
    const { url } = await providerThat(replying(answerOf([1, 0.5], [0, -1], [3, 4])));
    const vectors = await backendOf(provider, url).embed!(TEXTS, { signal: signal() });
    expect(vectors).toEqual(floats([1, 0.5], [0, -1], [3, 4]));
    expect(vectors[0]).toBeInstanceOf(Float32Array);
  });

  it('of OpenAI go by their index, or by their place where they have none', async () => {
    const data = [
      { index: 2, embedding: [3] },
      { index: 0, embedding: [1] },
      { index: 1, embedding: [2] },
    ];
    const shuffled = await providerThat(replying({ data }));
    expect(await backendOf('openai', shuffled.url).embed!(TEXTS, { signal: signal() })).toEqual(floats([1], [2], [3]));
    const bare = await providerThat(replying({ data: [1, 2, 3].map((value) => ({ embedding: [value] })) }));
    expect(await backendOf('openai', bare.url).embed!(TEXTS, { signal: signal() })).toEqual(floats([1], [2], [3]));
  });
});

describe('an answer that is no answer', () => {
  const wrong: [what: string, vectors: unknown[]][] = [
    ['too few', [[1], [2]]],
    ['too many', [[1], [2], [3], [4]]],
    ['none', []],
    ['of different lengths', [[1], [2, 3], [4]]],
    ['empty', [[], [], []]],
    ['with a null', [[1], [null], [3]]],
    ['of texts', [['1'], ['2'], ['3']]],
    ['in base64', ['AACAPw==', 'AACAPw==', 'AACAPw==']],
    ['beyond a float', [[1], [1e39], [3]]],
  ];
  for (const { provider, answerOf } of KINDS) {
    it.each(wrong)(`fails: ${provider}, vectors that are %s`, async (_what, vectors) => {
      const { url } = await providerThat(replying(answerOf(...vectors)));
      const error = await rejectionOf(backendOf(provider, url).embed!(TEXTS, { signal: signal() }));
      expect(error).toBeInstanceOf(BackendError);
      expect(error).toMatchObject({ code: 'malformed_response' });
    });

    it.each<[what: string, text: unknown]>([
      ['no JSON', '{"data": [{"emb'],
      ['HTML', '<html><body>Please log in</body></html>'],
      ['nothing', ''],
      ['a list', [1, 2]],
      ['null', 'null'],
    ])(`fails: ${provider}, %s`, async (_what, text) => {
      const { url } = await providerThat(replying(text));
      const error = await rejectionOf(backendOf(provider, url).embed!(TEXTS, { signal: signal() }));
      expect(error).toMatchObject({ name: 'BackendError', code: 'malformed_response' });
    });
  }

  it.each<[what: string, indices: unknown[]]>([
    ['twice the same', [0, 1, 1]],
    ['beyond the last', [0, 1, 3]],
    ['below the first', [-1, 0, 1]],
    ['no number', ['0', '1', '2']],
  ])('fails: an index that is %s', async (_what, indices) => {
    const { url } = await providerThat(replying({ data: indices.map((index) => ({ index, embedding: [1] })) }));
    const error = await rejectionOf(backendOf('openai', url).embed!(TEXTS, { signal: signal() }));
    expect(error).toMatchObject({ code: 'malformed_response' });
  });
});

describe('a failure to embed', () => {
  for (const { provider } of KINDS) {
    it.each<[what: string, answer: ReturnType<typeof replying>, expected: object]>([
      ['down', replying({ error: { message: 'down', code: 'server_error' } }, 500), { status: 500 }],
      ['asleep', replying({ error: 'slow down' }, 429, { 'retry-after': '7' }), { status: 429, retryAfterMs: 7_000 }],
      ['too long', replying({ error: 'input length exceeds the context length' }, 400), { status: 400 }],
      [
        'wrong inside a 200',
        replying({ error: { message: 'overloaded', code: 'overloaded' } }),
        { code: 'overloaded' },
      ],
      ['no page', replying('<html><h1>502 Bad Gateway</h1></html>', 502), { status: 502 }],
    ])(`is told as it is: ${provider} is %s`, async (_what, answer, expected) => {
      const { url } = await providerThat(answer);
      const error = await rejectionOf(backendOf(provider, url).embed!(TEXTS, { signal: signal() }));
      expect(error).toBeInstanceOf(BackendError);
      expect(error).toMatchObject(expected);
    });

    it(`quotes no text and no key: ${provider}`, async () => {
      const { url } = await providerThat((response, { body, headers }) => {
        const key = headers.authorization ?? headers['api-key'];
        replying({ error: { message: `cannot embed ${JSON.stringify(body['input'])} for ${key}` } }, 500)(response);
      });
      const error = await rejectionOf(backendOf(provider, url).embed!(TEXTS, { signal: signal() }));
      expect((error as Error).message).toContain('cannot embed');
      expectNoSecret(error, [KEY, ...TEXTS.filter((text) => text !== ''), 'unladen']);
    });

    it(`stops at once with the reason of who leaves, and the provider sees it: ${provider}`, async () => {
      const reason = new Error('the caller left');
      const controller = new AbortController();
      let left: Promise<unknown> | undefined;
      const { url } = await providerThat((response) => {
        left = once(response, 'close');
        controller.abort(reason);
      });
      const backend = backendOf(provider, url);
      expect(await rejectionOf(backend.embed!(TEXTS, { signal: controller.signal }))).toBe(reason);
      await left;
      expect(await rejectionOf(backend.embed!([], { signal: controller.signal }))).toBe(reason);
    });

    it(`is told when nobody is there, or the connection breaks: ${provider}`, async () => {
      const gone = await providerThat((response) => response.destroy());
      const error = await rejectionOf(backendOf(provider, gone.url).embed!(TEXTS, { signal: signal() }));
      expect(error).toMatchObject({ name: 'BackendError', code: expect.any(String) });
      const refused = backendOf(provider, 'http://127.0.0.1:9').embed!(TEXTS, { signal: signal() });
      expect(await rejectionOf(refused)).toMatchObject({ code: 'ECONNREFUSED' });
    });
  }
});

describe('a simulated model', () => {
  const simulated = (options: object = {}): Backend =>
    createBackend('simulated', { name: 'vectors', latencyMs: 0, ...options });

  it('makes up vectors of unit length that are the same for the same text, in any model', async () => {
    const [one, two, again] = await simulated().embed!(['one', 'two', 'one'], { signal: signal() });
    expect(one).toHaveLength(384);
    expect(Math.hypot(...one!)).toBeCloseTo(1, 5);
    expect(again).toEqual(one);
    expect(two).not.toEqual(one);
    expect(await simulated({ seed: 7 }).embed!(['one'], { signal: signal() })).toEqual([one]);
    expect(Math.abs(one!.reduce((sum, value, index) => sum + value * two![index]!, 0))).toBeLessThan(0.3);
  });

  it('waits, fails and stops as it does when it generates', async () => {
    const failing = simulated({ failureRate: 1 }).embed!(['one'], { signal: signal() });
    expect(await rejectionOf(failing)).toMatchObject({ status: 503, code: 'simulated_failure' });
    const controller = new AbortController();
    const slow = simulated({ latencyMs: 60_000 }).embed!(['one'], { signal: controller.signal });
    controller.abort('gone');
    expect(await rejectionOf(slow)).toBe('gone');
  });
});

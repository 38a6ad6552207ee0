import { describe, expect, it } from 'vitest';
import { openAIBody } from '../../src/backends/openai-body.ts';
import { createBackend } from '../../src/backends/registry.ts';
import { backendsUnderTest } from '../support/backends-under-test.ts';
import { expectNoSecret, rejectionOf } from '../support/leaks.ts';
import { aContext, aRequest, collect, textOf } from './contract.ts';

const KEY = 'sk-proj-0123456789abcdef';
const { provider, closesAfter, backendOf, bodyOf } = await backendsUnderTest('openai', (url) => ({
  name: 'cloud',
  baseUrl: `${url}/v1/`,
  apiKey: KEY,
}));

describe('what is sent to OpenAI', () => {
  it('is a chat completion with everything that the request asks', async () => {
    const body = await bodyOf(
      {
        prompt: 'hi',
        messages: [
          { role: 'system', content: 'be brief' },
          {
            role: 'user',
            content: [
              { type: 'text', text: 'one' },
              { type: 'text', text: 'two' },
            ],
          },
          { role: 'assistant', content: '', toolCalls: [{ id: 'call_1', name: 'look', arguments: '{"x":1}' }] },
          { role: 'tool', content: 'seen', toolCallId: 'call_1' },
        ],
        temperature: 0,
        maxTokens: 9,
        stop: ['END'],
        seed: 4,
        tools: [{ name: 'look', description: 'looks', parameters: { type: 'object' } }],
        toolChoice: { name: 'look' },
        responseFormat: { name: 'shape', schema: { type: 'object' } },
        metadata: { tenant: 'not for the provider' },
      },
      'ok:everything',
    );
    expect(body).toEqual({
      model: 'ok:everything',
      stream: false,
      messages: [
        { role: 'system', content: 'be brief' },
        { role: 'user', content: 'one\ntwo' },
        {
          role: 'assistant',
          content: null,
          tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'look', arguments: '{"x":1}' } }],
        },
        { role: 'tool', content: 'seen', tool_call_id: 'call_1' },
      ],
      temperature: 0,
      max_tokens: 9,
      stop: ['END'],
      seed: 4,
      tools: [{ type: 'function', function: { name: 'look', description: 'looks', parameters: { type: 'object' } } }],
      tool_choice: { type: 'function', function: { name: 'look' } },
      response_format: { type: 'json_schema', json_schema: { name: 'shape', schema: { type: 'object' } } },
    });
  });

  it('goes to the base URL with the key, the organisation and the own headers, which win', async () => {
    const options = { organization: 'org-1', project: 'proj-1', headers: { 'X-Own': '1', 'OpenAI-Project': 'other' } };
    await backendOf('ok:headers', options).generate(aRequest(), aContext());
    const { path, headers } = await provider.last('ok:headers');
    expect(path).toBe('/v1/chat/completions');
    expect(headers).toMatchObject({
      authorization: `Bearer ${KEY}`,
      'openai-organization': 'org-1',
      'openai-project': 'other',
      'x-own': '1',
      'content-type': 'application/json',
    });
  });

  it('needs no key', async () => {
    const backend = createBackend('openai', { name: 'local', model: 'ok:nokey', baseUrl: provider.url });
    closesAfter(backend);
    await backend.generate(aRequest(), aContext());
    expect((await provider.last('ok:nokey')).headers).not.toHaveProperty('authorization');
  });

  it('keeps the query of a base URL', async () => {
    await backendOf('ok:query', { baseUrl: `${provider.url}/v1?api-version=7` }).generate(aRequest(), aContext());
    expect((await provider.last('ok:query')).path).toBe('/v1/chat/completions?api-version=7');
  });

  it('asks for usage when it streams', async () => {
    await collect(backendOf('ok:usage').stream!(aRequest(), aContext()));
    expect((await provider.last('ok:usage')).body).toMatchObject({
      stream: true,
      stream_options: { include_usage: true },
    });
  });

  it('takes providerOptions last, but not another model, conversation or way of answering', async () => {
    const providerOptions = { model: 'x', messages: [], stream: true, temperature: 2, user: 'u' };
    const body = await bodyOf(aRequest({ temperature: 1, providerOptions }), 'ok:options');
    expect(body).toMatchObject({ model: 'ok:options', stream: false, temperature: 2, user: 'u' });
    expect(body['messages']).toHaveLength(1);
  });

  it('names the limit of tokens as OpenAI does only to OpenAI', () => {
    const target = { label: 'a', model: 'm' };
    const request = aRequest({ maxTokens: 3 });
    expect(openAIBody(request, { ...target, maxTokensField: 'max_completion_tokens' }, false)).toHaveProperty(
      'max_completion_tokens',
      3,
    );
    expect(openAIBody(request, { ...target, maxTokensField: 'max_tokens' }, false)).toHaveProperty('max_tokens', 3);
  });

  it('shows images by URL, as data, or as base64 with a media type', async () => {
    const content = [
      { type: 'text', text: 'look' },
      { type: 'image', image: 'https://example.test/a.png' },
      { type: 'image', image: 'data:image/png;base64,AAAA' },
      { type: 'image', image: 'BBBB', mediaType: 'image/jpeg' },
    ] as const;
    const body = await bodyOf(aRequest({ messages: [{ role: 'user', content }] }), 'ok:images');
    const urls = ['https://example.test/a.png', 'data:image/png;base64,AAAA', 'data:image/jpeg;base64,BBBB'];
    expect(body['messages']).toEqual([
      {
        role: 'user',
        content: [{ type: 'text', text: 'look' }, ...urls.map((url) => ({ type: 'image_url', image_url: { url } }))],
      },
    ]);
    const bare = aRequest({ messages: [{ role: 'user', content: [{ type: 'image', image: 'BBBB' }] }] });
    expect(await rejectionOf(backendOf('ok:bare').generate(bare, aContext()))).toMatchObject({
      status: 400,
      code: 'image_media_type_missing',
    });
  });

  it.each([
    ['text', { type: 'text' }],
    ['json', { type: 'json_object' }],
  ] as const)('asks for %s', async (responseFormat, expected) => {
    expect(await bodyOf(aRequest({ responseFormat }), `ok:${responseFormat}`)).toMatchObject({
      response_format: expected,
    });
  });
});

describe('what OpenAI answers', () => {
  it('may come byte by byte', async () => {
    const chunks = await collect(backendOf('bytewise').stream!(aRequest(), aContext()));
    expect(textOf(chunks)).toBe('The answer is förty-two 🙂.');
    expect(chunks.at(-1)).toMatchObject({
      finishReason: 'stop',
      usage: { promptTokens: 11, completionTokens: 7, totalTokens: 18 },
    });
  });

  it('is whole with a finish reason, without [DONE]', async () => {
    const chunks = await collect(backendOf('no_done').stream!(aRequest(), aContext()));
    expect(chunks.at(-1)).toMatchObject({ type: 'finish', finishReason: 'stop', usage: { totalTokens: 18 } });
  });

  it('ends promptly after a finish reason, though the connection stays open', async () => {
    const startedAt = performance.now();
    const chunks = await collect(backendOf('no_done_open').stream!(aRequest(), aContext()));
    expect(chunks.at(-1)).toEqual({ type: 'finish', finishReason: 'stop' });
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    await provider.reached('no_done_open', 'client_closed');
  });

  it('may be one piece of JSON where a stream was asked for', async () => {
    const chunks = await collect(backendOf('json_for_stream').stream!(aRequest(), aContext()));
    expect(chunks.slice(0, -1)).toEqual([{ type: 'text', text: 'The answer is förty-two 🙂.' }]);
    expect(chunks.at(-1)).toMatchObject({ type: 'finish', finishReason: 'stop' });
  });

  it.each(['html', 'empty', 'malformed'])('is a malformed response when it is %s', async (behaviour) => {
    const backend = backendOf(behaviour);
    const calls = [
      () => backend.generate(aRequest(), aContext()),
      () => collect(backend.stream!(aRequest(), aContext())),
    ];
    for (const call of calls) {
      const error = await rejectionOf(call());
      expect(error).toMatchObject({ name: 'BackendError', code: 'malformed_response' });
      expect(error).not.toHaveProperty('status');
    }
  });

  it("carries the provider's own code when an error comes with a 200 or in the stream", async () => {
    const backend = backendOf('error_in_200');
    expect(await rejectionOf(backend.generate(aRequest(), aContext()))).toMatchObject({ code: 'overloaded_error' });
    expect(await rejectionOf(collect(backend.stream!(aRequest(), aContext())))).toMatchObject({
      code: 'overloaded_error',
    });
    const streamed = await rejectionOf(collect(backendOf('error_in_stream').stream!(aRequest(), aContext())));
    expect(streamed).toMatchObject({
      code: 'overloaded_error',
      message: "model 'cloud' reported an error: overloaded",
    });
  });

  it('hides the key in an error that comes with a 200', async () => {
    const error = await rejectionOf(
      backendOf('echo_key_200', { headers: { 'x-api-key': 'another-secret' } }).generate(aRequest(), aContext()),
    );
    expectNoSecret(error, [KEY, 'another-secret']);
    expect((error as Error).message).toContain('[redacted]');
  });

  it('names the status and the words of a provider that refuses', async () => {
    const error = await rejectionOf(backendOf('bad_request').generate(aRequest(), aContext()));
    expect((error as Error).message).toBe("model 'cloud' answered 400: This model has a context of 8 tokens");
  });
});

describe("OpenAI's health", () => {
  const { signal } = new AbortController();

  it('is that of its list of models', async () => {
    await backendOf('ok').healthCheck!({ signal });
    expect((await provider.log()).attempts.some(({ path }) => path === '/v1/models')).toBe(true);
  });

  it('is bad without a valid key', async () => {
    const error = await rejectionOf(backendOf('ok', { apiKey: 'sk-wrong' }).healthCheck!({ signal }));
    expect(error).toMatchObject({ status: 401, code: 'invalid_api_key' });
    expectNoSecret(error, ['sk-wrong']);
  });

  it('is bad when nobody listens', async () => {
    const error = await rejectionOf(backendOf('ok', { baseUrl: 'http://127.0.0.1:1' }).healthCheck!({ signal }));
    expect(error).toMatchObject({ code: 'ECONNREFUSED' });
  });
});

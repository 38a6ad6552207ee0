import { describe, expect, it } from 'vitest';
import { LLMRouter } from '../../src/llm-router.ts';
import { backendsUnderTest } from '../support/backends-under-test.ts';
import { rejectionOf } from '../support/leaks.ts';
import { aContext, aRequest, collect, textOf } from './contract.ts';

const { provider, backendOf, bodyOf } = await backendsUnderTest('ollama', (url) => ({ name: 'local', baseUrl: url }));

describe('what is sent to Ollama', () => {
  it('is a chat with everything that the request asks', async () => {
    const body = await bodyOf(
      {
        prompt: 'hi',
        messages: [
          { role: 'user', content: 'hi' },
          { role: 'assistant', content: '', toolCalls: [{ id: 'call_1', name: 'look', arguments: '{"x":1}' }] },
          { role: 'tool', content: 'seen', toolCallId: 'call_1' },
        ],
        temperature: 0.5,
        maxTokens: 9,
        stop: ['END'],
        seed: 4,
        tools: [{ name: 'look' }],
        toolChoice: 'auto',
        responseFormat: { name: 'shape', schema: { type: 'object' } },
      },
      'ok:everything',
      { numGpu: 0, numThread: 8, keepAlive: '5m', options: { num_ctx: 4096, temperature: 1 } },
    );
    expect(body).toEqual({
      model: 'ok:everything',
      stream: false,
      keep_alive: '5m',
      messages: [
        { role: 'user', content: 'hi' },
        { role: 'assistant', content: '', tool_calls: [{ function: { name: 'look', arguments: { x: 1 } } }] },
        { role: 'tool', content: 'seen', tool_name: 'look' },
      ],
      options: { num_gpu: 0, num_thread: 8, num_ctx: 4096, temperature: 0.5, num_predict: 9, stop: ['END'], seed: 4 },
      tools: [{ type: 'function', function: { name: 'look' } }],
      format: { type: 'object' },
    });
  });

  it('merges the options of a request into those of the model', async () => {
    const providerOptions = { options: { top_k: 3, num_ctx: 1 }, think: true, model: 'x' };
    const body = await bodyOf(aRequest({ seed: 1, providerOptions }), 'ok:options', {
      options: { num_ctx: 4096, mirostat: 2 },
    });
    expect(body).toMatchObject({
      model: 'ok:options',
      think: true,
      options: { num_ctx: 1, mirostat: 2, top_k: 3, seed: 1 },
    });
  });

  it('takes the options that the router hands over with a call', async () => {
    const router = new LLMRouter();
    router.addModel('local', {
      provider: 'ollama',
      model: 'ok:router',
      baseUrl: provider.url,
      options: { num_ctx: 512 },
    });
    await router.generate('hi', { temperature: 0 });
    await router.stop();
    expect((await provider.last('ok:router')).body).toMatchObject({ options: { num_ctx: 512, temperature: 0 } });
  });

  it('asks for JSON', async () => {
    expect(await bodyOf(aRequest({ responseFormat: 'json' }), 'ok:json')).toMatchObject({ format: 'json' });
    expect(await bodyOf(aRequest({ responseFormat: 'text' }), 'ok:text')).not.toHaveProperty('format');
  });

  it('holds images as base64, and refuses a URL by name before anything is sent', async () => {
    const withImage = (image: string) =>
      aRequest({
        messages: [
          {
            role: 'user',
            content: [
              { type: 'text', text: 'look' },
              { type: 'image', image },
            ],
          },
        ],
      });
    expect(await bodyOf(withImage('data:image/png;base64,AAAA'), 'ok:data')).toMatchObject({
      messages: [{ content: 'look', images: ['AAAA'] }],
    });
    expect(await bodyOf(withImage('BBBB'), 'ok:bare')).toMatchObject({ messages: [{ images: ['BBBB'] }] });
    const error = await rejectionOf(backendOf('ok:url').generate(withImage('https://example.test/a.png'), aContext()));
    expect(error).toMatchObject({ name: 'BackendError', status: 400, code: 'image_url_unsupported' });
    expect((error as Error).message).toContain("model 'local'");
    expect(await provider.last('ok:url')).toBeUndefined();
  });

  it('leaves the tools out when none may be called, and refuses to force one', async () => {
    const tools = [{ name: 'look' }];
    expect(await bodyOf(aRequest({ tools, toolChoice: 'none' }), 'ok:none')).not.toHaveProperty('tools');
    const forced = backendOf('ok').generate(aRequest({ tools, toolChoice: 'required' }), aContext());
    expect(await rejectionOf(forced)).toMatchObject({ status: 400, code: 'tool_choice_unsupported' });
  });

  it('refuses a past tool call whose arguments are no JSON object', async () => {
    const messages = [
      { role: 'assistant', content: '', toolCalls: [{ id: '1', name: 'look', arguments: '{"x"' }] },
    ] as const;
    expect(await rejectionOf(backendOf('ok').generate(aRequest({ messages }), aContext()))).toMatchObject({
      status: 400,
      code: 'tool_arguments_invalid',
    });
  });
});

describe('what Ollama answers', () => {
  it('may come byte by byte', async () => {
    const chunks = await collect(backendOf('bytewise').stream!(aRequest(), aContext()));
    expect(textOf(chunks)).toBe('The answer is förty-two 🙂.');
    expect(chunks.at(-1)).toEqual({
      type: 'finish',
      finishReason: 'stop',
      usage: { promptTokens: 11, completionTokens: 7, totalTokens: 18 },
    });
  });

  it.each(['no_done', 'no_done_open'])('is whole with its last line, whatever follows: %s', async (behaviour) => {
    const chunks = await collect(backendOf(behaviour).stream!(aRequest(), aContext()));
    expect(chunks.at(-1)).toMatchObject({ type: 'finish', finishReason: 'stop' });
  });

  it.each(['html', 'empty', 'malformed'])('is a malformed response when it is %s', async (behaviour) => {
    const backend = backendOf(behaviour);
    const calls = [
      () => backend.generate(aRequest(), aContext()),
      () => collect(backend.stream!(aRequest(), aContext())),
    ];
    for (const call of calls) {
      expect(await rejectionOf(call())).toMatchObject({ name: 'BackendError', code: 'malformed_response' });
    }
  });

  it('may be an error with a 200 or in the stream', async () => {
    const expected = {
      name: 'BackendError',
      code: 'provider_error',
      message: "model 'local' reported an error: overloaded",
    };
    expect(await rejectionOf(backendOf('error_in_200').generate(aRequest(), aContext()))).toMatchObject(expected);
    expect(await rejectionOf(collect(backendOf('error_in_stream').stream!(aRequest(), aContext())))).toMatchObject(
      expected,
    );
  });
});

describe("Ollama's health", () => {
  const { signal } = new AbortController();

  it('is that of its version', async () => {
    await backendOf('ok').healthCheck!({ signal });
    expect((await provider.log()).attempts.at(-1)!.path).toBe('/api/version');
  });

  it('is bad when it refuses', async () => {
    expect(await rejectionOf(backendOf('ok', { headers: { 'x-unwell': '1' } }).healthCheck!({ signal }))).toMatchObject(
      { status: 503 },
    );
  });
});

import { describe, expect, it } from 'vitest';
import type { LLMRequest, Message } from '../../src/backends/backend.ts';
import { backendsUnderTest } from '../support/backends-under-test.ts';
import { rejectionOf } from '../support/leaks.ts';
import { aContext, aRequest, collect, textOf } from './contract.ts';

const { provider, backendOf } = await backendsUnderTest('ollama', (url) => ({
  name: 'local',
  api: 'generate',
  baseUrl: url,
}));

async function bodyOf(request: LLMRequest, model: string, options = {}): Promise<Readonly<Record<string, unknown>>> {
  await backendOf(model, options).generate(request, aContext());
  const { path, body } = await provider.last(model);
  expect(path).toBe('/api/generate');
  return body;
}

const user: Message = { role: 'user', content: 'hi' };

describe("what is sent to Ollama's generate", () => {
  it('is a prompt with everything that the request asks', async () => {
    const body = await bodyOf(
      {
        prompt: 'look',
        messages: [
          { role: 'system', content: 'be brief' },
          { role: 'system', content: 'be kind' },
          {
            role: 'user',
            content: [
              { type: 'text', text: 'look' },
              { type: 'image', image: 'data:image/png;base64,AAAA' },
            ],
          },
        ],
        temperature: 0.5,
        maxTokens: 9,
        stop: ['END'],
        seed: 4,
        responseFormat: { name: 'shape', schema: { type: 'object' } },
      },
      'ok:everything',
      { numGpu: 0, keepAlive: '5m', options: { num_ctx: 4096 } },
    );
    expect(body).toEqual({
      model: 'ok:everything',
      stream: false,
      keep_alive: '5m',
      system: 'be brief\n\nbe kind',
      prompt: 'look',
      images: ['AAAA'],
      options: { num_gpu: 0, num_ctx: 4096, temperature: 0.5, num_predict: 9, stop: ['END'], seed: 4 },
      format: { type: 'object' },
    });
  });

  it('has no system and no images without any', async () => {
    expect(await bodyOf(aRequest(), 'ok:plain')).toEqual({
      model: 'ok:plain',
      stream: false,
      prompt: 'What is six times seven?',
      options: {},
    });
  });

  it('takes raw and suffix from providerOptions, but no other prompt', async () => {
    const providerOptions = { raw: true, suffix: '}', prompt: 'x', system: 'y', options: { top_k: 3 } };
    expect(await bodyOf(aRequest({ seed: 1, providerOptions }), 'ok:options')).toEqual({
      model: 'ok:options',
      stream: false,
      prompt: 'What is six times seven?',
      raw: true,
      suffix: '}',
      options: { seed: 1, top_k: 3 },
    });
  });

  it('leaves out tools that may not be called', async () => {
    const body = await bodyOf(aRequest({ tools: [{ name: 'look' }], toolChoice: 'none' }), 'ok:none');
    expect(body).not.toHaveProperty('tools');
  });

  it.each<[what: string, code: string, request: Partial<LLMRequest>]>([
    ['tools', 'tools_unsupported', { tools: [{ name: 'look' }] }],
    ['a tool that must be called', 'tool_choice_unsupported', { toolChoice: 'required' }],
    ['two user messages', 'conversation_unsupported', { messages: [user, user] }],
    ['an earlier answer', 'conversation_unsupported', { messages: [user, { role: 'assistant', content: 'a' }, user] }],
    ['a system message at the end', 'conversation_unsupported', { messages: [user, { role: 'system', content: 'a' }] }],
    ['no user message', 'conversation_unsupported', { messages: [{ role: 'system', content: 'a' }] }],
    [
      'an image in a system message',
      'system_image_unsupported',
      { messages: [{ role: 'system', content: [{ type: 'image', image: 'AAAA' }] }, user] },
    ],
    [
      'an image by URL',
      'image_url_unsupported',
      { messages: [{ role: 'user', content: [{ type: 'image', image: 'https://a.test/b.png' }] }] },
    ],
  ])('is nothing when the request has %s', async (what, code, fields) => {
    const model = `ok:${what}`;
    const error = await rejectionOf(backendOf(model).generate(aRequest(fields), aContext()));
    expect(error).toMatchObject({ name: 'BackendError', status: 400, code });
    expect((error as Error).message).toContain("model 'local'");
    expect(await provider.last(model)).toBeUndefined();
  });
});

describe("what Ollama's generate answers", () => {
  it('may come byte by byte, and its context is left aside', async () => {
    const chunks = await collect(backendOf('bytewise').stream!(aRequest(), aContext()));
    expect(textOf(chunks)).toBe('The answer is förty-two 🙂.');
    expect(chunks.at(-1)).toEqual({
      type: 'finish',
      finishReason: 'stop',
      usage: { promptTokens: 11, completionTokens: 7, totalTokens: 18 },
    });
  });

  it('keeps its reason to end when that is another', async () => {
    const replay = { text: JSON.stringify({ response: 'One', done: true, done_reason: 'length' }) };
    const answer = await backendOf('replay').generate(aRequest({ providerOptions: { replay } }), aContext());
    expect(answer).toMatchObject({ content: 'One', finishReason: 'length' });
    expect(answer).not.toHaveProperty('usage');
  });

  it('is malformed when it is that of a chat', async () => {
    const replay = { text: JSON.stringify({ message: { content: 'One' }, done: true }) };
    const call = backendOf('replay').generate(aRequest({ providerOptions: { replay } }), aContext());
    expect(await rejectionOf(call)).toMatchObject({ code: 'malformed_response' });
  });

  it('may be an error in the stream', async () => {
    expect(await rejectionOf(collect(backendOf('error_in_stream').stream!(aRequest(), aContext())))).toMatchObject({
      code: 'provider_error',
      message: "model 'local' reported an error: overloaded",
    });
  });
});

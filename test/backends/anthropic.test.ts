import { describe, expect, it } from 'vitest';
import type { LLMRequest } from '../../src/backends/backend.ts';
import type { BackendError } from '../../src/errors.ts';
import { backendsUnderTest } from '../support/backends-under-test.ts';
import { expectNoSecret, rejectionOf } from '../support/leaks.ts';
import { aContext, aRequest, collect, textOf } from './contract.ts';

const KEY = 'sk-ant-0123456789abcdef';
const { provider, backendOf } = await backendsUnderTest('anthropic', (url) => ({
  name: 'claude',
  baseUrl: url,
  apiKey: KEY,
}));

/** A request that the provider answers with exactly this. */
const replaying = (text: string, more: object = {}): LLMRequest =>
  aRequest({ providerOptions: { replay: { text, ...more } } });

const events = (...values: readonly object[]): string =>
  values.map((value) => `event: ${(value as { type: string }).type}\ndata: ${JSON.stringify(value)}\n\n`).join('');

describe('what Anthropic answers', () => {
  it('may come byte by byte, and counts what was cached as part of the prompt', async () => {
    const chunks = await collect(backendOf('bytewise').stream!(aRequest(), aContext()));
    expect(textOf(chunks)).toBe('The answer is förty-two 🙂.');
    expect(chunks.at(-1)).toEqual({
      type: 'finish',
      finishReason: 'stop',
      usage: { promptTokens: 11, completionTokens: 7, totalTokens: 18 },
    });
  });

  it('is not whole without message_stop, whatever reason to stop was named', async () => {
    const error = await rejectionOf(collect(backendOf('no_done').stream!(aRequest(), aContext())));
    expect(error).toMatchObject({ name: 'BackendError', code: 'stream_truncated' });
  });

  it('is whole with message_stop, though the connection stays open', async () => {
    const startedAt = performance.now();
    const chunks = await collect(backendOf('no_done_open').stream!(aRequest(), aContext()));
    expect(chunks.at(-1)).toMatchObject({ type: 'finish', finishReason: 'stop' });
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    await provider.reached('no_done_open', 'client_closed');
  });

  it('may be one piece of JSON where a stream was asked for', async () => {
    const chunks = await collect(backendOf('json_for_stream').stream!(aRequest(), aContext()));
    expect(chunks.slice(0, -1)).toEqual([{ type: 'text', text: 'The answer is förty-two 🙂.' }]);
  });

  it('shows its start and a ping as signs of life without content', async () => {
    const chunks = await collect(backendOf('ok:pinged').stream!(aRequest(), aContext()));
    expect(chunks.filter((chunk) => chunk.type === 'text' && chunk.text === '')).toHaveLength(2);
    expect(textOf(chunks)).toBe('The answer is förty-two 🙂.');
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

  it('is a malformed response when it is JSON without content', async () => {
    const request = replaying('{"id":"msg_1","type":"message"}');
    const error = await rejectionOf(backendOf('replay').generate(request, aContext()));
    expect(error).toMatchObject({ code: 'malformed_response', message: "model 'claude' answered with no message" });
  });

  it('counts the tool calls by themselves, and has JSON text also for a tool without parameters', async () => {
    const search = { type: 'server_tool_use', id: 'srv', name: 'web_search', input: {} };
    const start = (index: number, content_block: object) => ({ type: 'content_block_start', index, content_block });
    const json = (index: number, partial_json: string) => ({
      type: 'content_block_delta',
      index,
      delta: { type: 'input_json_delta', partial_json },
    });
    const stop = (index: number) => ({ type: 'content_block_stop', index });
    const text = events(
      { type: 'message_start', message: { usage: { input_tokens: 3, output_tokens: 1 } } },
      start(0, search),
      json(0, '{"query":"x"}'),
      stop(0),
      start(1, { type: 'tool_use', id: 'toolu_a', name: 'now', input: {} }),
      json(1, ''),
      stop(1),
      start(2, { type: 'tool_use', id: 'toolu_b', name: 'look', input: {} }),
      json(2, '{"x"'),
      json(2, ':1}'),
      stop(2),
      { type: 'something_new', index: 2 },
      { type: 'message_delta', delta: { stop_reason: 'tool_use' }, usage: { output_tokens: 5 } },
      { type: 'message_stop' },
    );
    expect(await collect(backendOf('replay').stream!(replaying(text), aContext()))).toEqual([
      { type: 'text', text: '' },
      { type: 'tool_call', index: 0, id: 'toolu_a', name: 'now' },
      { type: 'tool_call', index: 0, arguments: '{}' },
      { type: 'tool_call', index: 1, id: 'toolu_b', name: 'look' },
      { type: 'tool_call', index: 1, arguments: '{"x"' },
      { type: 'tool_call', index: 1, arguments: ':1}' },
      {
        type: 'finish',
        finishReason: 'tool_calls',
        usage: { promptTokens: 3, completionTokens: 5, totalTokens: 8 },
      },
    ]);
  });

  it.each([
    ['end_turn', 'stop'],
    ['stop_sequence', 'stop'],
    ['max_tokens', 'length'],
    ['model_context_window_exceeded', 'length'],
    ['tool_use', 'tool_calls'],
    ['refusal', 'content_filter'],
    ['pause_turn', 'pause_turn'],
    ['toString', 'toString'],
  ])('ends for a reason in the words of all backends: %s', async (stop_reason, expected) => {
    const backend = backendOf('replay');
    const whole = JSON.stringify({ content: [], stop_reason, usage: { input_tokens: 1, output_tokens: 0 } });
    expect(await backend.generate(replaying(whole), aContext())).toMatchObject({ content: '', finishReason: expected });
    const text = events({ type: 'message_delta', delta: { stop_reason } }, { type: 'message_stop' });
    expect(await collect(backend.stream!(replaying(text), aContext()))).toEqual([
      { type: 'finish', finishReason: expected },
    ]);
  });
});

describe("Anthropic's errors", () => {
  it.each([
    ['invalid_request_error', 400],
    ['authentication_error', 401],
    ['billing_error', 402],
    ['permission_error', 403],
    ['not_found_error', 404],
    ['request_too_large', 413],
    ['rate_limit_error', 429],
    ['api_error', 500],
    ['timeout_error', 504],
    ['overloaded_error', 529],
    ['an_error_of_next_year', undefined],
    ['constructor', undefined],
  ])('have the status of their type when they come in a stream: %s', async (type, status) => {
    const text = events({ type: 'message_start', message: {} }, { type: 'error', error: { type, message: 'not now' } });
    const error = (await rejectionOf(
      collect(backendOf('replay').stream!(replaying(text), aContext())),
    )) as BackendError;
    expect(error).toMatchObject({ code: type, message: "model 'claude' reported an error: not now" });
    expect(error.status).toBe(status);
  });

  it('keep the text that came before them', async () => {
    const pieces: string[] = [];
    const reading = (async () => {
      for await (const chunk of backendOf('error_in_stream').stream!(aRequest(), aContext())) {
        if (chunk.type === 'text') pieces.push(chunk.text);
      }
    })();
    expect(await rejectionOf(reading)).toMatchObject({ status: 529, code: 'overloaded_error' });
    expect(pieces).toEqual(['The']);
  });

  it('have the status of the answer, the type as code and the words without the key', async () => {
    const text = JSON.stringify({
      type: 'error',
      error: { type: 'overloaded_error', message: `Overloaded (${KEY}, 2023-06-01)` },
      request_id: 'req_1',
    });
    const error = await rejectionOf(backendOf('replay').generate(replaying(text, { status: 529 }), aContext()));
    expect(error).toMatchObject({
      status: 529,
      code: 'overloaded_error',
      message: "model 'claude' answered 529: Overloaded ([redacted], 2023-06-01)",
    });
    expectNoSecret(error, [KEY]);
  });

  it('say how long to wait by the reset of the limit that is spent', async () => {
    const headers = {
      'anthropic-ratelimit-requests-remaining': '12',
      'anthropic-ratelimit-requests-reset': new Date(Date.now() + 600_000).toISOString(),
      'anthropic-ratelimit-output-tokens-remaining': '0',
      'anthropic-ratelimit-output-tokens-reset': new Date(Date.now() + 60_000).toISOString(),
    };
    const text = JSON.stringify({ type: 'error', error: { type: 'rate_limit_error', message: 'slow down' } });
    const request = replaying(text, { status: 429, headers });
    const { retryAfterMs } = (await rejectionOf(backendOf('replay').generate(request, aContext()))) as BackendError;
    expect(retryAfterMs).toBeGreaterThan(50_000);
    expect(retryAfterMs).toBeLessThanOrEqual(60_000);
  });

  it('do not quote the conversation', async () => {
    const prompt = 'My account number is 5532 and my name is Johanna';
    const request = aRequest({ prompt, messages: [{ role: 'user', content: prompt }] });
    const error = (await rejectionOf(backendOf('echo_prompt').generate(request, aContext()))) as BackendError;
    expect(error.message).toContain('[prompt]');
    expectNoSecret(error, ['5532', 'Johanna']);
  });
});

describe("Anthropic's health", () => {
  const { signal } = new AbortController();

  it('is that of its list of models', async () => {
    await backendOf('ok').healthCheck!({ signal });
    const { path, headers } = (await provider.log()).attempts.at(-1)!;
    expect(path).toBe('/v1/models');
    expect(headers).toMatchObject({ 'x-api-key': KEY, 'anthropic-version': '2023-06-01' });
  });

  it('is bad without a valid key', async () => {
    const error = await rejectionOf(backendOf('ok', { apiKey: 'sk-wrong' }).healthCheck!({ signal }));
    expect(error).toMatchObject({ status: 401 });
    expectNoSecret(error, ['sk-wrong']);
  });
});

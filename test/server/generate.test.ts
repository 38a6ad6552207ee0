import { describe, expect, it } from 'vitest';
import { BackendError } from '../../src/errors.ts';
import { LLMRouter } from '../../src/llm-router.ts';
import { eventually, type Reply, runServer } from '../support/running-server.ts';
import { ScriptedBackend } from '../support/scripted-backend.ts';

const USAGE = { promptTokens: 3, completionTokens: 4, totalTokens: 7 };

const failing = (error: unknown) => ({ generate: () => Promise.reject(error) });
const answering = { generate: async () => ({ content: 'Paris', usage: USAGE }) };

const codeOf = (reply: Reply): string => (reply.json as { error: { code: string } }).error.code;
const messageOf = (reply: Reply): string => (reply.json as { error: { message: string } }).error.message;

describe('an answer', () => {
  it('has exactly the fields that are promised', async () => {
    await using server = await runServer(new LLMRouter().addModel('local', { backend: answering }));
    const { status, json } = await server.generate({ prompt: 'What is the capital of France?' });
    expect(status).toBe(200);
    expect(json).toEqual({
      content: 'Paris',
      model_used: 'local',
      provider: 'custom',
      success: true,
      latency_ms: expect.any(Number),
      queue_ms: expect.any(Number),
      cached: false,
      cache_kind: null,
      similarity: null,
      cost: null,
      usage: { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 },
      attempts: 1,
    });
  });

  it('says null where the provider did not count', async () => {
    const backend = { generate: async () => ({ content: 'hi' }) };
    await using server = await runServer(new LLMRouter().addModel('local', { backend }));
    expect((await server.generate({ prompt: 'hi' })).json).toMatchObject({ usage: null });
  });

  it('carries the request, the model and the queue in its headers', async () => {
    await using server = await runServer(new LLMRouter({ id: 'mine' }).addModel('local', { backend: answering }));
    const { headers } = await server.generate({ prompt: 'hi' });
    expect(headers['x-request-id']).toBe('mine-1');
    expect(headers['x-llm-router-model']).toBe('local');
    expect(Number(headers['x-llm-router-queue-ms'])).toBeGreaterThanOrEqual(0);
    expect(headers['content-type']).toContain('application/json');
    expect(headers['cache-control']).toBe('no-store');
  });

  it('tells the time in the queue of a request that had to wait', async () => {
    const backend = new ScriptedBackend();
    await using server = await runServer(new LLMRouter().addModel('local', { backend, maxConcurrency: 1 }));
    const first = server.generate({ prompt: 'one' });
    await eventually(() => backend.calls.length === 1);
    const second = server.generate({ prompt: 'two' });
    await eventually(() => server.router.getModelStatus()['local']!.waiting.normal === 1);
    backend.calls[0]!.succeed();
    await first;
    await eventually(() => backend.calls.length === 2);
    backend.calls[1]!.succeed();
    const { headers, json } = await second;
    expect(Number(headers['x-llm-router-queue-ms'])).toBeGreaterThan(0);
    expect(json).toMatchObject({ queue_ms: Number(headers['x-llm-router-queue-ms']) });
  });

  it('hands every field on to the router', async () => {
    const backend = new ScriptedBackend();
    const router = new LLMRouter().addModel('a', { backend: answering }).addModel('b', { backend });
    router.addRoute('critical', { targets: ['b'] });
    await using server = await runServer(router);
    const reply = server.generate({
      prompt: 'hi',
      priority: 'CRITICAL',
      temperature: 0.5,
      max_tokens: 9,
      system: 'Be brief.',
      timeout_ms: 5_000,
    });
    const { request } = await eventually(() => backend.calls[0]);
    expect(request).toEqual({
      prompt: 'hi',
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'hi' },
      ],
      temperature: 0.5,
      maxTokens: 9,
    });
    backend.last.succeed();
    expect((await reply).json).toMatchObject({ model_used: 'b' });
    expect(router.getStats().requestsByPriority).toEqual({ critical: 1, high: 0, normal: 0, low: 0 });
  });

  it('comes from the model that the request names', async () => {
    const router = new LLMRouter().addModel('a', { backend: answering }).addModel('b', { backend: answering });
    await using server = await runServer(router);
    expect((await server.generate({ prompt: 'hi', model: 'b' })).json).toMatchObject({ model_used: 'b' });
  });
});

describe('an error', () => {
  it('is 404 for a model that is unknown, with the nearest name', async () => {
    await using server = await runServer(new LLMRouter().addModel('llama', { backend: answering }));
    const reply = await server.generate({ prompt: 'hi', model: 'lama' });
    expect([reply.status, codeOf(reply)]).toEqual([404, 'model_unknown']);
    expect(messageOf(reply)).toContain("did you mean 'llama'?");
  });

  it('has the status with which the provider rejected the request', async () => {
    const backend = failing(new BackendError('no', { status: 422 }));
    await using server = await runServer(new LLMRouter().addModel('local', { backend }));
    const reply = await server.generate({ prompt: 'hi' });
    expect([reply.status, codeOf(reply)]).toEqual([422, 'provider_rejected']);
    expect(reply.headers['x-llm-router-model']).toBe('local');
  });

  it('is 502 when every model failed, names them and has their headers', async () => {
    const backend = failing(new BackendError('down', { status: 500 }));
    await using server = await runServer(new LLMRouter().addModel('a', { backend }).addModel('b', { backend }));
    const reply = await server.generate({ prompt: 'hi' });
    expect([reply.status, codeOf(reply)]).toEqual([502, 'provider_failed']);
    expect(reply.json).toMatchObject({
      error: {
        candidates: [
          { model: 'a', reason: 'status_500' },
          { model: 'b', reason: 'status_500' },
        ],
      },
    });
    expect(reply.headers).toMatchObject({ 'x-request-id': 'req-1', 'x-llm-router-model': 'b' });
    expect(reply.headers['x-llm-router-queue-ms']).toBeDefined();
  });

  it('is 429 when every model is rate limited', async () => {
    const backend = failing(new BackendError('slow down', { status: 429, retryAfterMs: 1_200 }));
    await using server = await runServer(new LLMRouter().addModel('local', { backend }));
    const reply = await server.generate({ prompt: 'hi' });
    expect([reply.status, codeOf(reply)]).toEqual([429, 'rate_limited']);
    const { retry_after_ms } = (reply.json as { error: { retry_after_ms?: number } }).error;
    expect(retry_after_ms).toBe(1_200);
    expect(reply.headers['retry-after']).toBe('2');
  });

  it('is 429 when no model has a place', async () => {
    const backend = new ScriptedBackend();
    await using server = await runServer(new LLMRouter().addModel('local', { backend, maxQueueDepth: 1 }));
    const running = server.generate({ prompt: 'one' });
    await eventually(() => backend.calls.length === 1);
    const reply = await server.generate({ prompt: 'two' });
    expect([reply.status, codeOf(reply)]).toEqual([429, 'queue_full']);
    backend.last.succeed();
    expect((await running).status).toBe(200);
  });

  it('is 503 with Retry-After in whole seconds, rounded up, when every breaker is open', async () => {
    const backend = failing(new BackendError('down', { status: 500 }));
    const breaker = { failureThreshold: 1, recoveryTimeoutMs: 20_000, openJitter: 0 };
    await using server = await runServer(new LLMRouter().addModel('local', { backend, breaker }));
    await server.generate({ prompt: 'hi' });
    const reply = await server.generate({ prompt: 'hi' });
    expect([reply.status, codeOf(reply)]).toEqual([503, 'no_model_available']);
    expect(reply.headers['retry-after']).toBe('20');
    const { error } = reply.json as { error: { retry_after_ms: number; candidates: { retry_after_ms: number }[] } };
    expect(error.retry_after_ms).toBeGreaterThan(15_000);
    expect(error.retry_after_ms).toBeLessThanOrEqual(20_000);
    expect(error.candidates).toEqual([
      { model: 'local', reason: 'circuit_open', retry_after_ms: error.retry_after_ms },
    ]);
    expect(reply.headers['x-llm-router-model']).toBeUndefined();
  });

  it('is 504 when its time runs out', async () => {
    await using server = await runServer(new LLMRouter().addModel('local', { backend: new ScriptedBackend() }));
    const reply = await server.generate({ prompt: 'hi', timeout_ms: 20 });
    expect([reply.status, codeOf(reply)]).toEqual([504, 'deadline_exceeded']);
  });

  it('is 503 when the router was stopped', async () => {
    await using server = await runServer(new LLMRouter().addModel('local', { backend: answering }));
    await server.router.stop();
    const reply = await server.generate({ prompt: 'hi' });
    expect([reply.status, codeOf(reply)]).toEqual([503, 'router_stopped']);
  });
});

describe('a request that is wrong', () => {
  const refused = async (body: unknown, headers?: Record<string, string>): Promise<Reply> => {
    await using server = await runServer(new LLMRouter().addModel('local', { backend: answering }));
    const reply = await server.generate(body, headers);
    expect(server.router.getStats().totalRequests).toBe(0);
    expect(reply.headers['x-request-id']).toBeDefined();
    return reply;
  };

  it.each([
    ['a prompt that is none', { prompt: 5 }, 'body.prompt: given 5; accepted: a string that is not empty'],
    ['an empty prompt', { prompt: '' }, 'body.prompt: given ""; accepted: a string that is not empty'],
    ['no prompt', {}, 'body.prompt: given nothing; accepted: a string that is not empty'],
    [
      'a class that is none',
      { prompt: 'x', priority: 'urgent' },
      'body.priority: given "urgent"; accepted: critical, high, normal, low',
    ],
    ['too much heat', { prompt: 'x', temperature: 3 }, 'body.temperature: given 3; accepted: a number from 0 to 2'],
    ['half a token', { prompt: 'x', max_tokens: 1.5 }, 'body.max_tokens: given 1.5; accepted: an integer of 1 or more'],
    ['no time', { prompt: 'x', timeout_ms: 0 }, 'body.timeout_ms: given 0; accepted: milliseconds above 0'],
    ['null for a field', { prompt: 'x', system: null }, 'body.system: given null; accepted: a string'],
    ['a word for a switch', { prompt: 'x', stream: 'yes' }, 'body.stream: given "yes"; accepted: true or false'],
    ['an array', ['x'], 'body: given an array of 1; accepted: an object'],
    ['null', null, 'body: given null; accepted: an object'],
    [
      'a misspelt field',
      { prompt: 'x', max_token: 3 },
      'body.max_token: no such option; did you mean max_tokens? accepted: prompt, priority, model, temperature, max_tokens, system, timeout_ms, cache, cache_scope, stream',
    ],
    [
      'a dangerous field',
      '{"prompt":"x","__proto__":{"stream":true}}',
      'body.__proto__: no such option; accepted: prompt, priority, model, temperature, max_tokens, system, timeout_ms, cache, cache_scope, stream',
    ],
    [
      'an inherited name',
      '{"prompt":"x","constructor":{}}',
      'body.constructor: no such option; accepted: prompt, priority, model, temperature, max_tokens, system, timeout_ms, cache, cache_scope, stream',
    ],
  ])('is 400 and named: %s', async (_, body, message) => {
    const reply = await refused(body);
    expect(reply.status).toBe(400);
    expect(reply.json).toEqual({ error: { code: 'request_invalid', message } });
  });

  it('is 400 when it is no JSON, and nothing of it is quoted', async () => {
    const reply = await refused('{"prompt": "my secret, unfinished');
    expect([reply.status, codeOf(reply)]).toEqual([400, 'request_invalid']);
    expect(reply.text).not.toContain('secret');
  });

  it('is 400 when there is nothing', async () => {
    expect(codeOf(await refused(''))).toBe('request_invalid');
  });

  it('is refused at little cost when it is made of nonsense', async () => {
    const many = Object.fromEntries(Array.from({ length: 50_000 }, (_, index) => [`field${index}`, 1]));
    const reply = await refused({ prompt: 'x', ...many });
    expect(reply.status).toBe(400);
    expect(reply.text.length).toBeLessThan(500);
    const long = await refused({ prompt: 'x', ['a'.repeat(900_000)]: 1 });
    expect(long.status).toBe(400);
    expect(long.text.length).toBeLessThan(500);
    const name = await refused({ prompt: 'x', model: 'm'.repeat(900_000) });
    expect(name.status).toBe(400);
    expect(name.text.length).toBeLessThan(500);
  });

  it('is 413 when it is too large', async () => {
    const reply = await refused({ prompt: 'x'.repeat(2 * 1024 * 1024) });
    expect([reply.status, codeOf(reply)]).toEqual([413, 'payload_too_large']);
  });

  it('is read up to a limit of ones own', async () => {
    const router = new LLMRouter().addModel('local', { backend: answering });
    await using server = await runServer(router, { bodyLimitBytes: 100 });
    expect((await server.generate({ prompt: 'x'.repeat(80) })).status).toBe(200);
    expect((await server.generate({ prompt: 'x'.repeat(101) })).status).toBe(413);
  });

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/jsonp',
    '',
  ])('is 415 as %o', async (type) => {
    const reply = await refused({ prompt: 'x' }, { 'content-type': type });
    expect([reply.status, codeOf(reply)]).toEqual([415, 'unsupported_media_type']);
    expect(messageOf(reply)).toContain('application/json');
  });

  it('is 415 when it is compressed', async () => {
    expect((await refused({ prompt: 'x' }, { 'content-encoding': 'gzip' })).status).toBe(415);
  });

  it('may say its charset', async () => {
    await using server = await runServer(new LLMRouter().addModel('local', { backend: answering }));
    const reply = await server.generate({ prompt: 'x' }, { 'content-type': 'Application/JSON; charset=utf-8' });
    expect(reply.status).toBe(200);
  });
});

describe("a client's own request id", () => {
  it('is echoed, on answers and errors, and logged beside the router’s', async () => {
    await using server = await runServer(new LLMRouter().addModel('local', { backend: answering }));
    const given = { 'x-request-id': 'order 66' };
    expect((await server.generate({ prompt: 'hi' }, given)).headers['x-request-id']).toBe('order 66');
    expect((await server.generate({}, given)).headers['x-request-id']).toBe('order 66');
    expect((await server.get('/livez', given)).headers['x-request-id']).toBe('order 66');
    expect((await server.get('/nowhere', given)).headers['x-request-id']).toBe('order 66');
    await eventually(() => server.log.lines.length === 3);
    expect(server.log.lines[0]).toMatchObject({ request_id: 'req-1', client_request_id: 'order 66' });
  });

  it('is replaced when it is too long or not printable', async () => {
    await using server = await runServer(new LLMRouter().addModel('local', { backend: answering }));
    for (const id of ['x'.repeat(201), 'caf\u00e9']) {
      expect((await server.generate({ prompt: 'hi' }, { 'x-request-id': id })).headers['x-request-id']).toMatch(
        /^req-/,
      );
    }
  });
});

describe('a client that hangs up', () => {
  it('calls its request off', async () => {
    const backend = new ScriptedBackend();
    await using server = await runServer(new LLMRouter().addModel('local', { backend }));
    const controller = new AbortController();
    const call = fetch(`${server.url}/generate`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"prompt":"hi"}',
      signal: controller.signal,
    });
    const { signal } = (await eventually(() => backend.calls[0])).context;
    expect(signal.aborted).toBe(false);
    controller.abort();
    await expect(call).rejects.toThrow();
    await eventually(() => signal.aborted);
    expect(server.router.getStats()).toMatchObject({ cancelled: 1, failures: 0 });
    const line = await eventually(() => server.log.lines[0]);
    expect(line).toMatchObject({ status: 499, code: 'client_closed' });
  });

  it('gives its place in the queue back', async () => {
    const backend = new ScriptedBackend();
    await using server = await runServer(new LLMRouter().addModel('local', { backend, maxConcurrency: 1 }));
    const first = server.generate({ prompt: 'one' });
    await eventually(() => backend.calls.length === 1);
    const controller = new AbortController();
    const second = fetch(`${server.url}/generate`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"prompt":"two"}',
      signal: controller.signal,
    });
    await eventually(() => server.router.getModelStatus()['local']!.queueDepth === 2);
    controller.abort();
    await expect(second).rejects.toThrow();
    await eventually(() => server.router.getModelStatus()['local']!.queueDepth === 1);
    backend.last.succeed();
    expect((await first).status).toBe(200);
    expect(backend.calls).toHaveLength(1);
  });
});

import { request } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import type { Backend } from '../../src/backends/backend.ts';
import { BackendError } from '../../src/errors.ts';
import { LLMRouter } from '../../src/llm-router.ts';
import { eventually, type RunningServer, runServer } from '../support/running-server.ts';
import { ScriptedBackend } from '../support/scripted-backend.ts';

const JSON_TYPE = { 'content-type': 'application/json' };
const STREAMED = JSON.stringify({ prompt: 'hi', stream: true });

let server: RunningServer;
afterEach(() => server[Symbol.asyncDispose]());

const serve = async (stream: Backend['stream']): Promise<RunningServer> => {
  const router = new LLMRouter();
  router.addModel('m', { backend: { generate: async () => ({ content: '' }), stream: stream! } });
  server = await runServer(router);
  return server;
};

const eventsOf = (text: string) =>
  text
    .trim()
    .split('\n\n')
    .map((block) => {
      const [event, data] = block.split('\n').map((line) => line.slice(line.indexOf(':') + 2));
      return { event, data: JSON.parse(data!) as Record<string, unknown> };
    });

describe('a streamed answer', () => {
  it('comes piece by piece and ends with the same object as a plain one', async () => {
    const { generate } = await serve(async function* () {
      yield { type: 'reasoning', text: 'hm' };
      yield { type: 'text', text: 'Par' };
      yield { type: 'text', text: 'is' };
      yield { type: 'finish', finishReason: 'stop', usage: { promptTokens: 1, completionTokens: 2, totalTokens: 3 } };
    });
    const { headers, status, text } = await generate({ prompt: 'hi', stream: true });
    expect(status).toBe(200);
    expect(headers['content-type']).toContain('text/event-stream');
    expect(headers['x-request-id']).toBe('req-1');
    expect(headers['x-llm-router-model']).toBe('m');
    expect(Number(headers['x-llm-router-queue-ms'])).toBeGreaterThanOrEqual(0);
    expect(eventsOf(text)).toMatchObject([
      { event: 'reasoning', data: { text: 'hm' } },
      { event: 'text', data: { text: 'Par' } },
      { event: 'text', data: { text: 'is' } },
      { event: 'done', data: { content: 'Paris', model_used: 'm', success: true, usage: { total_tokens: 3 } } },
    ]);
  });

  it('that begins again says so, and ends with the answer of the model that finished', async () => {
    const router = new LLMRouter();
    const streamOf = (stream: Backend['stream']): Backend => ({
      generate: async () => ({ content: '' }),
      stream: stream!,
    });
    router.addModel('m', {
      backend: streamOf(async function* () {
        yield { type: 'text', text: 'half' };
        throw new BackendError('broke');
      }),
    });
    router.addModel('spare', {
      backend: streamOf(async function* () {
        yield { type: 'text', text: 'whole' };
      }),
    });
    router.addRoute({}, { targets: ['m'], fallback: ['spare'], onStreamFailure: 'restart' });
    server = await runServer(router);
    const { text } = await server.generate({ prompt: 'hi', stream: true });
    expect(eventsOf(text)).toMatchObject([
      { event: 'text', data: { text: 'half' } },
      { event: 'restart', data: { model: 'spare' } },
      { event: 'text', data: { text: 'whole' } },
      { event: 'done', data: { content: 'whole', model_used: 'spare' } },
    ]);
  });

  it('that fails before its first piece is an ordinary error', async () => {
    // biome-ignore lint/correctness/useYield: it fails before it yields
    const { generate } = await serve(async function* () {
      throw new BackendError('no', { status: 400 });
    });
    const { json, status } = await generate({ prompt: 'hi', stream: true });
    expect(status).toBe(400);
    expect(json).toMatchObject({ error: { code: 'provider_rejected' } });
  });

  it('that breaks ends with an error and never with done', async () => {
    const { generate } = await serve(async function* () {
      yield { type: 'text', text: 'Par' };
      throw new BackendError('cut', { code: 'ECONNRESET' });
    });
    const { text } = await generate({ prompt: 'hi', stream: true });
    const events = eventsOf(text);
    expect(events.map(({ event }) => event)).toEqual(['text', 'error']);
    expect(events[1]!.data).toMatchObject({ error: { code: 'stream_interrupted' } });
    expect(server.router.getStats()).toMatchObject({ successes: 0, failures: 1 });
  });

  it('is called off when its client hangs up', async () => {
    let signal: AbortSignal | undefined;
    const { router, url } = await serve(async function* (_request, context) {
      signal = context.signal;
      yield { type: 'text', text: 'a' };
      await new Promise((_, reject) => {
        context.signal.addEventListener('abort', () => reject(context.signal.reason));
      });
    });
    const sent = request(`${url}/generate`, { method: 'POST', headers: { 'content-type': 'application/json' } });
    sent.on('error', () => {});
    sent.on('response', (response) => response.once('data', () => sent.destroy()));
    sent.end(JSON.stringify({ prompt: 'hi', stream: true }));
    await eventually(() => signal?.aborted);
    await eventually(() => router.getStats().cancelled === 1);
    expect(router.getModelStatus()['m']!.circuitBreaker.failureCount).toBe(0);
  });

  it('is called off when its client hangs up before its first piece', async () => {
    let signal: AbortSignal | undefined;
    const { router, url } = await serve(async function* (_request, context) {
      signal = context.signal;
      await new Promise((_, reject) => {
        context.signal.addEventListener('abort', () => reject(context.signal.reason));
      });
    });
    const sent = request(`${url}/generate`, { method: 'POST', headers: JSON_TYPE });
    sent.on('error', () => {});
    sent.end(STREAMED);
    await eventually(() => signal);
    sent.destroy();
    await eventually(() => signal?.aborted);
    await eventually(() => router.getStats().cancelled === 1);
  });

  it('has the model and the wait of the call that serves it in its headers, after a fallback too', async () => {
    const first = new ScriptedBackend();
    const second = new ScriptedBackend();
    const router = new LLMRouter({ retries: { maxRetries: 0 } });
    router.addModel('first', { backend: first }).addModel('second', { backend: second });
    server = await runServer(router);
    const reply = server.generate({ prompt: 'hi', stream: true }, { 'x-request-id': 'mine' });
    (await eventually(() => first.calls[0])).fail();
    (await eventually(() => second.calls[0])).succeed({ content: 'Paris' });
    const { headers, text } = await reply;
    expect(headers).toMatchObject({ 'x-request-id': 'mine', 'x-llm-router-model': 'second' });
    const done = eventsOf(text).at(-1)!;
    expect(done).toMatchObject({ event: 'done', data: { attempts: 2, model_used: 'second' } });
    expect(Number(headers['x-llm-router-queue-ms'])).toBe(done.data['queue_ms']);
  });

  it('hands on tools and reasoning, each as one line of JSON', async () => {
    const { generate } = await serve(async function* () {
      yield { type: 'text', text: 'two\nlines\r\n\n' };
      yield { type: 'tool_call', index: 0, id: 'c1', name: 'weather', arguments: '{"city":' };
      yield { type: 'tool_call', index: 0, arguments: '"Paris"}' };
    });
    const { text } = await generate({ prompt: 'hi', stream: true });
    expect(eventsOf(text).slice(0, 3)).toEqual([
      { event: 'text', data: { text: 'two\nlines\r\n\n' } },
      { event: 'tool_call', data: { index: 0, id: 'c1', name: 'weather', arguments: '{"city":' } },
      { event: 'tool_call', data: { index: 0, arguments: '"Paris"}' } },
    ]);
  });

  it('makes the provider wait for a client that does not read, and is called off in time', async () => {
    const piece = 'x'.repeat(64 * 1024);
    let pieces = 0;
    let isOver = false;
    const stream: Backend['stream'] = async function* () {
      try {
        for (; pieces < 2_000; pieces++) yield { type: 'text', text: piece };
      } finally {
        isOver = true;
      }
    };
    const router = new LLMRouter();
    router.addModel('m', { backend: { generate: async () => ({ content: '' }), stream } });
    server = await runServer(router, { readerTimeoutMs: 150 });
    const sent = request(`${server.url}/generate`, { method: 'POST', headers: JSON_TYPE });
    sent.on('error', () => {});
    sent.on('response', (response) => {
      response.on('error', () => {});
      response.pause();
    });
    sent.end(STREAMED);
    await eventually(() => isOver, 10_000);
    // What lies in sockets and buffers is far from the 125 MiB of the whole.
    expect(pieces).toBeLessThan(500);
    expect(router.getStats()).toMatchObject({ cancelled: 1, successes: 0 });
    expect(router.getModelStatus()['m']!.circuitBreaker.failureCount).toBe(0);
    sent.destroy();
  });

  it('is not cut because its model is slow', async () => {
    let goOn = (): void => {};
    const stream: Backend['stream'] = async function* () {
      yield { type: 'text', text: 'a' };
      await new Promise<void>((resolve) => {
        goOn = resolve;
      });
      yield { type: 'text', text: 'b' };
    };
    const router = new LLMRouter();
    router.addModel('m', { backend: { generate: async () => ({ content: '' }), stream } });
    server = await runServer(router, { readerTimeoutMs: 50 });
    let timeouts = 0;
    server.app.server.on('connection', (socket) => socket.on('timeout', () => timeouts++));
    const reply = server.generate({ prompt: 'hi', stream: true });
    await eventually(() => timeouts > 0);
    goOn();
    expect(eventsOf((await reply).text).at(-1)).toMatchObject({ event: 'done', data: { content: 'ab' } });
  });

  it('leaves nobody watching the actors when it is over', async () => {
    const { generate, router } = await serve(async function* () {
      yield { type: 'text', text: 'a' };
    });
    let watching = 0;
    const { system } = router.actor;
    const inspect = system.inspect.bind(system);
    system.inspect = (observer) => {
      watching++;
      const subscription = inspect(observer);
      return {
        unsubscribe: () => {
          watching--;
          subscription.unsubscribe();
        },
      };
    };
    const replies = await Promise.all([1, 2, 3].map(() => generate({ prompt: 'hi', stream: true })));
    expect(new Set(replies.map(({ headers }) => headers['x-request-id'])).size).toBe(3);
    expect((await generate({ prompt: 'hi', stream: true, model: 'nobody' })).status).toBe(404);
    expect(watching).toBe(0);
  });
});

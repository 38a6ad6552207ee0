import { request } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import type { Backend } from '../../src/backends/backend.ts';
import { BackendError } from '../../src/errors.ts';
import { LLMRouter } from '../../src/router.ts';
import { eventually, type RunningServer, runServer } from '../support/running-server.ts';

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
    expect(eventsOf(text)).toMatchObject([
      { event: 'reasoning', data: { text: 'hm' } },
      { event: 'text', data: { text: 'Par' } },
      { event: 'text', data: { text: 'is' } },
      { event: 'done', data: { content: 'Paris', model_used: 'm', success: true, usage: { total_tokens: 3 } } },
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
});

import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { createApp, createRouter } from '../../examples/fastify-server.ts';
import { BackendError } from '../../src/errors.ts';
import { LLMRouter } from '../../src/llm-router.ts';
import { eventually } from '../support/running-server.ts';
import { ScriptedBackend } from '../support/scripted-backend.ts';

it('answers a question through the router', async () => {
  const router = new LLMRouter();
  router.addModel('local', { backend: { generate: async ({ prompt }) => ({ content: `You asked: ${prompt}` }) } });
  const app = createApp(router);
  const reply = await app.inject({ method: 'POST', url: '/ask', payload: { question: 'why?' } });
  expect(reply.json()).toEqual({ answer: 'You asked: why?' });
  expect(reply.headers['x-model']).toBe('local');
  await app.close();
  expect(router.isStopped).toBe(true);
});

it('tells the client with the router’s own code and status when nothing answers', async () => {
  const router = new LLMRouter();
  const down = { generate: async () => Promise.reject(new BackendError('down', { status: 500 })) };
  router.addModel('local', { backend: down, breaker: { failureThreshold: 1 } });
  const app = createApp(router);
  const ask = () => app.inject({ method: 'POST', url: '/ask', payload: { question: 'why?' } });
  expect((await ask()).json()).toEqual({ error: 'provider_failed' });
  const refused = await ask();
  expect(refused.statusCode).toBe(503);
  expect(Number(refused.headers['retry-after'])).toBeGreaterThanOrEqual(60);
  await app.close();
});

it('calls a request off when its client leaves', async () => {
  const backend = new ScriptedBackend();
  const router = new LLMRouter().addModel('local', { backend });
  const app = createApp(router);
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  const headers = { 'content-type': 'application/json' };
  const sent = request({ host: '127.0.0.1', port, path: '/ask', method: 'POST', headers });
  sent.on('error', () => {});
  sent.end('{"question":"why?"}');
  const { signal } = (await eventually(() => backend.calls[0])).context;
  sent.destroy();
  await eventually(() => signal.aborted);
  expect(router.getStats()).toMatchObject({ cancelled: 1, failures: 0 });
  await app.close();
});

it('is made of models as the guide names them', async () => {
  const router = createRouter();
  expect(Object.keys(router.getModelStatus())).toEqual(['local', 'cloud']);
  await router.stop();
});

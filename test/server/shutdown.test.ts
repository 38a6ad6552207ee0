import { Agent, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { expect, it } from 'vitest';
import { LLMRouter } from '../../src/llm-router.ts';
import { eventually, runServer } from '../support/running-server.ts';
import { ScriptedBackend } from '../support/scripted-backend.ts';

const BODY = '{"prompt":"hi"}';
const HEADERS = { 'content-type': 'application/json', 'content-length': String(BODY.length) };

it('does not wait for connections that are kept alive, idle or busy', async () => {
  const backend = new ScriptedBackend();
  const server = await runServer(new LLMRouter().addModel('local', { backend }));
  const agent = new Agent({ keepAlive: true });
  const idle = new Promise<void>((resolve) => {
    request(`${server.url}/livez`, { agent }, (response) => response.resume().on('end', resolve)).end();
  });
  await idle;
  const answered = new Promise<number>((resolve) => {
    const sent = request(`${server.url}/generate`, { agent, method: 'POST', headers: HEADERS }, (response) =>
      response.resume().on('end', () => resolve(response.statusCode!)),
    );
    sent.end(BODY);
  });
  await eventually(() => backend.calls.length === 1);
  const closed = server.app.close();
  await eventually(() => !server.app.server.listening);
  backend.last.succeed();
  expect(await answered).toBe(200);
  const startedAt = performance.now();
  await closed;
  expect(performance.now() - startedAt).toBeLessThan(2_000);
  agent.destroy();
  await server.router.stop();
});

it('ends the connection of a stream that had promised to keep it', async () => {
  let finish = (): void => {};
  const router = new LLMRouter().addModel('local', {
    backend: {
      generate: async () => ({ content: '' }),
      async *stream() {
        yield { type: 'text', text: 'a' };
        await new Promise<void>((resolve) => {
          finish = resolve;
        });
      },
    },
  });
  const server = await runServer(router);
  const agent = new Agent({ keepAlive: true });
  let text = '';
  const ended = new Promise<void>((resolve) => {
    const sent = request(`${server.url}/generate`, {
      agent,
      method: 'POST',
      headers: { 'content-type': 'application/json' },
    });
    sent.on('response', (response) => response.on('data', (piece) => (text += piece)).on('end', resolve));
    sent.end('{"prompt":"hi","stream":true}');
  });
  await eventually(() => text.includes('event: text'));
  const closed = server.app.close();
  await eventually(() => !server.app.server.listening);
  finish();
  await ended;
  expect(text).toContain('event: done');
  const startedAt = performance.now();
  await closed;
  expect(performance.now() - startedAt).toBeLessThan(2_000);
  agent.destroy();
  await router.stop();
});

it('refuses in the usual words what arrives on a connection that is still open', async () => {
  const backend = new ScriptedBackend();
  const server = await runServer(new LLMRouter().addModel('local', { backend }));
  let received = (): number => 0;
  server.app.server.on('connection', (socket) => {
    received = () => socket.bytesRead;
  });
  const { socket, text } = await dial(server.url);
  socket.write('POST /generate HTTP/1.1\r\nhost: local');
  await eventually(() => received() > 0);
  const stopped = Promise.all([server.app.close(), server.router.stop()]);
  await eventually(() => !server.app.server.listening);
  socket.write(`host\r\ncontent-type: application/json\r\ncontent-length: ${BODY.length}\r\n\r\n${BODY}`);
  await stopped;
  await eventually(() => socket.readableEnded || socket.destroyed);
  expect(text()).toMatch(/^HTTP\/1\.1 503 /);
  expect(text().toLowerCase()).toContain('connection: close');
  expect(text()).toContain('"code":"router_stopped"');
  expect(backend.calls).toHaveLength(0);
});

async function dial(url: string): Promise<{ readonly socket: Socket; readonly text: () => string }> {
  let text = '';
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
  });
  socket.on('error', () => {});
  await new Promise((resolve) => socket.once('connect', resolve));
  return { socket, text: () => text };
}

it.each([
  ['what is no HTTP', 'hello\r\n\r\n', 400, 'request_invalid'],
  [
    'headers beyond measure',
    `GET /livez HTTP/1.1\r\nhost: localhost\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`,
    431,
    'headers_too_large',
  ],
  [
    'a path that cannot be decoded',
    'GET /%E0%A4%A HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n',
    400,
    'request_invalid',
  ],
  ['no host', 'GET /livez HTTP/1.0\r\n\r\n', 421, 'host_not_allowed'],
  [
    'a preflight of another page',
    'OPTIONS /generate HTTP/1.1\r\nhost: localhost\r\norigin: http://evil.example\r\nconnection: close\r\n\r\n',
    403,
    'origin_not_allowed',
  ],
])('answers %s in the shape of every error', async (_, bytes, status, code) => {
  await using server = await runServer(new LLMRouter());
  const { socket, text } = await dial(server.url);
  socket.write(bytes);
  await eventually(() => socket.readableEnded || socket.destroyed);
  expect(text()).toContain(`HTTP/1.1 ${status} `);
  const body = JSON.parse(text().slice(text().indexOf('\r\n\r\n') + 4)) as { error: { code: string; message: string } };
  expect(body).toEqual({ error: { code, message: expect.any(String) } });
});

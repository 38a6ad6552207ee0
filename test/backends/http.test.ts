import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type Server } from 'node:net';
import { Agent } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Backend } from '../../src/backends/backend.ts';
import { createBackend } from '../../src/backends/registry.ts';
import type { BackendError } from '../../src/errors.ts';
import { type FakeProvider, startFakeProvider } from '../support/fake-provider.ts';
import { everythingPrinted, rejectionOf } from '../support/leaks.ts';
import { aContext, aRequest, collect } from './contract.ts';

let provider: FakeProvider;
beforeAll(async () => {
  provider = await startFakeProvider();
});
afterAll(() => provider.stop());

const backendOf = (model: string, options: Readonly<Record<string, unknown>> = {}): Backend =>
  createBackend('openai', { name: 'a', model, baseUrl: provider.url, apiKey: 'sk-0123456789', ...options });

const ask = (backend: Backend) => backend.generate(aRequest(), aContext());

/** Listens, and answers no connection any more once its backlog is full: it is asleep. */
async function sleepingServer() {
  const source = `
    const server = require('node:net').createServer();
    server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => console.log(server.address().port));`;
  const child = spawn(process.execPath, ['-e', source], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const port = Number(line);
  child.kill('SIGSTOP');
  const fillers = [1, 2, 3].map(() => connect({ port, host: '127.0.0.1' }).on('error', () => {}));
  return {
    url: `http://127.0.0.1:${port}`,
    stop() {
      for (const filler of fillers) filler.destroy();
      child.kill('SIGKILL');
    },
  };
}

describe('connections', () => {
  // Without it undici would wait for ten seconds, and this test in vain.
  it('that are not made in connectTimeoutMs are given up', { timeout: 5_000 }, async () => {
    const server = await sleepingServer();
    const backend = backendOf('ok:never', { baseUrl: server.url, connectTimeoutMs: 200 });
    expect(await rejectionOf(ask(backend))).toMatchObject({ code: 'UND_ERR_CONNECT_TIMEOUT' });
    await backend.close!();
    server.stop();
  });

  it('are shared by those alone that wait for one as long', async () => {
    const [one, two] = [backendOf('ok:soon'), backendOf('ok:late', { connectTimeoutMs: 60_000 })];
    await ask(one);
    await ask(two);
    expect((await provider.last('ok:soon')).socket).not.toBe((await provider.last('ok:late')).socket);
    await one.close!();
    await two.close!();
    await provider.openSockets(0);
  });

  it('are kept and shared between models at one origin, and closed with the last of them', async () => {
    const [one, two] = [backendOf('ok:one'), backendOf('ok:two')];
    const sockets = new Set<number>();
    // undici lets a connection rest for one turn of the event loop; asking for the log is more than that.
    const note = async (model: string) => sockets.add((await provider.last(model)).socket);
    await ask(one);
    await note('ok:one');
    await collect(one.stream!(aRequest(), aContext()));
    await note('ok:one');
    await ask(two);
    await note('ok:two');
    await one.close!();
    await ask(two);
    await note('ok:two');
    expect(sockets.size).toBe(1);
    await two.close!();
    await two.close!();
    await provider.openSockets(0);
  });

  it('serve again after an error that was read to its end', async () => {
    const backend = backendOf('error500:kept');
    await rejectionOf(ask(backend));
    const { socket } = await provider.last('error500:kept');
    await rejectionOf(ask(backend));
    expect((await provider.last('error500:kept')).socket).toBe(socket);
    await backend.close!();
  });

  it('of a dispatcher that was given are used, and left to its owner', async () => {
    const dispatcher = new Agent();
    const backend = backendOf('ok:own', { dispatcher });
    await ask(backend);
    await backend.close!();
    expect((await provider.log()).sockets).toBe(1);
    await dispatcher.close();
    await provider.openSockets(0);
  });

  it('are not opened any more after the close', async () => {
    const backend = backendOf('ok:closed');
    await backend.close!();
    expect(await rejectionOf(ask(backend))).toMatchObject({ code: 'backend_closed' });
    expect(await provider.last('ok:closed')).toBeUndefined();
  });

  it('are given up at once when the caller leaves while they are being made', async () => {
    // It takes connections and never shakes hands, so that TLS never comes about.
    const silent: Server = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as { port: number };
    const backend = backendOf('ok', { baseUrl: `https://127.0.0.1:${port}` });
    const controller = new AbortController();
    const connected = once(silent, 'connection');
    const rejected = rejectionOf(backend.generate(aRequest(), aContext(controller.signal)));
    await connected;
    const abortedAt = performance.now();
    controller.abort('gone');
    expect(await rejected).toBe('gone');
    expect(performance.now() - abortedAt).toBeLessThan(5_000);
    await backend.close!();
    silent.close();
  });
});

describe('failures on the wire', () => {
  it.each([
    ['reset_before_headers', /^(ECONNRESET|UND_ERR_SOCKET)$/],
    ['reset', /^(ECONNRESET|UND_ERR_SOCKET)$/],
    ['truncated', /^(ECONNRESET|UND_ERR_SOCKET)$/],
  ])('carry the code of the socket: %s', async (behaviour, code) => {
    const backend = backendOf(behaviour);
    const error = (await rejectionOf(ask(backend))) as BackendError;
    expect(error.code).toMatch(code);
    expect(error.status).toBeUndefined();
    expect((error.cause as Error).message).not.toBe('');
    await backend.close!();
  });

  it('carry the code when nobody listens', async () => {
    const backend = backendOf('ok', { baseUrl: 'http://127.0.0.1:1' });
    const error = (await rejectionOf(ask(backend))) as BackendError;
    expect(error.code).toBe('ECONNREFUSED');
    expect(error.message).toContain("model 'a' could not be reached");
    await backend.close!();
  });

  it('carry the words of a page, without its markup', async () => {
    const backend = backendOf('error_html');
    const error = (await rejectionOf(ask(backend))) as BackendError;
    expect(error).toMatchObject({ status: 502, message: "model 'a' answered 502: 502 Bad Gateway" });
    await backend.close!();
  });

  it('cut the words of a provider at 500 characters, after the keys are hidden', async () => {
    const backend = backendOf('echo_key', { headers: { 'x-tenant': 'a1', 'x-api-key': 'k-987654321' } });
    const error = (await rejectionOf(ask(backend))) as BackendError;
    expect(error.message.length).toBeLessThan(540);
    const printed = everythingPrinted(error);
    for (const secret of ['0123456789', 'k-987654321', 'x-tenant: a1']) expect(printed).not.toContain(secret);
    await backend.close!();
  });

  it('do not quote the conversation', async () => {
    const backend = backendOf('echo_prompt');
    const prompt = 'My account number is 5532 and my name is Johanna';
    const error = (await rejectionOf(
      backend.generate(aRequest({ prompt, messages: [{ role: 'user', content: prompt }] }), aContext()),
    )) as BackendError;
    expect(error.message).toBe(`model 'a' answered 500: cannot answer "[prompt]"`);
    await backend.close!();
  });

  it('keep their status when the reason never arrives in full', async () => {
    const backend = backendOf('error_hangs');
    const controller = new AbortController();
    const rejected = rejectionOf(backend.generate(aRequest(), aContext(controller.signal)));
    const error = await rejected;
    expect(error).toMatchObject({ status: 500 });
    await provider.reached('error_hangs', 'client_closed');
    await backend.close!();
  }, 10_000);

  it('include an answer that does not fit into memory', async () => {
    const backend = backendOf('huge');
    expect(await rejectionOf(ask(backend))).toMatchObject({ code: 'response_too_large' });
    await provider.reached('huge', 'client_closed');
    await backend.close!();
  });

  it('include a request that JSON cannot carry, which is the caller’s own mistake', async () => {
    const backend = backendOf('ok');
    const request = aRequest({ providerOptions: { count: 1n } });
    expect(await rejectionOf(backend.generate(request, aContext()))).toMatchObject({
      status: 400,
      code: 'request_not_serialisable',
    });
    await backend.close!();
  });
});

it('a caller who leaves while the body is awaited closes the connection', async () => {
  const backend = backendOf('hang_in_body');
  const controller = new AbortController();
  const rejected = rejectionOf(backend.generate(aRequest(), aContext(controller.signal)));
  await provider.reached('hang_in_body', 'started');
  controller.abort('gone');
  expect(await rejected).toBe('gone');
  await provider.reached('hang_in_body', 'client_closed');
  await backend.close!();
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigurationError, RouterStoppedError } from '../../src/errors.ts';
import { LLMRouter } from '../../src/llm-router.ts';
import { type InspectOptions, resolveInspectOptions } from '../../src/server/inspector-options.ts';
import { serveInspector } from '../../src/server/inspector-server.ts';
import { build } from '../support/build.ts';
import { openFrames } from '../support/frames-client.ts';
import { OWN_HEADER } from '../support/inspector-app.ts';
import { rejectionOf } from '../support/leaks.ts';
import { ask, eventually } from '../support/running-server.ts';
import { ScriptedBackend } from '../support/scripted-backend.ts';
import { settled } from '../support/virtual-clock.ts';

const KEY = 'k-secret-4711';

let router: LLMRouter;
beforeEach(() => {
  router = new LLMRouter().addModel('gpu', { backend: new ScriptedBackend() });
});
afterEach(() => router.stop({ graceMs: 0 }));

const get = (url: string) => ask(url, { headers: OWN_HEADER });
const originOf = (url: string): string => new URL(url).origin;

describe('inspect', () => {
  it('shows the router on a free port of the loopback, and nothing but the inspector', async () => {
    const { url } = await router.inspect();
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:[1-9]\d*\/inspector\/$/);
    expect((await get(`${url}session`)).json).toEqual({ view: true, control: true, keyed: false });
    expect((await get(`${originOf(url)}/livez`)).status).toBe(200);
    expect((await get(originOf(url))).headers.location).toBe('inspector/');
    for (const path of ['/stats', '/models', '/generate']) {
      expect((await get(originOf(url) + path)).status).toBe(404);
    }
  });

  it('tells what the router does', async () => {
    const { url } = await router.inspect();
    const viewer = openFrames(originOf(url));
    await eventually(() => viewer.text.includes('"full":true'));
    router.pause('gpu');
    await eventually(() => viewer.text.includes('"paused"'));
    viewer.leave();
  });

  it('answers neither a foreign name nor a page of another origin', async () => {
    const { url } = await router.inspect({ allowHosts: ['router.internal'] });
    const status = async (headers: Record<string, string>) => (await ask(`${url}session`, { headers })).status;
    expect(await status({ host: 'evil.example' })).toBe(421);
    expect(await status({ origin: 'http://evil.example' })).toBe(403);
    expect(await status({ host: 'router.internal' })).toBe(200);
  });

  it('asks for the key that it was given', async () => {
    const { url } = await router.inspect({ adminKey: KEY });
    expect((await get(`${url}session`)).json).toEqual({ view: false, control: false, keyed: true });
    expect((await ask(`${url}session`, { headers: { authorization: `Bearer ${KEY}` } })).json).toMatchObject({
      view: true,
    });
  });

  it.each([
    [true, 1],
    [false, 0],
  ])('opens the browser when that is %s', async (open, times) => {
    const shown: string[] = [];
    const { url, close } = await serveInspector(router, resolveInspectOptions({ open }), (page) => shown.push(page));
    expect(shown).toEqual(Array(times).fill(url));
    await close();
  });

  it('keeps what was asked and answered only when it is told to', async () => {
    const backend = { generate: async () => ({ content: 'an answer' }) };
    router.addModel('quick', { backend });
    const [closed, open] = [await router.inspect(), await router.inspect({ includeContent: true })];
    const { requestId } = await router.generate('a prompt', { model: 'quick' });
    const content = async ({ url }: { url: string }) =>
      ((await get(`${url}requests/${requestId}`)).json as { content?: object }).content;
    expect(await content(closed)).toBeUndefined();
    expect(await content(open)).toEqual({ prompt: expect.stringContaining('a prompt'), answer: 'an answer' });
  });
});

describe('inspect at stately.ai', () => {
  it('calls the relay, until it is closed', async () => {
    const relay = createServer().listen(0, '127.0.0.1');
    await once(relay, 'listening');
    const url = `ws://127.0.0.1:${(relay.address() as AddressInfo).port}`;
    const called = once(relay, 'upgrade');
    const inspection = await router.inspect({ adapter: 'stately', url });
    expect(inspection.url).toBe(url);
    const [, socket] = (await called) as [unknown, Socket];
    const left = once(socket.resume(), 'end');
    await inspection.close();
    await left;
    socket.destroy();
    relay.close();
  });

  it('warns when the relay is not there, and goes on', async () => {
    const warned = once(process, 'warning');
    await router.inspect({ adapter: 'stately', url: 'ws://127.0.0.1:1' });
    const [{ message }] = (await warned) as [Error];
    expect(message).toContain('ws://127.0.0.1:1');
    expect(router.isStopped).toBe(false);
  });
});

describe('an inspection ends', () => {
  const isGone = async (url: string) => expect(String(await rejectionOf(get(url)))).toContain('ECONNREFUSED');

  it('when it is closed, once or twice, and leaves the router', async () => {
    const { url, close } = await router.inspect();
    const viewer = openFrames(originOf(url));
    await eventually(() => viewer.text !== '');
    await Promise.all([close(), close()]);
    await isGone(url);
    await eventually(() => viewer.isOver);
    expect(router.isStopped).toBe(false);
  });

  it('before the router’s stop has', async () => {
    const { url } = await router.inspect();
    await router.stop();
    await isGone(url);
  });

  it('when the router ends without being stopped', async () => {
    const { url } = await router.inspect();
    router.actor.send({ type: 'stop', at: 0 });
    router.actor.send({ type: 'end', at: 0 });
    await eventually(() => router.isStopped);
    await settled();
    await isGone(url);
  });

  it('even when the router is stopped while it begins', async () => {
    const opening = rejectionOf(router.inspect());
    const stopped = router.stop();
    expect(router.stop()).toBe(stopped);
    await stopped;
    expect(await opening).toBeInstanceOf(RouterStoppedError);
  });

  it('before it begins, of a router that is stopped', async () => {
    await router.stop();
    expect(await rejectionOf(router.inspect())).toBeInstanceOf(RouterStoppedError);
  });
});

describe('inspect refuses', () => {
  it.each<[string, InspectOptions, string, RegExp]>([
    ['a port that is none', { port: 65_536 }, 'port', /given 65536; accepted: an integer of 0 to 65,535/],
    ['a host with a scheme', { host: 'http://x' }, 'host', /given "http:\/\/x"; accepted: an address or a host name/],
    ['others to see it without a key', { host: '0.0.0.0' }, 'host', /"0\.0\.0\.0" without adminKey; accepted: a loop/],
    ['others by IPv6', { host: '::' }, 'host', /"::" without adminKey/],
    ['a wrong adapter', { adapter: 'xstate' as 'page' }, 'adapter', /given "xstate"; accepted: page, stately/],
    [
      'an address for its own page',
      { url: 'ws://localhost:1' },
      'url',
      /adapter 'page'; accepted: with 'stately' only/,
    ],
    [
      'stately at an address that is none',
      { adapter: 'stately', url: 'localhost' },
      'url',
      /url: given "localhost"; accepted: /,
    ],
    ['a key that cannot be sent', { adminKey: 'a key' }, 'adminKey', /given a string; accepted: one or more visible/],
    ['what is no option', { prot: 1 } as InspectOptions, 'prot', /did you mean port\?/],
    ['an address that is not here', { host: '192.0.2.7', adminKey: KEY }, 'host', /given "192\.0\.2\.7": .*EADDRNOT/],
  ])('%s', async (_, options, option, message) => {
    const error = await rejectionOf(router.inspect(options));
    expect(error).toBeInstanceOf(ConfigurationError);
    expect(error).toMatchObject({ option, message: expect.stringMatching(message) });
    expect(String(error)).not.toContain('a key');
  });

  it('a port that is in use', async () => {
    const holder = createServer().listen(0, '127.0.0.1');
    await once(holder, 'listening');
    const { port } = holder.address() as AddressInfo;
    const error = await rejectionOf(router.inspect({ port }));
    expect(error).toMatchObject({ option: 'port', message: expect.stringContaining(`${port}, which is in use`) });
    holder.close();
  });
});

it.each(['127.0.0.1', '127.1.2.3', '::1', 'localhost'])('takes %s for the loopback', (host) => {
  expect(resolveInspectOptions({ host })).toMatchObject({ host });
});

describe('a process', () => {
  const built = build();

  it('loads no server before it inspects, lives while it does, and ends after it', async () => {
    const script = `
      import { createRequire } from 'node:module';
      const { LLMRouter } = await import(${JSON.stringify(built.url('src/index.js'))});
      const { cache } = createRequire(import.meta.url);
      const say = (what) => console.log(what, Object.keys(cache).some((path) => path.includes('/node_modules/fastify/')));
      const router = new LLMRouter();
      say('before');
      const { url, close } = await router.inspect();
      process.once('SIGUSR2', close);
      say(url);
    `;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exit = once(child, 'exit');
    let output = '';
    child.stdout.on('data', (data) => (output += data));
    const url = await eventually(() => /(http:\S+) true\n/.exec(output)?.[1], 30_000);
    expect(output).toContain('before false\n');
    expect((await get(`${url}session`)).status).toBe(200);
    child.kill('SIGUSR2');
    expect(await exit).toEqual([0, null]);
  }, 60_000);
});

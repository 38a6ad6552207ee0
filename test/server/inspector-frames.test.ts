import type { Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { openFrames } from '../support/frames-client.ts';
import { cookieOf, type InspectorApp, runInspectorApp } from '../support/inspector-app.ts';
import { ask, eventually } from '../support/running-server.ts';
import { settled } from '../support/virtual-clock.ts';

const KEY = 'k-secret-4711';

let server: InspectorApp;
const clients: { leave(): void }[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) client.leave();
  await server[Symbol.asyncDispose]();
});

async function serve(adminKey?: string, readerTimeoutMs?: number): Promise<InspectorApp> {
  server = await runInspectorApp(adminKey, readerTimeoutMs);
  return server;
}

/** A viewer that is being shown the frames. */
async function watch(headers: Record<string, string> = {}) {
  const { inspector, url } = server;
  const before = inspector.viewers.length;
  const client = openFrames(url, headers);
  clients.push(client);
  const viewer = await eventually(() => inspector.viewers[before]);
  return { client, viewer };
}

/** The one viewer of a server, who reads nothing, and the server's end of the connection. */
async function watchIdly(headers: Record<string, string> = {}) {
  let socket!: Socket;
  server.app.server.once('connection', (accepted) => {
    socket = accepted;
  });
  const { client, viewer } = await watch(headers);
  client.socket.pause();
  return { client, viewer, socket };
}

const FRAME = JSON.stringify({ full: false, at: 1, text: 'x'.repeat(100_000) });

/** Sends frames until one finds its viewer behind, and gives how many were sent. */
async function sendUntilBehind(viewer: { send(json: string): boolean }): Promise<number> {
  for (let count = 1; count < 1_000; count++) {
    if (!viewer.send(FRAME)) return count;
    await settled();
  }
  throw new Error('it took a hundred megabytes that nobody read');
}

describe('frames', () => {
  it('come as one event each, through proxies that would gather them', async () => {
    await serve();
    const { client, viewer } = await watch();
    expect([viewer.send('{"at":1}'), viewer.send('{"at":2}')]).toEqual([true, true]);
    await eventually(() => client.text.includes('{"at":2}'));
    expect(client.text).toMatch(/^HTTP\/1\.1 200 /);
    expect(client.text.toLowerCase()).toMatch(/\r\ncontent-type: text\/event-stream\r\n/);
    expect(client.text.toLowerCase()).toMatch(/\r\nx-accel-buffering: no\r\n/);
    expect(client.text.toLowerCase()).toMatch(/\r\ncache-control: no-store\r\n/);
    expect(client.text).toContain('data: {"at":1}\n\n');
    expect(client.text).toContain('data: {"at":2}\n\n');
  });

  it('begin before there is one', async () => {
    await serve();
    const { client } = await watch();
    await eventually(() => client.text.startsWith('HTTP/1.1 200 '));
  });

  it('end for the inspector when the viewer leaves', async () => {
    const { inspector, clock } = await serve();
    const { client } = await watch();
    client.leave();
    await eventually(() => inspector.viewers.length === 0);
    expect(clock.pending).toBe(0);
  });

  it('are kept alive by a comment every 15 seconds', async () => {
    const { clock } = await serve();
    const { client } = await watch();
    const pulses = () => client.text.split(':\n\n').length - 1;
    await clock.advance(14_999);
    await eventually(() => client.text !== '');
    expect(pulses()).toBe(0);
    await clock.advance(1);
    await eventually(() => pulses() === 1);
    await clock.advance(15_000);
    await eventually(() => pulses() === 2);
  });

  it('are one line in the log, when they are over', async () => {
    const { log } = await serve();
    const { client, viewer } = await watch();
    viewer.send('{"at":1}');
    await eventually(() => client.text.includes('{"at":1}'));
    expect(log.lines).toEqual([]);
    client.leave();
    await eventually(() => log.lines.length > 0);
    expect(log.lines).toMatchObject([{ method: 'GET', route: '/inspector/frames' }]);
    expect(log.text).not.toContain('"at"');
  });

  it('go to 32 viewers, and to another when one has left', async () => {
    const { get, inspector } = await serve();
    for (let count = 0; count < 32; count++) await watch();
    expect(await get('frames')).toMatchObject({
      status: 503,
      json: { error: { code: 'viewer_refused', message: expect.stringContaining('32') } },
    });
    clients[7]!.leave();
    await eventually(() => inspector.viewers.length === 31);
    await watch();
    expect(inspector.viewers).toHaveLength(32);
  });

  it('have no head of their own', async () => {
    const { url, inspector } = await serve();
    expect((await ask(`${url}/inspector/frames`, { method: 'HEAD' })).status).toBe(404);
    expect(inspector.viewers).toHaveLength(0);
  });
});

describe('a viewer that does not read', () => {
  it('is behind, with one frame more than what is on its way, however long it goes on', async () => {
    const { inspector, clock } = await serve();
    const { viewer, socket } = await watchIdly();
    const sent = await sendUntilBehind(viewer);
    expect(sent).toBeGreaterThan(2);
    const buffered = socket.writableLength;
    expect(buffered).toBeGreaterThan(FRAME.length);
    expect(buffered).toBeLessThan(2 * FRAME.length + 1_000);
    await clock.advance(10 * 15_000);
    expect(socket.writableLength).toBe(buffered);
    expect(inspector.caughtUp).toBe(0);
  });

  it('is said to have caught up when it has read all, and takes more', async () => {
    const { inspector } = await serve();
    const { client, viewer } = await watchIdly();
    const sent = await sendUntilBehind(viewer);
    client.socket.resume();
    await eventually(() => inspector.caughtUp === 1);
    expect(viewer.send('{"full":true}')).toBe(true);
    await eventually(() => client.text.includes('{"full":true}'));
    expect(client.text.match(/data: /g)).toHaveLength(sent + 1);
    expect(inspector.caughtUp).toBe(1);
  });

  it('is cut when it takes nothing for as long as any reader may', async () => {
    const { inspector } = await serve(undefined, 100);
    const { viewer, socket } = await watchIdly();
    await sendUntilBehind(viewer);
    await eventually(() => inspector.viewers.length === 0);
    expect(socket.destroyed).toBe(true);
  });

  it('is not cut while there is nothing for it to take', async () => {
    const { inspector } = await serve(undefined, 20);
    const { client, viewer, socket } = await watchIdly();
    const timedOut = new Promise((resolve) => socket.once('timeout', resolve));
    await timedOut;
    expect(inspector.viewers).toHaveLength(1);
    client.socket.resume();
    viewer.send('{"at":1}');
    await eventually(() => client.text.includes('{"at":1}'));
  });
});

it('takes a frame larger than any buffer for no sign of a slow reader', async () => {
  const { inspector } = await serve();
  const { client, viewer } = await watch();
  for (let count = 1; count <= 5; count++) {
    expect(viewer.send(FRAME)).toBe(true);
    await eventually(() => client.text.match(/data: /g)?.length === count && client.text.length > count * FRAME.length);
    await settled();
  }
  expect(inspector.caughtUp).toBe(0);
});

describe('when the server closes', () => {
  it('frames end at once, for those that read and those that do not', async () => {
    const { app, inspector } = await serve();
    const { client } = await watch();
    const idle = await watch();
    idle.client.socket.pause();
    await sendUntilBehind(idle.viewer);
    const startedAt = performance.now();
    await app.close();
    expect(performance.now() - startedAt).toBeLessThan(4_000);
    await eventually(() => client.isOver);
    expect(client.text.endsWith('0\r\n\r\n')).toBe(true);
    expect(inspector.viewers).toHaveLength(0);
    expect(server.clock.pending).toBe(0);
  });
});

describe('with an admin key', () => {
  it('frames end when the session of their viewer has ended', async () => {
    const { clock, inspector, send } = await serve(KEY);
    const cookie = { cookie: cookieOf(await send('POST', 'session', { key: KEY })) };
    const { client } = await watch(cookie);
    await watch({ authorization: `Bearer ${KEY}` });
    await clock.advance(15_000);
    expect(inspector.viewers).toHaveLength(2);
    await send('DELETE', 'session', undefined, cookie);
    await clock.advance(15_000);
    await eventually(() => client.text.endsWith('0\r\n\r\n'));
    expect(inspector.viewers).toHaveLength(1);
  });

  it('a viewer that does not read is cut when its session has ended', async () => {
    const { clock, inspector, send } = await serve(KEY);
    const cookie = { cookie: cookieOf(await send('POST', 'session', { key: KEY })) };
    const { viewer, socket } = await watchIdly(cookie);
    await sendUntilBehind(viewer);
    await send('DELETE', 'session', undefined, cookie);
    await clock.advance(15_000);
    await eventually(() => socket.destroyed);
    expect(inspector.viewers).toHaveLength(0);
  });
});

import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import * as statelyPackage from '@statelyai/inspect';
import { getGlobalDispatcher, MockAgent, setGlobalDispatcher } from 'undici';
import { describe, expect, it } from 'vitest';
import { ConfigurationError } from '../../src/errors.ts';
import { attachStately } from '../../src/inspector/stately.ts';
import type { StatelyPackage } from '../../src/inspector/stately-feed.ts';
import type { LLMRouter } from '../../src/llm-router.ts';
import { rejectionOf } from '../support/leaks.ts';
import { ask } from '../support/rig.ts';
import { ACTORS, actorsIn, createBench, heard, serveOne, twoModels } from '../support/stately.ts';
import { settled } from '../support/virtual-clock.ts';

const { ends, relay, attach } = createBench();

/** A URL that nobody listens at. */
const deadUrl = (): Promise<string> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(`ws://127.0.0.1:${port}`));
    });
  });

/**
 * Resolves when no timer and no connection keeps the process alive; the test runner has one for moments. What tries
 * again and again never lets it.
 */
async function quiet(): Promise<void> {
  let left: string[] = [];
  for (let turn = 0; turn < 200_000; turn++) {
    await settled();
    left = process.getActiveResourcesInfo().filter((kind) => /Timeout|TCPSocketWrap|Connect/.test(kind));
    if (left.length === 0) return;
  }
  throw new Error(`still there: ${left.join(', ')}`);
}

/** Those who watch a router's system from now on. */
function countObservers({ actor }: LLMRouter): ReadonlySet<unknown> {
  const observers = new Set<unknown>();
  const inspect = actor.system.inspect.bind(actor.system);
  actor.system.inspect = (observer) => {
    observers.add(observer);
    const watch = inspect(observer);
    return {
      unsubscribe() {
        observers.delete(observer);
        watch.unsubscribe();
      },
    };
  };
  return observers;
}

describe('a fault', () => {
  it('of the connection is told once, and the router works on', async () => {
    const rig = twoModels();
    const made: unknown[] = [];
    const load = async (): Promise<StatelyPackage> => ({
      createInspector: (...args) => {
        made.push(args);
        return statelyPackage.createInspector(...args);
      },
    });
    const url = await deadUrl();
    const { errors, failed } = await attach(rig.router, { url: `${url}/?token=planted` }, { load });
    await serveOne(rig);
    await failed;
    await serveOne(rig);

    expect(errors).toHaveLength(1);
    expect(String(errors[0])).toBe(`Error: inspect: ${url} is not shown the router, or no longer`);
    expect((errors[0] as Error).cause).toMatchObject({ code: 'ECONNREFUSED' });
    expect(made, 'nothing is told or kept before the relay has answered').toEqual([]);
  });

  it('is a relay that hangs up', async () => {
    const page = await relay();
    const rig = twoModels();
    const { errors, failed } = await attach(rig.router, { url: page.url });
    await page.until(() => page.wire.length >= ACTORS);
    page.hangUp();
    await failed;
    await serveOne(rig);
    await page.until(() => page.open === 0);

    expect(errors).toHaveLength(1);
    expect(heard(page.messages, 'request')).toEqual([]);
    expect(page.connections).toBe(1);
  });

  it('is something else that listens there', async () => {
    const other = createHttpServer((_, response) => response.end()).listen(0, '127.0.0.1');
    ends.push(() => other.close());
    await once(other, 'listening');
    const connected = once(other, 'connection');
    const { port } = other.address() as AddressInfo;
    const { errors, failed } = await attach(twoModels().router, { url: `ws://127.0.0.1:${port}` });
    await failed;
    expect(errors).toHaveLength(1);
    const [socket] = (await connected) as [Socket];
    if (!socket.closed) await once(socket, 'close');
  });

  it.each([
    'createInspector',
    'actor',
    'event',
    'snapshot',
  ] as const)('is a package whose %s throws, and no actor notices', async (broken) => {
    const page = await relay();
    const rig = twoModels();
    const fault = new Error('broken');
    const breakIt = (): never => {
      throw fault;
    };
    const load = async (): Promise<StatelyPackage> => ({
      createInspector:
        broken === 'createInspector'
          ? breakIt
          : (...args) => ({ ...statelyPackage.createInspector(...args), [broken]: breakIt }),
    });
    const { errors } = await attach(rig.router, { url: page.url }, { load });
    await page.until(() => page.connections === 1);
    await page.until(() => page.wire.length >= (broken === 'event' || broken === 'snapshot' ? ACTORS : 0));
    await serveOne(rig);
    await page.until(() => page.open === 0);
    await serveOne(rig);

    expect(errors.map((error) => (error as Error).cause)).toEqual([fault]);
    expect(rig.router.actor.getSnapshot().status).toBe('active');
  });

  it('of whoever hears of faults stays with them', async () => {
    const { router } = twoModels();
    const url = await deadUrl();
    let heardOf = 0;
    await new Promise<void>((resolve) => {
      const onError = (): never => {
        heardOf++;
        resolve();
        throw new Error('deaf');
      };
      void attachStately({ actor: router.actor, onError }, { url });
    });
    await settled();
    expect(heardOf).toBe(1);
  });

  it('of the options is refused, and what may be a secret is not repeated', async () => {
    const { router } = twoModels();
    const error = await rejectionOf(attach(router, { url: 'http://localhost:8080/?token=planted' }));
    expect(error).toBeInstanceOf(ConfigurationError);
    expect((error as Error).message).toBe('inspect.url: given "http://localhost:8080/?…"; accepted: a ws or wss URL');
  });

  it.each([
    ['is not installed', "Cannot find package '@statelyai/inspect' imported from x", 'ERR_MODULE_NOT_FOUND'],
    ["cannot be loaded (Cannot find package 'superjson')", "Cannot find package 'superjson'", 'ERR_MODULE_NOT_FOUND'],
  ])('of a package that %s names it and how to install it', async (why, message, code) => {
    const { router } = twoModels();
    const load = (): Promise<never> => Promise.reject(Object.assign(new Error(message), { code }));
    const error = await rejectionOf(attach(router, {}, { load }));
    expect(error).toBeInstanceOf(ConfigurationError);
    expect((error as Error).message).toBe(
      `inspect.adapter: given 'stately', whose package @statelyai/inspect ${why}; ` +
        "accepted: 'stately' after npm install @statelyai/inspect@0.7",
    );
  });
});

describe('detaching', () => {
  it('leaves no observer, no timer and no connection', async () => {
    await quiet();
    const page = await relay();
    const rig = twoModels();
    const observers = countObservers(rig.router);
    const { errors, detach } = await attach(rig.router, { url: page.url });
    await page.until(() => page.wire.length >= ACTORS);
    expect(observers.size).toBe(1);
    // An attached inspector keeps no process alive.
    await quiet();
    detach();
    detach();
    expect(observers.size).toBe(0);
    await serveOne(rig);
    await page.until(() => page.open === 0);

    await quiet();
    expect(heard(page.messages, 'request')).toEqual([]);
    expect(page.connections).toBe(1);
    expect(errors).toEqual([]);
  });

  it('before the relay has answered opens nothing', async () => {
    await quiet();
    const page = await relay();
    const rig = twoModels();
    const { errors, detach } = await attach(rig.router, { url: page.url });
    detach();
    await serveOne(rig);
    const { detach: detachOther } = await attach(rig.router, { url: page.url });
    await page.until(() => page.wire.length >= ACTORS);
    detachOther();
    await page.until(() => page.open === 0);

    expect(actorsIn(page.messages).filter(({ name }) => name === 'model:gpu')).toHaveLength(1);
    await quiet();
    expect(errors).toEqual([]);
  });

  it('waits for no relay that does not answer', async () => {
    const page = await relay();
    const rig = twoModels();
    const { detach } = await attach(rig.router, { url: page.url });
    await page.until(() => page.wire.length >= ACTORS);
    page.ignore();
    detach();
    await page.until(() => page.open === 0);
  });

  it('while a relay has not said a word ends the connection', async () => {
    const mute = createServer();
    ends.push(() => mute.close());
    const [url, connected] = await new Promise<[string, Promise<Socket>]>((resolve) => {
      mute.listen(0, '127.0.0.1', () => {
        const { port } = mute.address() as AddressInfo;
        resolve([`ws://127.0.0.1:${port}`, once(mute, 'connection').then(([socket]) => socket as Socket)]);
      });
    });
    const { errors, detach } = await attach(twoModels().router, { url });
    const socket = await connected;
    await once(socket, 'data');
    detach();
    await once(
      socket.on('error', () => {}),
      'close',
    );
    expect(errors).toEqual([]);
  });
});

it('asks no proxy that the process has set for its calls', async () => {
  const before = getGlobalDispatcher();
  const refusing = new MockAgent();
  refusing.disableNetConnect();
  setGlobalDispatcher(refusing);
  ends.push(() => setGlobalDispatcher(before));
  const page = await relay();
  const { router } = twoModels();
  await attach(router, { url: page.url });
  await page.until(() => page.wire.length >= ACTORS);
  expect(page.connections).toBe(1);
});

it('two can watch one router', async () => {
  const [left, right] = [await relay(), await relay()];
  const rig = twoModels();
  await attach(rig.router, { url: left.url });
  await attach(rig.router, { url: right.url });
  await Promise.all([left, right].map((page) => page.until(() => page.wire.length >= ACTORS)));
  ask(rig.router, { model: 'gpu' });
  await Promise.all([left, right].map((page) => page.until(() => heard(page.messages, 'call.start').length === 1)));
});

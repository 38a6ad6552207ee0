import * as statelyPackage from '@statelyai/inspect';
import { createWebSocketReceiver } from '@statelyai/inspect';
import { describe, expect, it } from 'vitest';
import { createActor, createMachine, sendTo } from 'xstate';
import { createFeed, type StatelyPackage } from '../../src/inspector/stately-feed.ts';
import { LLMRouter } from '../../src/llm-router.ts';
import { ScriptedStreamingBackend } from '../support/scripted-backend.ts';
import { ACTORS, actorsIn, createBench, heard, serveOne, twoModels } from '../support/stately.ts';
import type { Message } from '../support/stately-relay.ts';
import { settled, VirtualClock } from '../support/virtual-clock.ts';

const { ends, relay, attach } = createBench();

describe('what is shown', () => {
  it('begins with the actors that are already there, each under its parent', async () => {
    const page = await relay();
    const { router } = twoModels();
    await attach(router, { url: page.url });
    await page.until(() => page.wire.length >= ACTORS);

    const actors = actorsIn(page.messages);
    const nameOf = new Map(actors.map(({ sessionId, name }) => [sessionId, name]));
    expect(actors.map(({ name, parentId }) => [name, parentId === undefined ? null : nameOf.get(parentId)])).toEqual(
      expect.arrayContaining([
        ['llm-router', null],
        ['timers', 'llm-router'],
        ['cache', 'llm-router'],
        ['work', 'cache'],
        ['model:gpu', 'llm-router'],
        ['slot:0', 'model:gpu'],
        ['slot:1', 'model:gpu'],
        ['model:cloud', 'llm-router'],
        ['slot:0', 'model:cloud'],
      ]),
    );
    const gpu = actors.find(({ name }) => name === 'model:gpu')!;
    expect(gpu.snapshot).toMatchObject({
      status: 'active',
      value: { breaker: 'closed', queue: 'accepting', control: 'active' },
      context: { name: 'gpu', load: { running: 0, waitingCount: 0 } },
    });
    expect(JSON.parse(gpu.definition!)).toMatchObject({
      id: 'model',
      states: { breaker: { states: { half_open: expect.any(Object) } } },
    });
    expect(gpu.definition).not.toContain('"[Object]"');
    expect(new Set(actors.map(({ rootId }) => rootId))).toEqual(new Set([router.actor.sessionId]));
  });

  it('goes on with what happens, and with who sent it', async () => {
    const page = await relay();
    const rig = twoModels();
    await attach(rig.router, { url: page.url });
    await page.until(() => page.wire.length >= ACTORS);
    await serveOne(rig);
    await page.until(() => heard(page.messages, 'model.succeeded').length > 0);

    const sessionOf = (name: string): string => actorsIn(page.messages).find((actor) => actor.name === name)!.sessionId;
    const [, toModel] = heard(page.messages, 'request');
    expect(toModel).toMatchObject({ sourceId: sessionOf('llm-router'), sessionId: sessionOf('model:gpu') });
    expect(toModel!.event).toMatchObject({ slip: { class: 'normal', candidates: ['gpu'], cursor: 0 }, at: 0 });
    const [succeeded] = heard(page.messages, 'call.succeeded');
    expect(succeeded!.event).toMatchObject({ slot: 0, lingers: false, permit: { generation: 1, probe: false } });
    const states = page.messages.filter(
      ({ type, sessionId }) => type.endsWith('snapshot') && sessionId === sessionOf('model:gpu'),
    );
    expect(states.map(({ snapshot }) => (snapshot?.context as { load: { running: number } }).load.running)).toContain(
      1,
    );
  });

  it('tells of models that come later', async () => {
    const page = await relay();
    const { router } = twoModels();
    await attach(router, { url: page.url });
    await page.until(() => page.wire.length >= ACTORS);
    router.addModel('late', { backend: new ScriptedStreamingBackend(), maxConcurrency: 1 });
    await page.until(() => actorsIn(page.messages).some(({ name }) => name === 'model:late'));
    expect(actorsIn(page.messages).filter(({ name }) => name === 'slot:0')).toHaveLength(3);
  });

  it('leaves out whatever else runs in the system of a router that was spawned', async () => {
    const page = await relay();
    const clock = new VirtualClock();
    const machine = createMachine({
      id: 'their-own',
      types: {} as { context: { secret: string; router: LLMRouter } },
      context: ({ spawn }) => {
        const router = new LLMRouter({ clock, spawn: (logic) => spawn(logic, { id: 'ours' }) });
        router.addModel('gpu', { backend: new ScriptedStreamingBackend(), maxConcurrency: 1 });
        return { secret: 'PLANTED', router };
      },
      on: { poke: { actions: sendTo('ours', { type: 'noise' }) } },
    });
    const parent = createActor(machine, { clock }).start();
    const { router } = parent.getSnapshot().context;
    await attach(router, { url: page.url });
    await page.until(() => page.wire.length >= 5);
    parent.send({ type: 'PLANTED' });
    parent.send({ type: 'poke' });
    router.pause('gpu');
    await page.until(() => heard(page.messages, 'pause').length > 0);

    expect(page.wire.join('\n')).not.toMatch(/PLANTED|their-own/);
    const root = actorsIn(page.messages).find(({ name }) => name === 'ours')!;
    expect(root).not.toHaveProperty('parentId');
    expect(heard(page.messages, 'noise').map(({ sourceId }) => sourceId)).toEqual([undefined]);
    expect(new Set(page.messages.map(({ rootId }) => rootId))).toEqual(new Set([root.sessionId]));
  });

  it('is what the package’s own receiver takes', async () => {
    const page = await relay();
    const { router } = twoModels();
    const received: Message[] = [];
    createWebSocketReceiver({ server: page.url }).subscribe((message) => {
      received.push(message as unknown as Message);
    });
    await page.until(() => page.open === 1);
    await attach(router, { url: page.url });
    await page.until(() => page.wire.length >= ACTORS);
    const late: Message[] = [];
    await new Promise<void>((resolve) => {
      createWebSocketReceiver({ server: page.url }).subscribe((message) => {
        late.push(message as unknown as Message);
        if (late.length === page.wire.length) resolve();
      });
    });
    expect(actorsIn(late).map(({ name }) => name)).toContain('model:gpu');
    expect(received).toEqual(late);
  });
});

describe('a relay that reads too slowly', () => {
  it('misses what came meanwhile, and is told of everyone anew once it has caught up', async () => {
    const rig = twoModels();
    const sent: Message[] = [];
    const line = {
      isBehind: false,
      isClear: true,
      send: (text: string) => void sent.push(JSON.parse(text)),
      close() {},
    };
    const feed = createFeed(statelyPackage as StatelyPackage, rig.router.actor, line);
    const watch = rig.router.actor.system.inspect(feed.observe);
    ends.push(() => watch.unsubscribe());
    feed.announce();
    sent.length = 0;

    Object.assign(line, { isBehind: true, isClear: false });
    await serveOne(rig);
    expect(sent).toEqual([]);
    Object.assign(line, { isBehind: false });
    await serveOne(rig);
    expect(sent, 'nothing until it has caught up').toEqual([]);
    Object.assign(line, { isClear: true });
    await serveOne(rig);

    const firstEvent = sent.findIndex(({ type }) => type !== '@xstate.actor');
    expect(actorsIn(sent.slice(0, firstEvent))).toHaveLength(ACTORS);
    expect(heard(sent, 'model.succeeded')).toHaveLength(1);
  });

  it('makes no more than about 1 MiB wait', async () => {
    const page = await relay();
    const rig = twoModels();
    const { errors } = await attach(rig.router, { url: page.url });
    await page.until(() => page.wire.length >= ACTORS);
    page.pause();
    // Within one turn of the loop nothing can be handed on, so that all of it waits.
    for (let count = 0; count < 5_000; count++) rig.router.pause('gpu');
    rig.router.resume('gpu');
    page.resume();
    await page.until(() => page.wire.length > 500);
    await settled();
    rig.router.drain('gpu');
    await page.until(() => heard(page.messages, 'drain').length > 0);

    const bytes = page.wire.join('').length;
    expect(heard(page.messages, 'pause').length).toBeLessThan(5_000);
    expect(bytes).toBeLessThan(1_600_000);
    expect(errors).toEqual([]);
  });
});

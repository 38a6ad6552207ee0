import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { assign, createActor, initialTransition, setup, stopChild } from 'xstate';
import { createRequest } from '../../machines/index.ts';
import type { Answer } from '../../src/answer.ts';
import { ConfigurationError } from '../../src/errors.ts';
import { LLMRouter } from '../../src/llm-router.ts';
import { collectFatal } from '../support/fatal.ts';
import { rejectionOf } from '../support/leaks.ts';
import { ask, watch } from '../support/rig.ts';
import { ScriptedStreamingBackend } from '../support/scripted-backend.ts';
import { settled, VirtualClock } from '../support/virtual-clock.ts';

const fatal = collectFatal();

/** A system whose root spawns a router as it is made; nothing is started. */
function createSystem() {
  const clock = new VirtualClock();
  const backend = new ScriptedStreamingBackend();
  const machine = setup({
    types: { context: {} as { router: LLMRouter }, events: {} as { type: 'drop' } | { type: 'ping' } },
    actions: { dropRouter: stopChild(({ context }) => context.router.actor) },
  }).createMachine({
    context: ({ spawn }) => ({ router: new LLMRouter({ clock, seed: 1, spawn: (logic) => spawn(logic) }) }),
    on: { drop: { actions: 'dropRouter' }, ping: {} },
  });
  const parent = createActor(machine, { clock });
  const { router } = parent.getSnapshot().context;
  return { backend, clock, machine, parent, router };
}

const createStarted = () => {
  const system = createSystem();
  system.router.addModel('m', { backend: system.backend, maxConcurrency: 2 });
  system.parent.start();
  return system;
};

describe('a spawned router', () => {
  it('lives as a child of the machine that spawned it, under no name in the system', async () => {
    const { backend, parent, router } = createStarted();
    const request = ask(router);
    backend.last.succeed({ content: 'hello' });
    await settled();
    expect(request.answer).toMatchObject({ content: 'hello', modelUsed: 'm' });
    expect(Object.values(parent.getSnapshot().children)).toEqual([router.actor]);
    expect(router.actor.system).toBe(parent.system);
    expect(parent.system.getAll()).toEqual({});
  });

  it('takes models, rules and requests before its parent is started', async () => {
    const { backend, parent, router } = createSystem();
    const other = new ScriptedStreamingBackend();
    router.addModel('m', { backend }).addModel('other', { backend: other });
    router.addRoute('high', { targets: ['other'] });
    const early = ask(router, { priority: 'high' });
    other.last.succeed({ content: 'early' });
    await settled();
    expect(early.answer?.content).toBe('early');

    const pending = ask(router);
    parent.start();
    backend.last.succeed({ content: 'late' });
    await settled();
    expect(pending.answer?.content).toBe('late');
    expect(parent.getSnapshot().status).toBe('active');
  });

  it('can be spawned by a running machine, with models added in the same step', async () => {
    const clock = new VirtualClock();
    const backend = new ScriptedStreamingBackend();
    const machine = setup({
      types: { context: {} as { router: LLMRouter | null }, events: {} as { type: 'begin' } },
      actions: { addModel: ({ context }) => context.router?.addModel('m', { backend }) },
    }).createMachine({
      context: { router: null },
      initial: 'idle',
      states: {
        idle: {
          on: {
            begin: {
              target: 'routing',
              actions: assign({ router: ({ spawn }) => new LLMRouter({ clock, spawn: (logic) => spawn(logic) }) }),
            },
          },
        },
        routing: { entry: 'addModel' },
      },
    });
    const parent = createActor(machine, { clock }).start();
    parent.send({ type: 'begin' });
    const request = ask(parent.getSnapshot().context.router!);
    backend.last.succeed();
    await settled();
    expect(request.answer?.content).toBe('ok');
  });

  it('takes what an actor of the same system sends it, and answers there', async () => {
    const { backend, clock, router } = createSystem();
    router.addModel('m', { backend });
    const heard: unknown[] = [];
    const asker = setup({ types: { events: {} as { type: 'request.settled'; output?: Answer } } }).createMachine({
      entry: ({ self }) => router.actor.send(createRequest(router, { prompt: 'hi', replyTo: self as never }).request),
      on: { 'request.settled': { actions: ({ event }) => heard.push(event.output?.content) } },
    });
    createActor(asker, { clock }).start();
    backend.last.succeed({ content: 'hello' });
    await settled();
    expect(heard).toEqual(['hello']);
  });

  it('recovers a breaker by the clock of the system', async () => {
    const { backend, clock, parent, router } = createSystem();
    router.addModel('m', { backend, breaker: { failureThreshold: 1, openJitter: 0, recoveryTimeoutMs: 1_000 } });
    parent.start();
    ask(router);
    backend.last.fail();
    await clock.advance(999);
    expect(router.getModelStatus()['m']!.circuitBreaker.state).toBe('open');
    await clock.advance(1);
    expect(router.getModelStatus()['m']!.circuitBreaker.state).toBe('half_open');
  });

  it('leaves the pure functions of its parent’s chart usable', () => {
    const { machine } = createSystem();
    expect(initialTransition(machine)[0].status).toBe('active');
  });

  it.each([
    ['spawn that gives no actor', { spawn: (() => undefined) as never }, 'spawn'],
    ['spawn that is no function', { spawn: 'router' as never }, 'spawn'],
    ['inspect beside spawn', { spawn: (() => undefined) as never, inspect: () => {} }, 'inspect'],
  ])('refuses %s by name', (_, options, option) => {
    expect(() => new LLMRouter(options)).toThrow(ConfigurationError);
    expect(() => new LLMRouter(options)).toThrow(expect.objectContaining({ option }));
  });
});

/** One request in every phase, and what each has heard by the end. */
async function occupy({ backend, router }: ReturnType<typeof createStarted>) {
  const { signal } = new AbortController();
  const settlements: string[] = [];
  router.on('request.settled', ({ requestId }) => settlements.push(requestId));
  const running = ask(router, { signal });
  const streaming = watch(router);
  const waiting = ask(router, { signal });
  backend.lastStream.push('a');
  await settled();
  const requests = [running, streaming, waiting];
  return {
    requests,
    settlements,
    /** Every request has been told once, by every way there is, and nothing of the router is left. */
    expectNothingLeft(clock: VirtualClock): void {
      expect(requests.map(({ code }) => code)).toEqual(Array(3).fill('router_stopped'));
      expect(settlements.sort()).toEqual(['req-1', 'req-2', 'req-3']);
      expect(router.getStats()).toMatchObject({ totalRequests: 3, failures: 3 });
      expect([backend.last.context.signal.aborted, backend.lastStream.context.signal.aborted]).toEqual([true, true]);
      expect(backend.closed).toBe(1);
      expect(clock.pending).toBe(0);
      expect(getEventListeners(signal, 'abort')).toHaveLength(0);
      expect(router.isStopped).toBe(true);
      // By its own stop it comes to its final state; with its parent it is stopped.
      expect(['done', 'stopped']).toContain(router.actor.getSnapshot().status);
      expect(fatal).toEqual([]);
    },
  };
}

describe('the end of a spawned router', () => {
  it('comes with its parent’s: every pending request settles once', async () => {
    const system = createStarted();
    const { expectNothingLeft } = await occupy(system);
    system.parent.stop();
    await settled();
    expectNothingLeft(system.clock);

    await system.router.stop();
    const late = ask(system.router);
    await settled();
    expect(late.code).toBe('router_stopped');
    expect(system.backend.closed).toBe(1);
  });

  it('comes by stopChild in the parent, which lives on', async () => {
    const system = createStarted();
    const { expectNothingLeft } = await occupy(system);
    system.parent.send({ type: 'drop' });
    await settled();
    expectNothingLeft(system.clock);
    expect(system.parent.getSnapshot()).toMatchObject({ status: 'active', children: {} });
  });

  it('comes by its own stop(), with the grace, and its parent lives on', async () => {
    const system = createStarted();
    const { expectNothingLeft, requests } = await occupy(system);
    const stopped = system.router.stop({ graceMs: 500 });
    await system.clock.advance(499);
    expect(requests.map(({ isSettled }) => isSettled)).toEqual([false, false, true]);
    await system.clock.advance(1);
    await stopped;
    expectNothingLeft(system.clock);

    system.parent.send({ type: 'ping' });
    expect(system.parent.getSnapshot().status).toBe('active');
    system.parent.stop();
    await settled();
    expect(system.parent.getSnapshot().status).toBe('stopped');
    expect(system.backend.closed).toBe(1);
    expect(fatal).toEqual([]);
  });

  it('lets what runs finish within the grace of its own stop()', async () => {
    const { backend, parent, router } = createStarted();
    const running = ask(router);
    const stopped = router.stop();
    backend.last.succeed();
    await stopped;
    expect(running.answer?.content).toBe('ok');
    expect(router.actor.getSnapshot().status).toBe('done');
    parent.stop();
  });

  it('closes each backend once, also when nothing was pending', async () => {
    const { backend, parent, router } = createStarted();
    const stopped = router.stop();
    expect(router.stop()).toBe(stopped);
    await stopped;
    parent.stop();
    await settled();
    expect(backend.closed).toBe(1);
  });

  it('comes at once when its parent stops within the grace of its own stop()', async () => {
    const system = createStarted();
    const { expectNothingLeft } = await occupy(system);
    const stopped = system.router.stop();
    await settled();
    system.parent.stop();
    await stopped;
    expectNothingLeft(system.clock);
  });

  it('settles a parked request too', async () => {
    const { clock, parent, router, backend } = createSystem();
    router.addModel('m', { backend, breaker: { failureThreshold: 1 } });
    router.addRoute({}, { targets: ['m'], whenUnavailable: 'wait' });
    parent.start();
    ask(router, { whenUnavailable: 'fail' });
    backend.last.fail();
    await settled();
    const parked = ask(router, { timeoutMs: 100_000 });
    await settled();
    expect(parked.isSettled).toBe(false);
    parent.stop();
    await settled();
    expect(parked.code).toBe('router_stopped');
    expect(clock.pending).toBe(0);
  });

  it('settles a removal that is under way', async () => {
    const { parent, router } = createStarted();
    ask(router);
    const removed = router.removeModel('m');
    parent.stop();
    await removed;
    expect(await rejectionOf(router.removeModel('m'))).toMatchObject({ code: 'router_stopped' });
  });

  it('does not come when its parent dies of an error of its own: it serves until it is stopped', async () => {
    const { backend, clock } = createSystem();
    const machine = setup({ types: { context: {} as { router: LLMRouter } } }).createMachine({
      context: ({ spawn }) => ({ router: new LLMRouter({ clock, spawn: (logic) => spawn(logic) }) }),
      on: {
        break: {
          actions: () => {
            throw new Error('mine');
          },
        },
      },
    });
    const parent = createActor(machine, { clock });
    parent.subscribe({ error: () => {} });
    const { router } = parent.start().getSnapshot().context;
    router.addModel('m', { backend });
    const pending = ask(router);
    parent.send({ type: 'break' });
    expect(parent.getSnapshot().status).toBe('error');
    backend.last.succeed();
    await settled();
    expect(pending.answer?.content).toBe('ok');
    await router.stop();
    expect(clock.pending).toBe(0);
    expect(fatal).toEqual([]);
  });
});

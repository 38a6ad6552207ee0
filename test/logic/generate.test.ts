import { describe, expect, it } from 'vitest';
import { type AnyActorRef, assign, createActor, type InspectionEvent, setup } from 'xstate';
import { BackendError, LLMRouterError, ProviderFailedError } from '../../src/errors.ts';
import type { LLMRouter } from '../../src/llm-router.ts';
import { generateLogic } from '../../src/logics.ts';
import type { RequestInput } from '../../src/submission.ts';
import { collectFatal } from '../support/fatal.ts';
import { createRig } from '../support/rig.ts';
import { eventually } from '../support/running-server.ts';
import { settled } from '../support/virtual-clock.ts';

const fatal = collectFatal();

/** asking ─▶ answered | failed | left */
function machineOf(router: LLMRouter, request: RequestInput = { prompt: 'hi' }) {
  return setup({
    types: {
      context: {} as { text: string; model: string; error: unknown },
      events: {} as { type: 'leave' } | { type: 'again' },
    },
    actors: { ask: generateLogic(router) },
  }).createMachine({
    context: { text: '', model: '', error: null },
    initial: 'asking',
    states: {
      asking: {
        invoke: {
          id: 'ask',
          src: 'ask',
          input: () => request,
          onDone: {
            target: 'answered',
            actions: assign({
              text: ({ event }) => event.output.content,
              model: ({ event }) => event.output.modelUsed,
            }),
          },
          onError: { target: 'failed', actions: assign({ error: ({ event }) => event.error }) },
        },
        on: { leave: 'left' },
      },
      answered: {},
      failed: { on: { again: 'asking' } },
      left: {},
    },
  });
}

const start = (router: LLMRouter, request?: RequestInput) => createActor(machineOf(router, request)).start();

describe('generateLogic', () => {
  it('answers the machine that invokes it', async () => {
    const { backends, router } = createRig({ m: {} });
    const actor = start(router, { prompt: 'why?', priority: 'high', temperature: 0.5 });
    expect(backends.m.last.request).toMatchObject({ prompt: 'why?', temperature: 0.5 });
    backends.m.last.succeed({ content: 'because' });
    await settled();

    expect(actor.getSnapshot()).toMatchObject({ value: 'answered', context: { text: 'because', model: 'm' } });
    expect(router.getStats().requestsByPriority.high).toBe(1);
  });

  it('takes a conversation as well', async () => {
    const { backends, router } = createRig({ m: {} });
    const messages = [
      { role: 'system' as const, content: 'Be brief.' },
      { role: 'user' as const, content: 'why?' },
    ];
    start(router, { messages, timeoutMs: 5_000 });
    expect(backends.m.last.request.messages).toEqual(messages);
  });

  it('hands the typed error to onError', async () => {
    const { backends, router } = createRig({ m: {} });
    const actor = start(router);
    backends.m.last.fail(new BackendError('down', { status: 503 }));
    await settled();
    const { error } = actor.getSnapshot().context;
    expect(actor.getSnapshot().value).toBe('failed');
    expect(error).toBeInstanceOf(ProviderFailedError);
    expect(error).toMatchObject({ code: 'provider_failed', candidates: [{ model: 'm', reason: 'status_503' }] });
  });

  it.each([
    ['an empty prompt', { prompt: '' }, 'prompt'],
    ['an unknown option', { prompt: 'hi', temprature: 1 }, 'temprature'],
    ['neither a prompt nor messages', {}, 'prompt'],
    ['nothing', undefined, 'input'],
    ['a bare string', 'hi', 'input'],
  ])('fails with request_invalid when it is given %s', async (_, request, field) => {
    const { router } = createRig({ m: {} });
    const actor = createActor(
      machineOf(router).provide({ actors: { ask: withInput(generateLogic(router), request) } }),
    ).start();
    await settled();
    expect(actor.getSnapshot()).toMatchObject({
      value: 'failed',
      context: { error: { code: 'request_invalid', field } },
    });
  });

  it('calls the request off when its state is left, and blames nobody', async () => {
    const { backends, clock, router } = createRig({ m: { breaker: { failureThreshold: 1 } } });
    const actor = start(router);
    const { context, succeed } = backends.m.last;
    actor.send({ type: 'leave' });
    expect(context.signal.aborted).toBe(true);
    succeed();
    await settled();

    expect(actor.getSnapshot()).toMatchObject({ value: 'left', status: 'active' });
    expect(router.getStats()).toMatchObject({ totalRequests: 1, cancelled: 1, failures: 0, successes: 0 });
    expect(router.getModelStatus()['m']).toMatchObject({ queueDepth: 0, circuitBreaker: { failureCount: 0 } });
    await router.stop();
    expect(clock.pending).toBe(0);
    expect(fatal).toEqual([]);
  });

  it('calls off a request that waits in a queue', async () => {
    const { backends, router } = createRig({ m: { maxConcurrency: 1 } });
    start(router);
    const waiting = start(router);
    expect(router.getModelStatus()['m']!.queueDepth).toBe(2);
    waiting.send({ type: 'leave' });
    expect(router.getModelStatus()['m']!.queueDepth).toBe(1);
    backends.m.last.succeed();
    await settled();
    expect(backends.m.calls).toHaveLength(1);
    expect(router.getStats()).toMatchObject({ successes: 1, cancelled: 1 });
  });

  it('calls the request off when the machine is stopped', async () => {
    const { backends, router } = createRig({ m: {} });
    start(router).stop();
    await settled();
    expect(backends.m.last.context.signal.aborted).toBe(true);
    expect(router.getStats()).toMatchObject({ totalRequests: 1, cancelled: 1 });
    expect(fatal).toEqual([]);
  });

  it('asks nothing when its state is left in the step that entered it', async () => {
    const { backends, router } = createRig({ m: {} });
    const hasty = setup({ actors: { ask: generateLogic(router) } }).createMachine({
      initial: 'asking',
      states: { asking: { invoke: { src: 'ask', input: { prompt: 'hi' } }, always: 'left' }, left: {} },
    });
    createActor(hasty).start();
    await settled();
    expect(backends.m.calls).toEqual([]);
  });

  it('takes a signal of its own with the request; its reason reaches onError', async () => {
    const { backends, router } = createRig({ m: {} });
    const controller = new AbortController();
    const actor = start(router, { prompt: 'hi', signal: controller.signal });
    controller.abort('enough');
    await settled();
    expect(actor.getSnapshot()).toMatchObject({ value: 'failed', context: { error: 'enough' } });
    expect(backends.m.last.context.signal.aborted).toBe(true);

    const left = start(router, { prompt: 'hi', signal: new AbortController().signal });
    left.send({ type: 'leave' });
    expect(backends.m.last.context.signal.aborted).toBe(true);
  });

  it('fails with router_stopped when the router stops, and when it has stopped', async () => {
    const { clock, router } = createRig({ m: {} });
    const running = start(router);
    const stopped = router.stop({ graceMs: 0 });
    await clock.advance(0);
    await stopped;
    const late = start(router);
    await settled();
    for (const actor of [running, late]) {
      expect(actor.getSnapshot()).toMatchObject({ value: 'failed', context: { error: { code: 'router_stopped' } } });
    }
  });
});

describe('a machine without onError', () => {
  const careless = (router: LLMRouter) =>
    setup({ actors: { ask: generateLogic(router) } }).createMachine({
      invoke: { id: 'ask', src: 'ask', input: { prompt: 'hi' } },
    });

  it('is put in error by the typed error, which the root’s observer hears', async () => {
    const { backends, router } = createRig({ m: {} });
    const heard: unknown[] = [];
    const actor = createActor(careless(router));
    actor.subscribe({ error: (error) => heard.push(error) });
    actor.start();
    backends.m.last.fail();
    await settled();
    await settled();
    expect(actor.getSnapshot()).toMatchObject({ status: 'error', error: { code: 'provider_failed' } });
    expect(heard).toEqual([expect.any(LLMRouterError)]);
    expect(fatal).toEqual([]);
  });

  it('with no observer either raises one uncaught exception, as XState does, and no unhandled rejection', async () => {
    const { backends, router } = createRig({ m: {} });
    const rejections: unknown[] = [];
    process.on('unhandledRejection', (error) => rejections.push(error));
    createActor(careless(router)).start();
    backends.m.last.fail();
    await eventually(() => fatal.length > 0);
    expect(fatal).toEqual([expect.objectContaining({ code: 'provider_failed' })]);
    expect(rejections).toEqual([]);
  });
});

describe('the prompt of a call', () => {
  const SECRET = 'my diary says';

  it('is in no snapshot, persisted or inspected, but only where XState shows what starts an actor', async () => {
    const { backends, router } = createRig({ m: {} });
    const inspected: string[] = [];
    const inspect = (event: InspectionEvent): void => {
      if (event.type === '@xstate.action' && event.action.type === 'xstate.spawnChild') return;
      if ('event' in event && event.event.type === 'xstate.init') return;
      inspected.push(JSON.stringify(event));
    };
    const actor = createActor(machineOf(router, { prompt: SECRET }), { inspect }).start();
    const child = actor.getSnapshot().children['ask'] as AnyActorRef;
    inspected.push(JSON.stringify(actor.getPersistedSnapshot()), JSON.stringify(child.getSnapshot()));
    backends.m.last.succeed({ content: 'dear me' });
    await settled();
    inspected.push(JSON.stringify(actor.getPersistedSnapshot()));

    expect(backends.m.last.request.prompt).toBe(SECRET);
    expect(inspected.length).toBeGreaterThan(5);
    expect(inspected.filter((text) => text.includes(SECRET))).toEqual([]);
  });

  it('is lost when the machine is persisted in mid-call: the restored call fails, and can be made again', async () => {
    const { backends, router } = createRig({ m: {} });
    const machine = machineOf(router);
    const snapshot = JSON.parse(JSON.stringify(createActor(machine).start().getPersistedSnapshot()));
    const restored = createActor(machine, { snapshot }).start();
    await settled();
    expect(restored.getSnapshot()).toMatchObject({
      value: 'failed',
      context: { error: { code: 'request_invalid', field: 'input' } },
    });
    expect(backends.m.calls).toHaveLength(1);

    restored.send({ type: 'again' });
    backends.m.last.succeed({ content: 'again' });
    await settled();
    expect(restored.getSnapshot()).toMatchObject({ value: 'answered', context: { text: 'again' } });
  });
});

/** What JavaScript could give, whatever the types say. */
function withInput(logic: ReturnType<typeof generateLogic>, input: unknown): typeof logic {
  return { ...logic, getInitialSnapshot: (scope) => logic.getInitialSnapshot(scope, input as RequestInput) };
}

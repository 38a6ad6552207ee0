import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { assign, createActor, fromCallback, setup } from 'xstate';
import type { RequestSettled } from '../../machines/index.ts';
import { createRequest } from '../../machines/index.ts';
import type { Answer } from '../../src/answer.ts';
import { createRig } from '../support/rig.ts';
import { settled } from '../support/virtual-clock.ts';

/** An actor that keeps what it is told. */
function listener() {
  const heard: { type: string; id: string; output?: Answer; error?: unknown }[] = [];
  const actor = createActor(fromCallback(({ receive }) => receive((event) => heard.push(event as never)))).start();
  return { heard, replyTo: actor as never };
}

describe('a request that an actor sends', () => {
  it('is answered to its replyTo, once', async () => {
    const { backends, router } = createRig({ m: {} });
    const { heard, replyTo } = listener();
    const { id, request } = createRequest(router, { prompt: 'hi', replyTo });
    router.actor.send(request);
    backends.m.last.succeed({ content: 'hello' });
    await settled();

    expect(heard).toMatchObject([{ type: 'request.settled', id, output: { content: 'hello', modelUsed: 'm' } }]);
    expect(heard[0]).not.toHaveProperty('error');
  });

  it('tells its replyTo why it failed', async () => {
    const { backends, router } = createRig({ m: {} });
    const { heard, replyTo } = listener();
    const { id, request } = createRequest(router, { messages: [{ role: 'user', content: 'hi' }], replyTo });
    router.actor.send(request);
    backends.m.last.fail();
    await settled();

    expect(heard).toMatchObject([{ type: 'request.settled', id, error: { code: 'provider_failed' } }]);
    expect(heard[0]).not.toHaveProperty('output');
  });

  it('can be called off by the event that came with it', async () => {
    const { backends, clock, router } = createRig({ m: {} });
    const { heard, replyTo } = listener();
    const { cancel, id, request } = createRequest(router, { prompt: 'hi', replyTo });
    router.actor.send(request);
    router.actor.send(cancel(clock.now()));
    await settled();

    expect(heard).toMatchObject([{ type: 'request.settled', id, error: { name: 'AbortError' } }]);
    expect(backends.m.last.context.signal.aborted).toBe(true);
    expect(router.getStats()).toMatchObject({ totalRequests: 1, cancelled: 1, failures: 0 });
    expect(router.getModelStatus()['m']!.circuitBreaker.failureCount).toBe(0);
  });

  it('that is called off before it is sent is not called', async () => {
    const { backends, clock, router } = createRig({ m: {} });
    const { heard, replyTo } = listener();
    const { cancel, request } = createRequest(router, { prompt: 'hi', replyTo });
    router.actor.send(cancel(clock.now()));
    router.actor.send(request);
    await settled();

    expect(heard).toHaveLength(1);
    expect(backends.m.calls).toEqual([]);
    expect(router.getModelStatus()['m']).toMatchObject({ queueDepth: 0, running: 0 });
  });

  it('that is sent twice is answered once', async () => {
    const { backends, router } = createRig({ m: { maxConcurrency: 4 } });
    const { heard, replyTo } = listener();
    const { request } = createRequest(router, { prompt: 'hi', replyTo });
    router.actor.send(request);
    router.actor.send(request);
    for (const call of backends.m.calls) call.succeed();
    await settled();

    expect(heard).toHaveLength(1);
    expect(router.getStats().totalRequests).toBe(1);
    expect(router.getModelStatus()['m']).toMatchObject({ queueDepth: 0, running: 0, lingering: 0 });
  });

  it('is refused at once when it is wrong, unknown or late', async () => {
    const { router } = createRig({ m: {} });
    expect(() => createRequest(router, { prompt: '' })).toThrow(expect.objectContaining({ code: 'request_invalid' }));
    expect(() => createRequest(router, { prompt: 'hi', model: 'x' })).toThrow(
      expect.objectContaining({ code: 'model_unknown' }),
    );
    await router.stop();
    expect(() => createRequest(router, { prompt: 'hi' })).toThrow(expect.objectContaining({ code: 'router_stopped' }));
  });

  it('serves a machine that waits for the answer in a state', async () => {
    const { backends, router } = createRig({ m: {} });
    const machine = setup({
      types: { context: {} as { text: string }, events: {} as { type: 'request.settled'; output?: Answer } },
    }).createMachine({
      context: { text: '' },
      initial: 'asking',
      states: {
        asking: {
          entry: ({ self }) =>
            router.actor.send(createRequest(router, { prompt: 'hi', replyTo: self as never }).request),
          on: {
            'request.settled': {
              target: 'answered',
              actions: assign({ text: ({ event }) => event.output?.content ?? '' }),
            },
          },
        },
        answered: { type: 'final' },
      },
    });
    const actor = createActor(machine).start();
    backends.m.last.succeed({ content: 'hello' });
    await settled();

    expect(actor.getSnapshot()).toMatchObject({ value: 'answered', context: { text: 'hello' } });
  });
});

describe('the root', () => {
  it('emits request.settled once for each request, however it ends', async () => {
    const { ask, backends, clock, router, watch } = createRig({ m: { maxConcurrency: 2, maxQueueDepth: 5 } });
    const emitted: RequestSettled[] = [];
    router.actor.on('request.settled', (event) => emitted.push(event));
    ask();
    watch();
    ask({ timeoutMs: 10 });
    const aborted = ask();
    ask();
    ask();
    aborted.abort('left');
    await clock.advance(10);
    backends.m.last.succeed();
    backends.m.lastStream.push('a');
    backends.m.lastStream.fail();
    await settled();
    backends.m.last.fail();
    await settled();
    await router.stop();

    const ids = emitted.map(({ id }) => id);
    expect(ids.sort()).toEqual(['req-1', 'req-2', 'req-3', 'req-4', 'req-5', 'req-6']);
    expect(router.getStats().totalRequests).toBe(6);
  });

  it('shows an answer to whoever reads output, and to nobody who prints the event', async () => {
    const { ask, backends, router } = createRig({ m: {} });
    const emitted: RequestSettled[] = [];
    router.actor.on('request.settled', (event) => emitted.push(event));
    ask();
    backends.m.last.succeed({ content: 'the answer' });
    await settled();
    ask();
    backends.m.last.fail(new Error('the failure'));
    await settled();

    const [served, failed] = emitted;
    expect((served!.output as Answer).content).toBe('the answer');
    expect(served!.error).toBeUndefined();
    expect(failed!.error).toMatchObject({ code: 'provider_failed' });
    expect(failed!.output).toBeUndefined();
    for (const event of emitted) {
      const printed = JSON.stringify(event) + inspect(event, { depth: 12, showHidden: true });
      expect(printed).not.toMatch(/the answer|the failure/);
      expect(JSON.parse(JSON.stringify(event))).toMatchObject({ type: 'request.settled', id: event.id });
      expect({ ...event }).not.toHaveProperty('output');
    }
  });

  it('gives figures only to listeners of the router', async () => {
    const { ask, backends, heard } = createRig({ m: {} });
    const events = heard('request.settled');
    ask({ tenant: 't' });
    backends.m.last.succeed({ content: 'the answer' });
    await settled();
    expect(events).toMatchObject([{ requestId: 'req-1', success: true, model: 'm', tenant: 't' }]);
    expect(inspect(events, { depth: 12, showHidden: true, getters: true })).not.toContain('the answer');
  });
});

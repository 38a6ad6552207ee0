import { describe, expect, it } from 'vitest';
import { assign, createActor, setup } from 'xstate';
import { StreamInterruptedError } from '../../src/errors.ts';
import type { LLMRouter } from '../../src/llm-router.ts';
import { type StreamLogicEvent, streamLogic } from '../../src/logics.ts';
import type { RequestInput } from '../../src/submission.ts';
import { collectFatal } from '../support/fatal.ts';
import { startUnderParent } from '../support/parent.ts';
import { createRig } from '../support/rig.ts';
import { ScriptedBackend } from '../support/scripted-backend.ts';
import { settled } from '../support/virtual-clock.ts';

const fatal = collectFatal();

const listen = (router: LLMRouter, input: RequestInput | undefined = { prompt: 'hi' }) =>
  startUnderParent<StreamLogicEvent>(streamLogic(router), input);

/** writing ─▶ written | failed | left */
const writer = (router: LLMRouter) =>
  setup({
    types: { context: {} as { text: string }, events: {} as StreamLogicEvent | { type: 'leave' } },
    actors: { write: streamLogic(router) },
  }).createMachine({
    context: { text: '' },
    initial: 'writing',
    states: {
      writing: {
        invoke: { id: 'write', src: 'write', input: { prompt: 'hi' } },
        on: {
          'stream.chunk': {
            actions: assign({
              text: ({ context, event }) => context.text + (event.chunk.type === 'text' ? event.chunk.text : ''),
            }),
          },
          'stream.done': 'written',
          'stream.failed': 'failed',
          leave: 'left',
        },
      },
      written: {},
      failed: {},
      left: {},
    },
  });

describe('streamLogic', () => {
  it('sends its parent the chunks in order, then the answer', async () => {
    const { backends, router } = createRig({ m: {} });
    const { heard } = listen(router, { prompt: 'why?', priority: 'low' });
    const { lastStream } = backends.m;
    lastStream.push({ type: 'reasoning', text: 'hm' });
    for (const text of ['be', 'cau', 'se']) lastStream.push(text);
    lastStream.end({ finishReason: 'stop' });
    await settled();

    expect(lastStream.request.prompt).toBe('why?');
    expect(heard.map((event) => (event.type === 'stream.chunk' ? event.chunk : event.type))).toEqual([
      { type: 'reasoning', text: 'hm' },
      { type: 'text', text: 'be' },
      { type: 'text', text: 'cau' },
      { type: 'text', text: 'se' },
      'stream.done',
    ]);
    expect(heard.at(-1)).toMatchObject({ output: { content: 'because', modelUsed: 'm', reasoning: 'hm' } });
    expect(router.getStats()).toMatchObject({ successes: 1, requestsByPriority: { low: 1 } });
  });

  it('hands each chunk over as it comes', async () => {
    const { backends, router } = createRig({ m: {} });
    const actor = createActor(writer(router)).start();
    for (const text of ['a', 'b']) {
      backends.m.lastStream.push(text);
      await settled();
    }
    expect(actor.getSnapshot()).toMatchObject({ value: 'writing', context: { text: 'ab' } });
    backends.m.lastStream.end();
    await settled();
    expect(actor.getSnapshot()).toMatchObject({ value: 'written', context: { text: 'ab' } });
  });

  it('sends the whole answer of a backend that cannot stream as one chunk', async () => {
    const { router } = createRig({});
    const backend = new ScriptedBackend();
    router.addModel('whole', { backend });
    const { heard } = listen(router);
    await settled();
    backend.last.succeed({ content: 'all of it' });
    await settled();
    expect(heard).toMatchObject([
      { type: 'stream.chunk', chunk: { type: 'text', text: 'all of it' } },
      { type: 'stream.done', output: { content: 'all of it' } },
    ]);
  });

  it('tells two streams of one machine apart by the ids that it gave them', async () => {
    const { backends, router } = createRig({ m: {} });
    const heard: string[] = [];
    const write = streamLogic(router);
    const both = setup({ types: { events: {} as StreamLogicEvent }, actors: { write } }).createMachine({
      invoke: [
        { id: 'left', src: 'write', input: { prompt: 'l' } },
        { id: 'right', src: 'write', input: { prompt: 'r' } },
      ],
      on: { '*': { actions: ({ event }) => heard.push(`${event.actorId} ${event.type}`) } },
    });
    createActor(both).start();
    const [left, right] = backends.m.streams;
    right!.push('b');
    right!.end();
    await settled();
    left!.push('a');
    left!.fail();
    await settled();
    expect(heard).toEqual(['right stream.chunk', 'right stream.done', 'left stream.chunk', 'left stream.failed']);
  });

  it('says stream.failed, with what router.stream throws, before and after the first content', async () => {
    const { backends, router } = createRig({ m: {} });
    const early = listen(router);
    backends.m.lastStream.fail();
    await settled();
    expect(early.heard).toMatchObject([{ type: 'stream.failed', error: { code: 'provider_failed' } }]);

    const late = listen(router);
    backends.m.lastStream.push('half');
    backends.m.lastStream.fail();
    await settled();
    const [chunk, failed] = late.heard;
    expect(chunk).toMatchObject({ type: 'stream.chunk' });
    expect(failed).toMatchObject({ type: 'stream.failed', error: { code: 'stream_interrupted', partialText: 'half' } });
    expect(failed?.type === 'stream.failed' && failed.error).toBeInstanceOf(StreamInterruptedError);
  });

  it.each([
    ['an empty prompt', { prompt: '' }, 'prompt'],
    ['nothing', null as never, 'input'],
  ])('says stream.failed when it is given %s', async (_, input, field) => {
    const { router } = createRig({ m: {} });
    const { heard } = listen(router, input);
    await settled();
    expect(heard).toMatchObject([{ type: 'stream.failed', error: { code: 'request_invalid', field } }]);
    expect(fatal).toEqual([]);
  });

  it('says stream.failed when the router stops in mid-stream', async () => {
    const { backends, clock, router } = createRig({ m: {} });
    const { heard } = listen(router);
    backends.m.lastStream.push('a');
    await settled();
    const stopped = router.stop({ graceMs: 0 });
    await clock.advance(0);
    await stopped;
    expect(heard.map(({ type }) => type)).toEqual(['stream.chunk', 'stream.failed']);
    expect(heard[1]).toMatchObject({ error: { code: 'router_stopped' } });
  });
});

describe('stopping a streamLogic', () => {
  it('by leaving its state in mid-stream calls the request off and says no more', async () => {
    const { backends, clock, router } = createRig({ m: { breaker: { failureThreshold: 1 } } });
    const actor = createActor(writer(router)).start();
    backends.m.lastStream.push('a');
    await settled();
    actor.send({ type: 'leave' });
    expect(backends.m.lastStream.context.signal.aborted).toBe(true);
    backends.m.lastStream.push('b');
    backends.m.lastStream.end();
    await settled();

    expect(actor.getSnapshot()).toMatchObject({ value: 'left', context: { text: 'a' } });
    expect(router.getStats()).toMatchObject({ totalRequests: 1, cancelled: 1, failures: 0 });
    expect(router.getModelStatus()['m']).toMatchObject({ queueDepth: 0, circuitBreaker: { failureCount: 0 } });
    await router.stop();
    expect(clock.pending).toBe(0);
    expect(fatal).toEqual([]);
  });

  it('by stopping its parent in mid-stream calls the request off', async () => {
    const { backends, router } = createRig({ m: {} });
    const parent = listen(router);
    backends.m.lastStream.push('a');
    await settled();
    parent.stop();
    backends.m.lastStream.fail();
    await settled();
    expect(backends.m.lastStream.context.signal.aborted).toBe(true);
    expect(parent.heard.map(({ type }) => type)).toEqual(['stream.chunk']);
    expect(router.getStats()).toMatchObject({ cancelled: 1, failures: 0 });
    expect(fatal).toEqual([]);
  });

  it('takes a request out of the queue that it waits in', async () => {
    const { backends, router } = createRig({ m: { maxConcurrency: 1 } });
    listen(router);
    const waiting = listen(router);
    waiting.stop();
    expect(router.getModelStatus()['m']).toMatchObject({ queueDepth: 1, running: 1 });
    expect(backends.m.streams).toHaveLength(1);
    await settled();
    expect(waiting.heard).toEqual([]);
  });
});

it('the prompt of a stream is in no snapshot; a restored stream fails with request_invalid', async () => {
  const { backends, router } = createRig({ m: {} });
  const machine = writer(router);
  const persisted = JSON.stringify(createActor(machine).start().getPersistedSnapshot());
  expect(persisted).toContain('"write"');
  expect(persisted).not.toContain('prompt');

  const restored = createActor(machine, { snapshot: JSON.parse(persisted) }).start();
  await settled();
  expect(restored.getSnapshot().value).toBe('failed');
  expect(backends.m.streams).toHaveLength(1);
});

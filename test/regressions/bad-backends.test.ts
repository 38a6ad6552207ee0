import { describe, expect, it } from 'vitest';
import type { Backend } from '../../src/backends/backend.ts';
import { collectFatal } from '../support/fatal.ts';
import { createRig } from '../support/rig.ts';
import { settled } from '../support/virtual-clock.ts';

const fatal = collectFatal();

/** Something whose every property throws when it is read. */
const untouchable = new Proxy(
  {},
  {
    get() {
      throw new Error('hands off');
    },
  },
);

const generate = async () => ({ content: 'ok' });

async function* pieces(...list: unknown[]) {
  yield* list;
}

const BAD_ANSWERS: Readonly<Record<string, () => unknown>> = {
  nothing: () => undefined,
  'a text': () => 'hello',
  'a promise of nothing': async () => null,
  'a promise of an answer without content': async () => ({ text: 'hello' }),
  'a throw': () => {
    throw new Error('at once');
  },
  'a rejection with nothing': () => Promise.reject(),
  'a rejection with a text': () => Promise.reject('no'),
  'a rejection with what cannot be read': () => Promise.reject(untouchable),
  'a thenable that throws': () => ({
    // biome-ignore lint/suspicious/noThenProperty: a broken thenable is the case
    then() {
      throw new Error('then');
    },
  }),
  'an answer whose content cannot be read': async () => ({
    get content() {
      throw new Error('hands off');
    },
  }),
};

const BAD_STREAMS: Readonly<Record<string, () => unknown>> = {
  nothing: () => undefined,
  'a throw': () => {
    throw new Error('at once');
  },
  'a piece that is nothing': () => pieces(null),
  'a piece that cannot be read': () => pieces(untouchable),
  'a text that is no text': () => pieces({ type: 'text', text: 5 }),
  'a text without text': () => pieces({ type: 'text' }),
  'a throw of what cannot be read': () => ({
    [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(untouchable) }),
  }),
};

describe('a backend that misbehaves', () => {
  it.each(Object.keys(BAD_ANSWERS))('by %s has failed, and neither router nor process suffers', async (what) => {
    const { ask, backends, router } = createRig({});
    router.addModel('bad', { backend: { generate: BAD_ANSWERS[what]! } as unknown as Backend });
    router.addModel('good', { backend: { generate } });
    const request = ask();
    await settled();
    await settled();

    expect(fatal).toEqual([]);
    expect(router.actor.getSnapshot().status).toBe('active');
    expect(request.answer).toMatchObject({ modelUsed: 'good', attempts: 2 });
    expect(router.getModelStatus()['bad']).toMatchObject({ running: 0, circuitBreaker: { failureCount: 1 } });
    expect(backends).toEqual({});
  });

  it.each(
    Object.keys(BAD_STREAMS),
  )('by a stream of %s has failed, and neither router nor process suffers', async (what) => {
    const { router, watch } = createRig({});
    router.addModel('bad', { backend: { generate, stream: BAD_STREAMS[what]! } as unknown as Backend });
    router.addModel('good', { backend: { generate } });
    const stream = watch();
    await settled();
    await settled();

    expect(fatal).toEqual([]);
    expect(router.actor.getSnapshot().status).toBe('active');
    expect(stream).toMatchObject({ text: 'ok', answer: { modelUsed: 'good' } });
    expect(router.getModelStatus()['bad']).toMatchObject({ running: 0, circuitBreaker: { failureCount: 1 } });
  });

  it('by answering twice is held to its first word', async () => {
    const { ask, router } = createRig({});
    const twice = {
      // biome-ignore lint/suspicious/noThenProperty: a broken thenable is the case
      then(resolve: (value: unknown) => void, reject: (error: unknown) => void) {
        resolve({ content: 'first' });
        resolve({ content: 'second' });
        reject(new Error('third'));
      },
    };
    router.addModel('bad', { backend: { generate: () => twice } as unknown as Backend });
    const request = ask();
    await settled();
    expect(request.answer?.content).toBe('first');
    expect(router.getModelStatus()['bad']).toMatchObject({ running: 0, successes: 1 });
    expect(fatal).toEqual([]);
  });

  it('by asking the same router while it is asked is served', async () => {
    const { ask, router } = createRig({});
    router.addModel('good', { backend: { generate } });
    router.addModel('relay', { backend: { generate: () => router.generate('on', { model: 'good' }) } });
    const request = ask({ model: 'relay' });
    await settled();
    expect(request.answer).toMatchObject({ content: 'ok', modelUsed: 'relay' });
  });

  it('by removing itself while it is asked is removed, and its request moves on', async () => {
    const { ask, clock, router } = createRig({});
    router.addModel('bad', {
      backend: {
        generate() {
          void router.removeModel('bad', { graceMs: 0 });
          return new Promise<never>(() => {});
        },
      },
    });
    router.addModel('good', { backend: { generate } });
    const request = ask();
    await clock.advance(1_000);
    expect(request.answer?.modelUsed).toBe('good');
    expect(Object.keys(router.getModelStatus())).toEqual(['good']);
    expect(fatal).toEqual([]);
  });
});

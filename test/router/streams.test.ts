import { describe, expect, it } from 'vitest';
import type { BackendChunk } from '../../src/backends/backend.ts';
import { BackendError } from '../../src/errors.ts';
import { createRig } from '../support/rig.ts';
import { settled } from '../support/virtual-clock.ts';

const usage = { promptTokens: 3, completionTokens: 4, totalTokens: 7 };

describe('a stream', () => {
  it('hands out typed chunks in their order, and the whole answer with its figures last', async () => {
    const { backends, clock, watch } = createRig({ m: {} });
    const stream = watch({ tenant: 't' });
    const pieces: BackendChunk[] = [
      { type: 'reasoning', text: 'Let me see. ' },
      { type: 'text', text: '' },
      { type: 'text', text: 'Hel' },
      { type: 'tool_call', index: 0, id: 'call-1', name: 'find', arguments: '{"a"' },
      { type: 'text', text: 'lo' },
      { type: 'tool_call', index: 0, arguments: ':1}' },
    ];
    await clock.advance(20);
    for (const piece of pieces) backends.m.lastStream.push(piece);
    await clock.advance(30);
    backends.m.lastStream.end({ finishReason: 'tool_calls', usage, raw: { id: 'x' } });
    await settled();

    expect(stream.chunks.slice(0, -1)).toEqual(pieces.filter((piece) => piece.type !== 'text' || piece.text !== ''));
    expect(stream.chunks.at(-1)).toMatchObject({
      type: 'done',
      answer: {
        content: 'Hello',
        reasoning: 'Let me see. ',
        toolCalls: [{ id: 'call-1', name: 'find', arguments: '{"a":1}' }],
        finishReason: 'tool_calls',
        usage,
        raw: { id: 'x' },
        modelUsed: 'm',
        success: true,
        latencyMs: 50,
        attempts: 1,
        tenant: 't',
        trace: { candidates: [{ verdict: 'served', attempts: [{ firstTokenMs: 20, ms: 50, outcome: 'success' }] }] },
      },
    });
  });

  it('is sent at once, not at the first read', () => {
    const { backends, router } = createRig({ m: {} });
    router.stream('hi');
    expect(backends.m.streams).toHaveLength(1);
  });

  it('of a backend that cannot stream is the whole text as one chunk', async () => {
    const { router, watch } = createRig({});
    router.addModel('whole', { backend: { generate: async () => ({ content: 'all of it', usage }) } });
    const stream = watch();
    await settled();
    expect(stream.chunks).toMatchObject([
      { type: 'text', text: 'all of it' },
      { type: 'done', answer: { content: 'all of it', usage } },
    ]);
  });

  it('of a wrong request throws at the first read, not at the call', async () => {
    const { router } = createRig({ m: {} });
    await expect(router.stream('hi', { model: 'x' }).next()).rejects.toMatchObject({ code: 'model_unknown' });
    await expect(router.stream('').next()).rejects.toMatchObject({ code: 'request_invalid' });
  });

  it('ends for good: after done, and after an error, every read says so', async () => {
    const { backends, router } = createRig({ m: {} });
    const served = router.stream('hi');
    backends.m.lastStream.end();
    expect((await served.next()).value).toMatchObject({ type: 'done' });
    expect(await served.next()).toEqual({ done: true, value: undefined });
    expect(await served.next()).toEqual({ done: true, value: undefined });

    const failed = router.stream('hi');
    backends.m.lastStream.fail();
    await expect(failed.next()).rejects.toMatchObject({ code: 'provider_failed' });
    expect(await failed.next()).toEqual({ done: true, value: undefined });
  });
});

describe('leaving a stream', () => {
  it('by break tells the backend to stop, and blames nobody', async () => {
    const { backends, breaker, clock, heard, router } = createRig({ m: { breaker: { failureThreshold: 1 } } });
    const settlements = heard('request.settled');
    backends.m.streams.length = 0;
    const reading = (async () => {
      for await (const chunk of router.stream('hi')) if (chunk.type === 'text') break;
    })();
    backends.m.lastStream.push('a');
    await reading;

    expect(backends.m.lastStream.context.signal.aborted).toBe(true);
    await clock.advance(1_000);
    expect(settlements).toMatchObject([{ success: false, code: 'cancelled' }]);
    expect(router.getStats()).toMatchObject({ totalRequests: 1, failures: 0, cancelled: 1 });
    expect(breaker('m')).toBe('closed');
    expect(router.getModelStatus()['m']).toMatchObject({ running: 0, lingering: 0 });
  });

  it('by throwing tells the backend to stop, and the reader’s own error comes through', async () => {
    const { backends, router } = createRig({ m: {} });
    const own = new Error('the reader’s own');
    const reading = (async () => {
      for await (const _ of router.stream('hi')) throw own;
    })();
    backends.m.lastStream.push('a');

    await expect(reading).rejects.toBe(own);
    expect(backends.m.lastStream.context.signal.aborted).toBe(true);
  });

  it('by return before the first read takes it out of the queue', async () => {
    const { ask, backends, router } = createRig({ m: { maxConcurrency: 1 } });
    ask();
    const waiting = router.stream('hi');
    await waiting.return?.();
    expect(router.getModelStatus()['m']!.queueDepth).toBe(1);
    backends.m.last.succeed();
    await settled();
    expect(backends.m.streams).toHaveLength(0);
  });

  it('after the end changes nothing', async () => {
    const { backends, router } = createRig({ m: {} });
    const stream = router.stream('hi');
    backends.m.lastStream.push('a');
    backends.m.lastStream.end();
    await settled();
    await stream.return?.();
    expect(router.getStats()).toMatchObject({ successes: 1, cancelled: 0 });
    expect(backends.m.lastStream.context.signal.aborted).toBe(false);
  });
});

describe('a model that fails', () => {
  it.each([
    ['before anything', []],
    ['after an empty piece only', [{ type: 'text' as const, text: '' }]],
  ])('%s is left for the next one, and the reader never knows', async (_when, pieces) => {
    const { backends, watch } = createRig({ a: {}, b: {} });
    const stream = watch();
    for (const piece of pieces) backends.a.lastStream.push(piece);
    backends.a.lastStream.fail(new BackendError('down', { status: 503 }));
    await settled();
    backends.b.lastStream.push('from b');
    backends.b.lastStream.end();
    await settled();

    expect(stream.chunks).toMatchObject([{ type: 'text', text: 'from b' }, { type: 'done' }]);
    expect(stream.answer).toMatchObject({ modelUsed: 'b', attempts: 2, content: 'from b' });
  });

  it.each([
    ['a text', { type: 'text', text: 'a' }],
    ['reasoning', { type: 'reasoning', text: 'hm' }],
    ['a tool call', { type: 'tool_call', index: 0, name: 'find' }],
  ] as const)('after %s has reached the reader ends the stream with a typed error', async (_what, piece) => {
    const { backends, watch } = createRig({ a: {}, b: {} });
    const stream = watch();
    backends.a.lastStream.push(piece);
    await settled();
    const cause = new BackendError('cut', { status: 502, code: 'ECONNRESET' });
    backends.a.lastStream.fail(cause);
    await settled();

    expect(stream.chunks).toEqual([piece]);
    expect(stream.error).toMatchObject({
      code: 'stream_interrupted',
      name: 'StreamInterruptedError',
      model: 'a',
      status: 502,
      partialText: piece.type === 'text' ? piece.text : '',
      cause,
    });
    expect(backends.b.streams).toHaveLength(0);
  });

  it('with a caller’s fault before the first content ends the stream as generate would', async () => {
    const { backends, watch } = createRig({ a: {}, b: {} });
    const stream = watch();
    backends.a.lastStream.fail(new BackendError('no', { status: 400 }));
    await settled();
    expect(stream).toMatchObject({ code: 'provider_rejected', error: { status: 400 } });
  });

  it('hands out what was buffered before it throws', async () => {
    const { backends, router } = createRig({ m: {} });
    const stream = router.stream('hi');
    for (const text of ['a', 'b', 'c']) backends.m.lastStream.push(text);
    await settled();
    backends.m.lastStream.fail();
    await settled();
    for (const text of ['a', 'b', 'c']) expect((await stream.next()).value).toEqual({ type: 'text', text });
    await expect(stream.next()).rejects.toMatchObject({ code: 'stream_interrupted', partialText: 'abc' });
  });
});

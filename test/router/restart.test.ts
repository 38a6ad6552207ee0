import { describe, expect, it } from 'vitest';
import type { LLMRouterError } from '../../src/errors.ts';
import { createRig } from '../support/rig.ts';
import { settled } from '../support/virtual-clock.ts';

const restart = { onStreamFailure: 'restart' } as const;
const text = (words: string) => ({ type: 'text', text: words });

describe('a stream that breaks after its first content, and may restart', () => {
  it('begins again with the next model, and its reader is told', async () => {
    const { backends, heard, router, watch } = createRig({ m: {}, spare: {} });
    const settlements = heard('request.settled');
    const stream = watch(restart);
    backends.m.lastStream.push('Once');
    backends.m.lastStream.push(' upon');
    backends.m.lastStream.fail();
    await settled();
    expect(stream.chunks).toEqual([text('Once'), text(' upon')]);
    backends.spare.lastStream.push('A story.');
    backends.spare.lastStream.end({
      finishReason: 'stop',
      usage: { promptTokens: 1, completionTokens: 2, totalTokens: 3 },
    });
    await settled();

    expect(stream.chunks.slice(0, -1)).toEqual([
      text('Once'),
      text(' upon'),
      { type: 'restart', model: 'spare' },
      text('A story.'),
    ]);
    expect(stream.answer).toMatchObject({ content: 'A story.', modelUsed: 'spare', usage: { totalTokens: 3 } });
    expect(stream.answer?.trace.candidates).toMatchObject([
      { model: 'm', verdict: 'failed' },
      { model: 'spare', verdict: 'served' },
    ]);
    expect(settlements).toMatchObject([{ success: true }]);
    expect(router.getModelStatus()['m']!.circuitBreaker.failureCount).toBe(1);
  });

  it.each([
    ['throws, when nobody says otherwise', {}, {}, 'stream_interrupted'],
    ['restarts, when its rule says so', restart, {}, undefined],
    ['throws, when the request says so against its rule', restart, { onStreamFailure: 'fail' }, 'stream_interrupted'],
    ['restarts, when the request says so against its rule', { onStreamFailure: 'fail' }, restart, undefined],
  ] as const)('%s', async (_, rule, request, code) => {
    const { backends, router, watch } = createRig({ m: {}, spare: {} });
    router.addRoute({}, { targets: ['m'], fallback: ['spare'], ...rule });
    const stream = watch(request);
    backends.m.lastStream.push('a');
    backends.m.lastStream.fail();
    await settled();
    expect(stream.code).toBe(code);
    expect(backends.spare.streams).toHaveLength(code === undefined ? 1 : 0);
  });

  it('tells its reader once for each new beginning, and not of one that never came to a word', async () => {
    const { backends, watch } = createRig({ a: {}, b: {}, c: {}, d: {} });
    const stream = watch(restart);
    backends.a.lastStream.push('1');
    backends.a.lastStream.fail();
    await settled();
    backends.b.lastStream.fail();
    await settled();
    backends.c.lastStream.push('2');
    backends.c.lastStream.fail();
    await settled();
    backends.d.lastStream.push('3');
    backends.d.lastStream.end();
    await settled();
    expect(stream.chunks.slice(0, -1)).toEqual([
      text('1'),
      { type: 'restart', model: 'c' },
      text('2'),
      { type: 'restart', model: 'd' },
      text('3'),
    ]);
    expect(stream.answer).toMatchObject({ content: '3', attempts: 4 });
  });

  it.each([
    ['is left', undefined],
    ['serves it', new Error('down too')],
    ['takes it', Object.assign(new Error('no'), { status: 400 })],
  ])('is interrupted with what had come when no model %s', async (_, error) => {
    const { backends, watch } = createRig({ m: {}, spare: {} });
    const stream = watch({ ...restart, ...(error === undefined && { model: 'm' }) });
    backends.m.lastStream.push('half');
    backends.m.lastStream.fail();
    await settled();
    if (error !== undefined) backends.spare.lastStream.fail(error);
    await settled();
    expect(stream.error).toMatchObject({ code: 'stream_interrupted', model: 'm', partialText: 'half' });
    expect((stream.error as LLMRouterError).trace?.candidates).toHaveLength(error === undefined ? 1 : 2);
    expect(stream.chunks).toEqual([text('half')]);
  });

  it('has its time until the first content anew', async () => {
    const { backends, clock, watch } = createRig({ m: {}, spare: {} });
    const stream = watch({ ...restart, timeoutMs: 500 });
    await clock.advance(400);
    backends.m.lastStream.push('a');
    await clock.advance(20_000);
    backends.m.lastStream.fail();
    await clock.advance(499);
    expect(stream.isSettled).toBe(false);
    await clock.advance(1);
    expect(stream.code).toBe('deadline_exceeded');
    expect(backends.spare.lastStream.context.signal.aborted).toBe(true);
  });

  it('is no longer bound by it once it has content again', async () => {
    const { backends, clock, watch } = createRig({ m: {}, spare: {} });
    const stream = watch({ ...restart, timeoutMs: 500 });
    backends.m.lastStream.push('a');
    await clock.advance(1_000);
    backends.m.lastStream.fail();
    await clock.advance(400);
    backends.spare.lastStream.push('b');
    await clock.advance(20_000);
    backends.spare.lastStream.end();
    await settled();
    expect(stream.answer?.content).toBe('b');
  });

  it('ends at its total time all the same', async () => {
    const { backends, clock, watch } = createRig({ m: {}, spare: {} });
    const stream = watch({ ...restart, timeoutMs: 500, totalTimeoutMs: 1_000 });
    backends.m.lastStream.push('a');
    await clock.advance(900);
    backends.m.lastStream.fail();
    await clock.advance(100);
    expect(stream.code).toBe('deadline_exceeded');
    expect(backends.spare.streams).toHaveLength(1);
  });

  it('also when its model is removed under it', async () => {
    const { backends, clock, router, watch } = createRig({ m: {}, spare: {} });
    const stream = watch(restart);
    backends.m.lastStream.push('a');
    await settled();
    void router.removeModel('m', { graceMs: 0 });
    await clock.advance(0);
    backends.spare.lastStream.push('b');
    backends.spare.lastStream.end();
    await settled();
    expect(stream.chunks.map(({ type }) => type)).toEqual(['text', 'restart', 'text', 'done']);
  });

  it('waits for a model to come back when it is to wait, with its time anew', async () => {
    const { backends, clock, router, watch } = createRig({ m: { breaker: { failureThreshold: 2 } }, spare: {} });
    const stream = watch({ ...restart, whenUnavailable: 'wait', timeoutMs: 500 });
    const late = watch({ ...restart, whenUnavailable: 'wait', timeoutMs: 500 });
    for (const { push } of backends.m.streams) push('a');
    router.pause('spare');
    await clock.advance(5_000);
    for (const { fail } of backends.m.streams) fail();
    await clock.advance(499);
    expect([stream.isSettled, late.isSettled]).toEqual([false, false]);
    router.resume('spare');
    backends.spare.streams[0]!.push('b');
    backends.spare.streams[0]!.end();
    await clock.advance(1);
    expect(stream.answer?.content).toBe('b');
    expect(late.code).toBe('deadline_exceeded');
  });

  it('is over when its router stops', async () => {
    const { backends, router, watch } = createRig({ m: {}, spare: {} });
    const stream = watch(restart);
    backends.m.lastStream.push('a');
    await settled();
    void router.stop();
    backends.m.lastStream.fail();
    await settled();
    expect(stream.error).toMatchObject({ code: 'stream_interrupted', partialText: 'a' });
    expect(backends.spare.streams).toEqual([]);
  });
});

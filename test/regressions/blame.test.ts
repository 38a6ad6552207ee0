import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { BackendError } from '../../src/errors.ts';
import { LLMRouter } from '../../src/llm-router.ts';
import { rejectionOf } from '../support/leaks.ts';
import { createRig } from '../support/rig.ts';
import { settled } from '../support/virtual-clock.ts';

const breaker = { failureThreshold: 2 };

/** A port on the loopback that nobody listens on any more. */
function closedPort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

describe('whose fault it was', () => {
  it('P17 requests that a full queue turns away never reach the breaker', async () => {
    const { ask, breaker: state, heard, router } = createRig({ m: { maxQueueDepth: 1, breaker } });
    const changes = heard('breaker.changed');
    const running = ask();
    const refused = Array.from({ length: 100 }, () => ask());
    await settled();

    expect(refused.every(({ code }) => code === 'queue_full')).toBe(true);
    expect(running.isSettled).toBe(false);
    expect(state('m')).toBe('closed');
    expect(changes).toEqual([]);
    expect(router.getModelStatus()['m']).toMatchObject({ failures: 0, circuitBreaker: { failureCount: 0 } });
  });

  it('P17 displaced and expired requests never reach the breaker', async () => {
    const {
      ask,
      breaker: state,
      clock,
      router,
    } = createRig({
      m: { maxQueueDepth: 2, maxConcurrency: 1, breaker: { failureThreshold: 1 } },
    });
    ask();
    const displaced = ask({ priority: 'low' });
    const expired = ask({ priority: 'critical', timeoutMs: 50 });
    await clock.advance(50);

    expect([displaced.code, expired.code]).toEqual(['queue_full', 'deadline_exceeded']);
    expect(state('m')).toBe('closed');
    expect(router.getModelStatus()['m']!.circuitBreaker.failureCount).toBe(0);
  });

  it.each([
    ['400', { status: 400 }],
    ['413', { status: 413 }],
    ['422', { status: 422 }],
    ['context_length_exceeded', { code: 'context_length_exceeded' }],
    ['content_filter', { code: 'content_filter' }],
  ])('P18 %s is the caller’s own fault: the breaker stays where it is, and no other model is asked', async (_what, figures) => {
    const { ask, backends, breaker: state, router } = createRig({ m: { breaker }, spare: {} });
    await settled();
    for (let count = 0; count < 10; count++) {
      const request = ask();
      backends.m.last.fail(new BackendError('no', figures));
      await settled();
      expect(request.code).toBe('provider_rejected');
    }
    expect(state('m')).toBe('closed');
    expect(router.getModelStatus()['m']).toMatchObject({ failures: 0, circuitBreaker: { failureCount: 0 } });
    expect(backends.spare.calls).toEqual([]);
  });

  it.each([
    401, 402, 403, 404,
  ])('P18 %i is the router’s own fault: it counts, and the next model is asked at once', async (status) => {
    const { ask, backends, breaker: state } = createRig({ m: { breaker }, spare: {} });
    for (let count = 0; count < 2; count++) {
      const request = ask();
      backends.m.last.fail(new BackendError('no', { status }));
      await settled();
      backends.spare.last.succeed();
      await settled();
      expect(request.answer?.modelUsed).toBe('spare');
    }
    expect(state('m')).toBe('open');
  });

  it('P18 neutral results do not break a row of failures, as a success does', async () => {
    const { ask, backends, fail, router } = createRig({ m: { breaker: { failureThreshold: 3 } } });
    const failureCount = (): number => router.getModelStatus()['m']!.circuitBreaker.failureCount;
    await fail('m', 2);
    await fail('m', 1, new BackendError('no', { status: 400 }));
    ask().abort();
    await settled();
    expect(failureCount()).toBe(2);

    ask();
    backends.m.last.succeed();
    await settled();
    expect(failureCount()).toBe(0);
  });

  it('P19 an abort with a text as its reason blames nobody, and generate rejects with exactly that text', async () => {
    const {
      ask,
      breaker: state,
      router,
    } = createRig({
      m: { maxConcurrency: 1, breaker: { failureThreshold: 1 } },
    });
    const running = ask();
    const waiting = ask();
    await settled();
    waiting.abort('stop');
    running.abort('stop');
    await settled();

    expect([running.error, waiting.error]).toEqual(['stop', 'stop']);
    expect(state('m')).toBe('closed');
    expect(router.getModelStatus()['m']!.circuitBreaker.failureCount).toBe(0);
    expect(router.getStats()).toMatchObject({ totalRequests: 2, successes: 0, failures: 0, cancelled: 2 });
  });

  it.each([
    ['stop'],
    [0],
    [''],
    [null],
    [false],
  ])('P19 a signal that has aborted with %j before keeps its reason', async (reason) => {
    const { ask, backends } = createRig({ m: {} });
    const request = ask({ signal: AbortSignal.abort(reason) });
    await settled();
    expect(request).toMatchObject({ isSettled: true, error: reason });
    expect(backends.m.calls).toEqual([]);
  });

  it.each([[0], [''], [null], [false]])('P19 an abort of a running call with %j rejects with it', async (reason) => {
    const { ask } = createRig({ m: {} });
    const request = ask();
    request.abort(reason);
    await settled();
    expect(request).toMatchObject({ isSettled: true, error: reason });
  });

  it('P19 a stream that is aborted with a text throws exactly that text, and blames nobody', async () => {
    const { backends, breaker: state, watch } = createRig({ m: { breaker: { failureThreshold: 1 } } });
    const stream = watch();
    backends.m.lastStream.push('Hel');
    await settled();
    stream.abort('stop');
    await settled();

    expect(stream).toMatchObject({ text: 'Hel', error: 'stop' });
    expect(state('m')).toBe('closed');
  });

  it('P19 the backend’s own word of the abort, thrown later, changes nothing', async () => {
    const { ask, backends, breaker: state } = createRig({ m: { breaker: { failureThreshold: 1 } } });
    const request = ask();
    request.abort('stop');
    backends.m.last.fail(backends.m.last.context.signal.reason);
    await settled();

    expect(backends.m.last.context.signal.reason).toBe('stop');
    expect(request.error).toBe('stop');
    expect(state('m')).toBe('closed');
  });

  it.each([
    'context_length_exceeded: invalid request (400)',
    'the request was aborted by the user',
    'content_filter',
    '429 too many requests',
  ])('P20 a 500 is a failure whatever its message says: %s', async (message) => {
    const { breaker: state, fail } = createRig({ m: { breaker } });
    await fail('m', 2, new BackendError(message, { status: 500 }));
    expect(state('m')).toBe('open');
  });

  it.each([
    'AbortError',
    'TimeoutError',
  ])('P20 a %s that a backend throws of its own accord is a failure', async (name) => {
    const { breaker: state, fail } = createRig({ m: { breaker } });
    await fail('m', 2, new DOMException('This operation was aborted', name));
    expect(state('m')).toBe('open');
  });

  it.each([
    'Internal Server Error 500',
    'ECONNREFUSED timeout overloaded',
  ])('P20 a 400 blames nobody whatever its message says: %s', async (message) => {
    const { breaker: state, fail } = createRig({ m: { breaker } });
    await fail('m', 5, new BackendError(message, { status: 400 }));
    expect(state('m')).toBe('closed');
  });

  it('P40 a host that refuses connections counts and opens the breaker', async () => {
    const router = new LLMRouter({ retries: { maxRetries: 0 } });
    const baseUrl = `http://127.0.0.1:${await closedPort()}/v1`;
    router.addModel('dead', {
      provider: 'openai',
      model: 'm',
      baseUrl,
      apiKey: 'unused',
      breaker: { failureThreshold: 3 },
    });
    for (let count = 0; count < 3; count++) {
      const error = await rejectionOf(router.generate('hi'));
      expect(error).toMatchObject({ code: 'provider_failed', candidates: [{ model: 'dead', reason: 'ECONNREFUSED' }] });
    }
    expect(router.getModelStatus()['dead']!.circuitBreaker.state).toBe('open');
    expect(await rejectionOf(router.generate('hi'))).toMatchObject({
      code: 'no_model_available',
      candidates: [{ model: 'dead', reason: 'circuit_open' }],
    });
    await router.stop();
  });

  it('P40 the state that is read is the state that decides, from the very failure on', async () => {
    const { ask, backends, breaker: state, router } = createRig({ m: { breaker: { failureThreshold: 25 } } });
    for (let count = 1; count <= 25; count++) {
      let read: unknown;
      router.once('attempt.failed', () => {
        read = router.getModelStatus()['m']!.circuitBreaker;
      });
      ask();
      backends.m.last.fail(new BackendError('down', { status: 500 }));
      await settled();
      expect(read).toMatchObject(count < 25 ? { state: 'closed', failureCount: count } : { state: 'open' });
    }
    const refused = ask();
    await settled();
    expect(state('m')).toBe('open');
    expect(refused.code).toBe('no_model_available');
    expect(backends.m.calls).toHaveLength(25);
  });

  it('P41 a stream that breaks after its first content is a failure, and its reader is told', async () => {
    const { backends, breaker: state, watch } = createRig({ m: { breaker }, spare: {} });
    for (let count = 0; count < 2; count++) {
      const stream = watch();
      backends.m.lastStream.push('Once upon');
      await settled();
      backends.m.lastStream.fail(new Error('socket hang up'));
      await settled();
      expect(stream).toMatchObject({ text: 'Once upon', code: 'stream_interrupted' });
      expect((stream.error as { partialText: string }).partialText).toBe('Once upon');
    }
    expect(state('m')).toBe('open');
    expect(backends.spare.streams).toEqual([]);
  });

  it('P41 a stream counts when it ends, not when it begins', async () => {
    const { backends, fail, router, watch } = createRig({ m: { breaker } });
    await fail('m', 1);
    watch();
    backends.m.lastStream.push('Once upon');
    await settled();
    expect(router.getModelStatus()['m']!).toMatchObject({ successes: 0, circuitBreaker: { failureCount: 1 } });

    backends.m.lastStream.end();
    await settled();
    expect(router.getModelStatus()['m']!).toMatchObject({ successes: 1, circuitBreaker: { failureCount: 0 } });
  });

  it('P41 a stream that is cut before its first content is a failure, and the next model streams instead', async () => {
    const { backends, router, watch } = createRig({ m: { breaker }, spare: {} });
    const stream = watch();
    backends.m.lastStream.push({ type: 'text', text: '' });
    backends.m.lastStream.fail(new Error('socket hang up'));
    await settled();
    backends.spare.lastStream.push('Once upon a time');
    backends.spare.lastStream.end();
    await settled();

    expect(stream).toMatchObject({ text: 'Once upon a time', answer: { modelUsed: 'spare' } });
    expect(router.getModelStatus()['m']!.circuitBreaker.failureCount).toBe(1);
  });

  it('P42 a reader with content never gets another model’s text behind it, unless he is told that it begins anew', async () => {
    for (const onStreamFailure of ['fail', 'restart'] as const) {
      const { backends, watch } = createRig({ m: {}, spare: {} });
      const stream = watch({ onStreamFailure });
      backends.m.lastStream.push('Once upon');
      await settled();
      backends.m.lastStream.fail();
      await settled();
      backends.spare.streams.at(-1)?.push('Once upon a time');
      backends.spare.streams.at(-1)?.end();
      await settled();
      const seen = stream.chunks.filter(({ type }) => type !== 'done');
      const first = { type: 'text', text: 'Once upon' };
      expect(seen).toEqual(
        onStreamFailure === 'fail'
          ? [first]
          : [first, { type: 'restart', model: 'spare' }, { type: 'text', text: 'Once upon a time' }],
      );
      expect(stream.answer?.content).toBe(onStreamFailure === 'fail' ? undefined : 'Once upon a time');
    }
  });
});

import { describe, expect, it } from 'vitest';
import { createRequest } from '../../machines/index.ts';
import { BackendError } from '../../src/errors.ts';
import { createRig } from '../support/rig.ts';
import { settled } from '../support/virtual-clock.ts';

describe('a request that is called off while its model is returning it', () => {
  it('reaches no backend when a breaker.changed listener aborts it', async () => {
    const { ask, backends, heard, router } = createRig({
      m: { maxConcurrency: 1, breaker: { failureThreshold: 1 } },
      spare: {},
    });
    const settlements = heard('request.settled');
    ask();
    const waiting = [ask(), ask(), ask()];
    router.on('breaker.changed', () => {
      for (const { abort } of waiting) abort('left');
    });
    backends.m.last.fail();
    await settled();

    expect(waiting.map(({ error }) => error)).toEqual(['left', 'left', 'left']);
    // The request that failed went on; nobody else did.
    expect(backends.spare.calls.map(({ context }) => context.requestId)).toEqual(['req-1']);
    expect(settlements.map(({ requestId }) => requestId).sort()).toEqual(['req-2', 'req-3', 'req-4']);
  });

  it('reaches no backend when an attempt.failed listener aborts it', async () => {
    const { ask, backends, heard, router } = createRig({ m: {}, spare: {}, last: {} });
    const settlements = heard('request.settled');
    const request = ask();
    router.on('attempt.failed', () => request.abort('left'));
    backends.m.last.fail(new BackendError('down', { status: 500 }));
    await settled();

    expect(request.error).toBe('left');
    expect(backends.spare.calls.length + backends.last.calls.length).toBe(0);
    expect(settlements).toMatchObject([{ requestId: 'req-1', success: false, code: 'cancelled' }]);
    expect(router.getModelStatus()['spare']).toMatchObject({ queueDepth: 0, running: 0, lingering: 0 });
  });

  it('reaches no backend when a request.displaced listener aborts it', async () => {
    const { ask, backends, router } = createRig({ m: { maxConcurrency: 1, maxQueueDepth: 2 }, spare: {} });
    ask();
    const displaced = ask({ priority: 'low' });
    router.on('request.displaced', () => displaced.abort('left'));
    ask({ priority: 'critical' });
    await settled();

    expect(displaced.error).toBe('left');
    expect(backends.spare.calls).toHaveLength(0);
  });

  it('reaches no backend when a request.settled listener aborts it, being next in line', async () => {
    const { ask, backends, router } = createRig({ m: { maxConcurrency: 1 } });
    ask();
    const next = ask();
    const last = ask();
    router.once('request.settled', () => next.abort('left'));
    backends.m.last.succeed();
    await settled();

    expect(next.error).toBe('left');
    expect(backends.m.calls.map(({ context }) => context.requestId)).toEqual(['req-1', 'req-3']);
    backends.m.last.succeed();
    await settled();
    expect(last.answer?.content).toBe('ok');
  });

  it('takes no place elsewhere when a breaker.changed listener aborts it', async () => {
    const { ask, backends, router } = createRig({
      m: { maxConcurrency: 1, breaker: { failureThreshold: 1 } },
      spare: { maxConcurrency: 1 },
    });
    ask({ model: 'spare' });
    ask();
    const waiting = [ask(), ask()];
    router.on('breaker.changed', () => {
      for (const { abort } of waiting) abort('left');
    });
    backends.m.last.fail();
    await settled();

    expect(waiting.map(({ error }) => error)).toEqual(['left', 'left']);
    // The one that runs there, and the one that failed.
    expect(router.getModelStatus()['spare']).toMatchObject({ queueDepth: 2, running: 1 });
  });

  it('takes no place elsewhere when a breaker.changed listener calls it off by its message', async () => {
    const { ask, clock, heard, router } = createRig({ m: { maxConcurrency: 1 }, spare: { maxConcurrency: 1 } });
    const settlements = heard('request.settled');
    ask({ model: 'spare' });
    ask();
    const { id, cancel, request } = createRequest(router, { prompt: 'hi' });
    router.actor.send(request);
    router.on('breaker.changed', () => router.actor.send(cancel(clock.now())));
    router.forceOpen('m');
    await settled();

    expect(settlements).toMatchObject([{ requestId: id, code: 'cancelled' }]);
    expect(router.getModelStatus()['spare']).toMatchObject({ queueDepth: 1, running: 1 });
  });

  it('is not parked when a breaker.changed listener aborts it', async () => {
    const { ask, backends, heard, router } = createRig(
      { m: { maxConcurrency: 1, breaker: { failureThreshold: 1 } } },
      { maxParked: 2 },
    );
    const parked = heard('request.parked');
    const dropped = heard('event.dropped');
    ask({ whenUnavailable: 'wait' });
    const leaving = ask({ whenUnavailable: 'wait' });
    const staying = ask({ whenUnavailable: 'wait' });
    router.once('breaker.changed', () => leaving.abort('left'));
    backends.m.last.fail();
    await settled();

    expect(leaving.error).toBe('left');
    expect(staying.isSettled).toBe(false);
    expect(parked.map(({ requestId }) => requestId)).toEqual(['req-3']);
    expect(dropped).toEqual([]);
  });

  it('hears its own reason when a request.settled listener aborts it while the router stops', async () => {
    const { ask, heard, router } = createRig({ m: { maxConcurrency: 1 } });
    const settlements = heard('request.settled');
    ask();
    const stopped = ask();
    const leaving = ask();
    router.once('request.settled', () => leaving.abort('left'));
    void router.stop();
    await settled();

    expect(stopped.code).toBe('router_stopped');
    expect(leaving.error).toBe('left');
    expect(settlements.map(({ requestId }) => requestId)).toEqual(['req-2', 'req-3']);
  });

  it('is not streamed from another model when an attempt.failed listener aborts it', async () => {
    const { backends, router, watch } = createRig({ m: {}, spare: {} });
    const stream = watch();
    router.on('attempt.failed', () => stream.abort('left'));
    backends.m.lastStream.fail();
    await settled();

    expect(stream.error).toBe('left');
    expect(backends.spare.streams).toHaveLength(0);
  });
});

describe('a request whose time is over', () => {
  it('is not sent on when its model fails at that very instant', async () => {
    const { ask, backends, clock } = createRig({ m: {}, spare: {} });
    clock.setTimeout(() => backends.m.last.fail(), 100);
    const request = ask({ timeoutMs: 100 });
    await clock.advance(100);

    expect(request.isSettled).toBe(true);
    expect(backends.spare.calls).toHaveLength(0);
  });

  it('is not sent on when its model’s breaker opens at that very instant', async () => {
    const { ask, backends, clock } = createRig({
      m: { maxConcurrency: 1, breaker: { failureThreshold: 1 } },
      spare: {},
    });
    clock.setTimeout(() => backends.m.last.fail(), 100);
    ask();
    const waiting = ask({ timeoutMs: 100 });
    await clock.advance(100);

    expect(waiting.code).toBe('deadline_exceeded');
    expect(backends.spare.calls.map(({ context }) => context.requestId)).toEqual(['req-1']);
  });
});

describe('a request that waits', () => {
  it('does not see what its caller does to the messages afterwards', async () => {
    const { backends, router } = createRig({ m: { maxConcurrency: 1 } });
    void router.generate('first');
    const part = { type: 'text' as const, text: 'a cat' };
    const message = { role: 'user' as const, content: [part] };
    const messages = [message];
    const schema = { type: 'object' };
    const metadata = { tenant: 'a', tags: ['x'] };
    const stop = ['END'];
    void router.generate(
      { messages },
      { metadata, stop, tools: [{ name: 'find', parameters: schema }], providerOptions: { nested: schema } },
    );
    part.text = 'a dog';
    message.content.push({ type: 'text', text: 'and a bird' });
    messages.push({ role: 'user', content: [{ type: 'text', text: 'and a fish' }] });
    schema.type = 'array';
    metadata.tenant = 'b';
    metadata.tags.push('y');
    stop.push('MORE');
    backends.m.last.succeed();
    await settled();

    expect(backends.m.last.request).toEqual({
      prompt: 'a cat',
      messages: [{ role: 'user', content: [{ type: 'text', text: 'a cat' }] }],
      metadata: { tenant: 'a', tags: ['x'] },
      stop: ['END'],
      tools: [{ name: 'find', parameters: { type: 'object' } }],
      providerOptions: { nested: { type: 'object' } },
    });
  });
});

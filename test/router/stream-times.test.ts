import { describe, expect, it } from 'vitest';
import { createRig } from '../support/rig.ts';
import { settled } from '../support/virtual-clock.ts';

describe('a slow reader', () => {
  it('makes the provider wait: no more than 16 pieces are ahead of it', async () => {
    const { backends, router } = createRig({ m: {} });
    const stream = router.stream('hi');
    const source = backends.m.lastStream;
    for (let piece = 0; piece < 100; piece++) source.push(`${piece}`);
    source.end();
    await settled();
    expect(source.taken).toBe(16);

    for (let read = 1; read <= 100; read++) {
      expect((await stream.next()).value).toEqual({ type: 'text', text: `${read - 1}` });
      await settled();
      expect(source.taken - read).toBeLessThanOrEqual(16);
    }
    expect((await stream.next()).value).toMatchObject({ type: 'done' });
  });

  it('is not the model’s silence: its limit stands still meanwhile', async () => {
    const { backends, breaker, clock, router } = createRig({
      m: { idleTimeoutMs: 1_000, breaker: { failureThreshold: 1 } },
    });
    const stream = router.stream('hi');
    for (let piece = 0; piece < 20; piece++) backends.m.lastStream.push(`${piece}`);
    await clock.advance(50_000);
    expect(breaker('m')).toBe('closed');

    for (let read = 0; read < 20; read++) await stream.next();
    await settled();
    // From now on it is the model that is silent.
    await clock.advance(1_000);
    expect(breaker('m')).toBe('open');
    await expect(stream.next()).rejects.toMatchObject({ code: 'stream_interrupted' });
  });

  it('that takes nothing for readerTimeoutMs is called off, and blames nobody', async () => {
    const { backends, breaker, clock, heard, router } = createRig(
      { m: { breaker: { failureThreshold: 1 } } },
      { readerTimeoutMs: 2_000 },
    );
    const settlements = heard('request.settled');
    const stream = router.stream('hi');
    for (let piece = 0; piece < 40; piece++) backends.m.lastStream.push('x');
    await clock.advance(1_999);
    expect(settlements).toEqual([]);
    await clock.advance(1);

    expect(backends.m.lastStream.context.signal.aborted).toBe(true);
    expect(settlements).toMatchObject([{ success: false, code: 'cancelled' }]);
    expect(breaker('m')).toBe('closed');
    expect(router.getModelStatus()['m']!.circuitBreaker.failureCount).toBe(0);
    for (let read = 0; read < 16; read++) expect((await stream.next()).value).toEqual({ type: 'text', text: 'x' });
    await expect(stream.next()).rejects.toMatchObject({ code: 'stream_interrupted' });
  });

  it('that takes a piece now and then is left alone', async () => {
    const { backends, clock, heard, router } = createRig({ m: {} }, { readerTimeoutMs: 2_000 });
    const settlements = heard('request.settled');
    const stream = router.stream('hi');
    for (let piece = 0; piece < 40; piece++) backends.m.lastStream.push('x');
    for (let read = 0; read < 20; read++) {
      await clock.advance(1_900);
      await stream.next();
    }
    expect(settlements).toEqual([]);
  });
});

describe('the time of a stream', () => {
  it('ends before its first content like that of any request', async () => {
    const { clock, watch } = createRig({ m: {} });
    const stream = watch({ timeoutMs: 500 });
    await clock.advance(500);
    expect(stream.code).toBe('deadline_exceeded');
  });

  it('no longer ends it once the first content is there', async () => {
    const { backends, clock, watch } = createRig({ m: {} });
    const stream = watch({ timeoutMs: 500 });
    await clock.advance(499);
    backends.m.lastStream.push('a');
    for (let second = 0; second < 100; second++) {
      await clock.advance(1_000);
      backends.m.lastStream.push('b');
    }
    backends.m.lastStream.end();
    await settled();
    expect(stream.answer?.content).toBe(`a${'b'.repeat(100)}`);
  });

  it('is not ended by an empty piece: that is no content', async () => {
    const { backends, clock, watch } = createRig({ m: {} });
    const stream = watch({ timeoutMs: 500 });
    backends.m.lastStream.push('');
    await clock.advance(500);
    expect(stream.code).toBe('deadline_exceeded');
  });

  it('is bounded by totalTimeoutMs to its end, and blames nobody then', async () => {
    const { backends, breaker, clock, watch } = createRig({ m: { breaker: { failureThreshold: 1 } } });
    const stream = watch({ timeoutMs: 500, totalTimeoutMs: 5_000 });
    for (let second = 0; second < 4; second++) {
      backends.m.lastStream.push('a');
      await clock.advance(1_000);
    }
    await clock.advance(999);
    expect(stream.isSettled).toBe(false);
    await clock.advance(1);
    expect(stream).toMatchObject({ text: 'aaaa', code: 'deadline_exceeded' });
    expect(backends.m.lastStream.context.signal.aborted).toBe(true);
    expect(breaker('m')).toBe('closed');
  });

  it('is bounded by totalTimeoutMs also before its first content', async () => {
    const { clock, watch } = createRig({ m: {} });
    const stream = watch({ timeoutMs: 5_000, totalTimeoutMs: 1_000 });
    await clock.advance(1_000);
    expect(stream.code).toBe('deadline_exceeded');
  });

  it('is the model’s fault when it is silent for idleTimeoutMs; each piece renews that', async () => {
    const { backends, breaker, clock, watch } = createRig({
      m: { idleTimeoutMs: 1_000, breaker: { failureThreshold: 1 } },
      spare: {},
    });
    const stream = watch({ model: 'm' });
    for (let piece = 0; piece < 10; piece++) {
      await clock.advance(999);
      backends.m.lastStream.push(piece === 0 ? '' : 'a');
    }
    await clock.advance(999);
    expect(stream).toMatchObject({ isSettled: false, text: 'a'.repeat(9) });
    await clock.advance(1);
    expect(stream).toMatchObject({ code: 'stream_interrupted' });
    expect(breaker('m')).toBe('open');
  });

  it('before the first content belongs to the next model when the first one is silent', async () => {
    const { backends, clock, watch } = createRig({ m: { firstTokenTimeoutMs: 1_000 }, spare: {} });
    const stream = watch();
    await clock.advance(1_000);
    // What the silent model still says reaches nobody.
    backends.m.lastStream.push('too late');
    backends.spare.lastStream.push('in time');
    backends.spare.lastStream.end();
    await settled();
    expect(stream).toMatchObject({ text: 'in time', answer: { modelUsed: 'spare' } });
  });
});

describe('a probe that streams', () => {
  const breaker = { failureThreshold: 1, successThreshold: 1, recoveryTimeoutMs: 1_000, probeTimeoutMs: 3_000 };

  it('longer than its lease with content flowing has succeeded then, not at its end', async () => {
    const rig = createRig({ m: { breaker } });
    await rig.fail('m', 1);
    await rig.clock.advance(1_000);
    const stream = rig.watch();
    const source = rig.backends.m.lastStream;
    const changes = rig.heard('breaker.changed');
    const stale = rig.heard('result.stale');
    for (let second = 0; second < 2; second++) {
      source.push('a');
      await rig.clock.advance(1_000);
    }
    source.push('a');
    await rig.clock.advance(999);
    expect(rig.breaker('m')).toBe('half_open');
    await rig.clock.advance(1);
    source.push('a');
    await settled();
    expect(changes).toMatchObject([{ from: 'half_open', to: 'closed' }]);

    source.fail();
    await settled();
    expect(stream.code).toBe('stream_interrupted');
    expect(rig.breaker('m')).toBe('closed');
    expect(rig.router.getModelStatus()['m']!.circuitBreaker.failureCount).toBe(0);
    expect(stale).toMatchObject([{ outcome: 'failure' }]);
  });

  it('gives its permit back then, so that another probe can start while it goes on', async () => {
    const rig = createRig({ m: { breaker: { ...breaker, successThreshold: 3 } } });
    await rig.fail('m', 1);
    await rig.clock.advance(1_000);
    rig.watch();
    const source = rig.backends.m.lastStream;
    for (let second = 0; second < 4; second++) {
      source.push('a');
      await rig.clock.advance(1_000);
    }
    source.push('a');
    await settled();
    rig.backends.m.calls.length = 0;
    rig.ask();
    expect(rig.backends.m.calls).toHaveLength(1);
    rig.backends.m.last.succeed();
    await settled();
    // Its good end is no second success.
    source.end();
    await settled();
    expect(rig.breaker('m')).toBe('half_open');
    rig.ask();
    rig.backends.m.last.succeed();
    await settled();
    expect(rig.breaker('m')).toBe('closed');
  });

  it('and falls silent loses its lease, counted from its last piece', async () => {
    const rig = createRig({ m: { breaker } });
    await rig.fail('m', 1);
    await rig.clock.advance(1_000);
    const stream = rig.watch();
    await rig.clock.advance(2_000);
    rig.backends.m.lastStream.push('a');
    await rig.clock.advance(2_999);
    expect(rig.breaker('m')).toBe('half_open');
    await rig.clock.advance(1);
    expect(rig.breaker('m')).toBe('open');
    expect(stream.code).toBe('stream_interrupted');
  });
});

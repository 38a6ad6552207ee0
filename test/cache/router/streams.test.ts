import { describe, expect, it } from 'vitest';
import { createRig } from '../../support/rig.ts';
import { settled } from '../../support/virtual-clock.ts';

const COLD = { temperature: 0 } as const;
const LONG = 'The 👩‍👩‍👧 family wrote a naïve résumé, then 走 home. '.repeat(6);

function streamRig() {
  const rig = createRig({ a: { breaker: false }, b: {} });
  rig.router.addRoute('normal', { targets: ['a'], onStreamFailure: 'restart' });
  rig.router.enableCache({ embedder: false });
  return { ...rig, cache: () => rig.router.getStats().cache! };
}

describe('a stream', () => {
  it('is stored after a clean end, and answered as a stream and as a whole', async () => {
    const { watch, ask, backends, cache } = streamRig();
    const first = watch(COLD);
    await settled();
    backends.a.lastStream.push({ type: 'reasoning', text: 'Let me think. ' });
    backends.a.lastStream.push(LONG);
    backends.a.lastStream.end({ finishReason: 'stop' });
    await settled();
    expect(first.answer).toMatchObject({ content: LONG, cached: false });
    expect(cache()).toMatchObject({ stored: 1, misses: 1 });

    const second = watch(COLD);
    await settled();
    expect(second.text).toBe(LONG);
    const texts = second.chunks.filter(({ type }) => type === 'text');
    expect(texts.length).toBeGreaterThan(4);
    for (const chunk of texts)
      expect((chunk as { text: string }).text).toSatisfy((text: string) => Buffer.from(text).toString() === text);
    expect(second.chunks[0]).toEqual({ type: 'reasoning', text: 'Let me think. ' });
    expect(second.chunks.at(-1)).toMatchObject({
      type: 'done',
      answer: { cached: true, cacheKind: 'exact', cost: 0, content: LONG },
    });
    expect(second.answer!.requestId).not.toBe(first.answer!.requestId);

    const whole = ask(COLD, 'hi');
    await settled();
    expect(whole.answer).toMatchObject({ content: LONG, cached: true });
    expect(backends.a.streams).toHaveLength(1);
  });

  it('is answered from the cache to a reader who leaves or reads slowly without harm', async () => {
    const { router, ask, backends, clock } = streamRig();
    ask(COLD, 'hi');
    await settled();
    backends.a.last.succeed({ content: LONG });
    await settled();
    for await (const chunk of router.stream('hi', COLD)) if (chunk.type === 'text') break;
    const slow = router.stream('hi', { ...COLD, timeoutMs: 100, totalTimeoutMs: 200 });
    let text = '';
    for (let chunk = await slow.next(); !chunk.done; chunk = await slow.next()) {
      await clock.advance(1_000);
      if (chunk.value.type === 'text') text += chunk.value.text;
    }
    expect(text).toBe(LONG);
    expect(router.getStats()).toMatchObject({ totalRequests: 3, successes: 3, cacheHits: 2 });
  });

  it('that was cut is not stored', async () => {
    const { watch, backends, cache } = streamRig();
    const cut = watch({ ...COLD, onStreamFailure: 'fail' });
    await settled();
    backends.a.lastStream.push('half');
    await settled();
    backends.a.lastStream.fail();
    await settled();
    expect(cut.code).toBe('stream_interrupted');
    expect(cache().stored).toBe(0);
  });

  it('that was left by its reader is not stored', async () => {
    const { watch, backends, cache } = streamRig();
    const left = watch(COLD);
    await settled();
    backends.a.lastStream.push('half');
    await settled();
    left.abort();
    backends.a.lastStream.end();
    await settled();
    expect(cache().stored).toBe(0);
  });

  it('that began again is not stored', async () => {
    const { watch, router, backends, cache } = streamRig();
    router.addRoute('normal', { targets: ['a', 'b'], onStreamFailure: 'restart' });
    const again = watch(COLD);
    await settled();
    backends.a.lastStream.push('half');
    await settled();
    backends.a.lastStream.fail();
    await settled();
    backends.b.lastStream.push('whole');
    backends.b.lastStream.end();
    await settled();
    expect(again.answer).toMatchObject({ content: 'whole' });
    expect(again.chunks.map(({ type }) => type)).toContain('restart');
    expect(cache().stored).toBe(0);
  });
});

describe('through actors', () => {
  it('a hit settles like any request', async () => {
    const { ask, backends, router, heard } = streamRig();
    const over = heard('request.settled');
    ask(COLD, 'hi');
    await settled();
    backends.a.last.succeed({ content: 'SECRET ANSWER' });
    await settled();
    const hit = ask(COLD, 'hi');
    await settled();
    expect(over.at(-1)).toMatchObject({ success: true, model: 'a', latencyMs: 0, trace: { cache: { status: 'hit' } } });
    expect(hit.answer!.trace).toEqual(over.at(-1)!.trace);
    expect(JSON.stringify(router.actor.getPersistedSnapshot())).not.toContain('SECRET ANSWER');
  });
});

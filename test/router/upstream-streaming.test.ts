import { describe, expect, it } from 'vitest';
import { LLMRouter } from '../../src/llm-router.ts';
import { createRig } from '../support/rig.ts';
import { settled, VirtualClock } from '../support/virtual-clock.ts';

const streamed = { upstreamStreaming: true };

describe('an answer that is wanted whole, of a model that is asked to stream', () => {
  it('is joined from its pieces, with what the provider said at the end', async () => {
    const { ask, backends } = createRig({ m: streamed });
    const request = ask();
    expect(backends.m.calls).toEqual([]);
    const { lastStream } = backends.m;
    lastStream.push('Par');
    lastStream.push({ type: 'reasoning', text: 'a capital' });
    lastStream.push('is');
    lastStream.end({ finishReason: 'stop', usage: { promptTokens: 3, completionTokens: 2, totalTokens: 5 } });
    await settled();
    expect(request.answer).toMatchObject({
      content: 'Paris',
      reasoning: 'a capital',
      finishReason: 'stop',
      usage: { totalTokens: 5 },
    });
  });

  it('gives each tool call an id, as an answer that comes whole does', async () => {
    const { ask, backends } = createRig({ m: streamed });
    const request = ask();
    for (const index of [0, 1]) backends.m.lastStream.push({ type: 'tool_call', index, name: 'find', arguments: '{}' });
    backends.m.lastStream.end();
    await settled();
    expect(request.answer?.toolCalls.map(({ id }) => id)).toEqual(['call_0', 'call_1']);
  });

  it('needs no usage', async () => {
    const { ask, backends } = createRig({ m: streamed });
    const request = ask();
    backends.m.lastStream.push('ok');
    backends.m.lastStream.end();
    await settled();
    expect(request.answer).toMatchObject({ content: 'ok', modelUsed: 'm' });
    expect(request.answer).not.toHaveProperty('usage');
  });

  it('may take longer than any call that is not streamed, as long as pieces come', async () => {
    const { ask, backends, clock } = createRig({ m: streamed });
    const request = ask({ timeoutMs: 600_000 });
    for (let piece = 0; piece < 20; piece++) {
      await clock.advance(29_999);
      backends.m.lastStream.push('x');
    }
    backends.m.lastStream.end();
    await settled();
    expect(request.answer).toMatchObject({ content: 'x'.repeat(20), latencyMs: 20 * 29_999 });
  });

  it.each([
    ['is silent from its first byte on', [], 'first_token_timeout', 500],
    ['gives signs of life and no content', ['', '', ''], 'first_token_timeout', 500],
    ['stalls after some pieces', ['a', 'b'], 'idle_timeout', 200],
  ] as const)('comes from the next model when the first one %s, and nothing of the first is in it', async (...given) => {
    const [, pieces, code, ms] = given;
    const rig = createRig({
      m: { ...streamed, firstTokenTimeoutMs: 500, idleTimeoutMs: 200, breaker: { failureThreshold: 1 } },
      spare: streamed,
    });
    const request = rig.ask();
    for (const piece of pieces) rig.backends.m.lastStream.push(piece);
    await rig.clock.advance(ms);
    rig.backends.m.lastStream.push('too late');
    rig.backends.spare.lastStream.push('whole');
    rig.backends.spare.lastStream.end();
    await settled();

    expect(request.answer).toMatchObject({ content: 'whole', modelUsed: 'spare', attempts: 2 });
    expect(request.answer?.trace.candidates[0]?.attempts).toMatchObject([{ outcome: 'failure', code, ms }]);
    expect(rig.breaker('m')).toBe('open');
    expect(rig.backends.m.lastStream.context.signal.aborted).toBe(true);
  });

  it('is the request’s own affair when its own time runs out, content or not', async () => {
    const { ask, backends, breaker, clock, router } = createRig({
      m: { ...streamed, breaker: { failureThreshold: 1 } },
    });
    const request = ask({ timeoutMs: 500 });
    backends.m.lastStream.push('a');
    await clock.advance(500);
    expect(request.code).toBe('deadline_exceeded');
    expect(breaker('m')).toBe('closed');
    // The pieces were nobody’s stream.
    expect(router.getModelStatus()['m']!.timeToFirstTokenMs.p50).toBeNull();
  });

  it('that breaks off is no answer, however much of it has come', async () => {
    const { ask, backends } = createRig({ m: streamed });
    const request = ask();
    backends.m.lastStream.push('half of');
    backends.m.lastStream.fail();
    await settled();
    expect(request.code).toBe('provider_failed');
  });
});

it('asks a backend of one’s own to stream only when it is told to', async () => {
  const { ask, backends } = createRig({ m: {} });
  ask();
  expect([backends.m.calls.length, backends.m.streams.length]).toEqual([1, 0]);
});

it('asks a provider that can, unless it is told not to', async () => {
  const clock = new VirtualClock();
  const router = new LLMRouter({ clock });
  const options = { provider: 'simulated', clock, latencyMs: 0, tokensPerSecond: 10, tokens: 21 };
  router.addModel('pieces', options).addModel('whole', { ...options, upstreamStreaming: false });
  const [pieces, whole] = [router.generate('hi', { model: 'pieces' }), router.generate('hi', { model: 'whole' })];
  await clock.advance(60_000);
  // It says its words at a pace, or all at once.
  expect([(await pieces).latencyMs, (await whole).latencyMs]).toEqual([2_000, 0]);
});

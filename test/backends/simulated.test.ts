import { describe, expect, it } from 'vitest';
import type { Backend } from '../../src/backends/backend.ts';
import { createBackend } from '../../src/backends/registry.ts';
import { rejectionOf } from '../support/leaks.ts';
import { settled, VirtualClock } from '../support/virtual-clock.ts';
import { aContext, aRequest, collect, textOf } from './contract.ts';

function simulated(options: Readonly<Record<string, unknown>> = {}): { backend: Backend; clock: VirtualClock } {
  const clock = new VirtualClock();
  return { backend: createBackend('simulated', { name: 'sim', clock, ...options }), clock };
}

/** How long one call takes. */
async function latencyOf(backend: Backend, clock: VirtualClock): Promise<number> {
  const startedAt = clock.now();
  let endedAt = Number.NaN;
  const call = Promise.resolve(backend.generate(aRequest(), aContext())).finally(() => {
    endedAt = clock.now();
  });
  await clock.advance(1_000_000);
  await call;
  return endedAt - startedAt;
}

const latencies = async (options: Readonly<Record<string, unknown>>, count: number): Promise<number[]> => {
  const { backend, clock } = simulated(options);
  const all: number[] = [];
  for (let index = 0; index < count; index++) all.push(await latencyOf(backend, clock));
  return all;
};

describe('a simulated model', () => {
  it('says in its first word that it is simulated, however short the answer is', async () => {
    for (const tokens of [1, 5, 40, undefined]) {
      const { backend } = simulated({ latencyMs: 0, ...(tokens !== undefined && { tokens }) });
      const answer = await backend.generate(aRequest(), aContext());
      expect(answer.content).toMatch(/^\[simulated\]/);
      expect(answer.raw).toEqual({ simulated: true });
      if (tokens !== undefined) expect(answer.usage!.completionTokens).toBe(tokens);
    }
  });

  it('answers what it is told to', async () => {
    const { backend } = simulated({ latencyMs: 0, answer: '  a fixed\n answer ' });
    expect((await backend.generate(aRequest(), aContext())).content).toBe('  a fixed\n answer ');
    const echo = simulated({ latencyMs: 0, answer: (prompt: string) => prompt.toUpperCase() });
    expect((await echo.backend.generate(aRequest({ prompt: 'hi' }), aContext())).content).toBe('HI');
  });

  it('stops at maxTokens and says so', async () => {
    const { backend } = simulated({ latencyMs: 0, answer: 'one two three' });
    const answer = await backend.generate(aRequest({ maxTokens: 2 }), aContext());
    expect(answer).toMatchObject({ content: 'one two ', finishReason: 'length', usage: { completionTokens: 2 } });
  });

  it('takes 200 ms by default, a fixed time, or a time within bounds', async () => {
    expect(await latencies({}, 1)).toEqual([200]);
    expect(await latencies({ latencyMs: 5 }, 1)).toEqual([5]);
    const uniform = await latencies({ latencyMs: { min: 100, max: 300 } }, 50);
    expect(uniform.every((ms) => ms >= 100 && ms <= 300)).toBe(true);
    expect(Math.max(...uniform) - Math.min(...uniform)).toBeGreaterThan(100);
  });

  it('draws a lognormal time with the median and the 95th percentile that were asked', async () => {
    const sorted = (await latencies({ latencyMs: { median: 100, p95: 400 }, seed: 3 }, 1_000)).sort((a, b) => a - b);
    expect(sorted[500]).toBeGreaterThan(90);
    expect(sorted[500]).toBeLessThan(110);
    expect(sorted[950]).toBeGreaterThan(340);
    expect(sorted[950]).toBeLessThan(470);
  });

  it('repeats itself with the same seed and not with another', async () => {
    const latencyMs = { min: 0, max: 1_000 };
    expect(await latencies({ latencyMs, seed: 7 }, 5)).toEqual(await latencies({ latencyMs, seed: 7 }, 5));
    expect(await latencies({ latencyMs, seed: 7 }, 5)).not.toEqual(await latencies({ latencyMs, seed: 8 }, 5));
  });

  it('fails as often as it is told to', async () => {
    const { backend } = simulated({ latencyMs: 0, failureRate: 0.3, seed: 1 });
    let failures = 0;
    for (let index = 0; index < 1_000; index++) {
      await backend.generate(aRequest(), aContext()).then(undefined, () => failures++);
    }
    expect(failures).toBeGreaterThan(250);
    expect(failures).toBeLessThan(350);
  });

  it('streams at its pace, the first token after the latency', async () => {
    const { backend, clock } = simulated({ latencyMs: 100, tokensPerSecond: 10, answer: 'a b c' });
    const times: number[] = [];
    const reading = (async () => {
      for await (const chunk of backend.stream!(aRequest(), aContext()))
        if (chunk.type === 'text') times.push(clock.now());
    })();
    await clock.advance(1_000);
    await reading;
    expect(times).toEqual([100, 200, 300]);
  });

  it('streams without a pace when none is given', async () => {
    const { backend } = simulated({ latencyMs: 0, answer: 'a b c' });
    const chunks = await collect(backend.stream!(aRequest(), aContext()));
    expect(textOf(chunks)).toBe('a b c');
    expect(chunks).toHaveLength(4);
  });

  it.each([
    ['before the answer', 50],
    ['between two tokens', 150],
  ])('stops at once when it is aborted %s, and leaves no timer', async (_when, ms) => {
    const { backend, clock } = simulated({ latencyMs: 100, tokensPerSecond: 10, tokens: 50 });
    const controller = new AbortController();
    const rejected = rejectionOf(collect(backend.stream!(aRequest(), aContext(controller.signal))));
    await clock.advance(ms);
    expect(clock.pending).toBe(1);
    controller.abort('enough');
    expect(await rejected).toBe('enough');
    await settled();
    expect(clock.pending).toBe(0);
  });

  it('is unwell when it always fails', async () => {
    const { signal } = new AbortController();
    await simulated().backend.healthCheck!({ signal });
    expect(await rejectionOf(simulated({ failureRate: 1 }).backend.healthCheck!({ signal }))).toMatchObject({
      code: 'simulated_failure',
    });
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { leaveInPhase, leaveStream, PHASES, WAYS } from '../../bench/failures/phases.mjs';
import { type Provider, startProvider } from '../../bench/failures/provider-process.mjs';
import { LLMRouter } from '../../src/llm-router.ts';

/** From the abort until the caller has its error, and the provider sees its connection closed. */
const WITHIN_MS = 50;
/** Of fifty that it would have written, one each 20 ms. */
const MOST_CHUNKS = 4;

let provider: Provider;
beforeAll(async () => {
  provider = await startProvider();
});
afterAll(() => provider.stop());

/** How often a time is taken before it counts as too long. */
const TRIES = 5;

/**
 * Runs until the figures of a run are within their bounds, and gives those of the last run. A machine that is busy holds
 * one run up; a router that is late is late in each of them.
 */
async function untilInTime<T>(run: (tag: string) => Promise<T>, isInTime: (seen: T) => boolean): Promise<T> {
  for (let times = 1; ; times++) {
    const seen = await run(`try-${times}`);
    if (times === TRIES || isInTime(seen)) return seen;
  }
}

describe('a caller that leaves', () => {
  it.each(Object.entries(PHASES))('while %s is told at once, and the provider with him', async (phase, {
    isCalled,
  }) => {
    const seen = await untilInTime(
      async (tag) => {
        const { rejectedAfterMs, closedAfterMs, ...left } = await leaveInPhase({ LLMRouter, provider, phase, tag });
        expect(left).toEqual({
          hasReason: true,
          phaseBefore: {
            running: phase === 'queued' || isCalled ? 1 : 0,
            waiting: phase === 'queued' ? 1 : 0,
            backingOff: phase === 'backing off' ? 1 : 0,
          },
          callsAfter: 0,
          isServedAfter: true,
          held: { running: 0, lingering: 0, queueDepth: 0 },
          cancelled: 1,
          total: 1,
          judged: 0,
          blamed: 0,
        });
        expect(closedAfterMs === null).toBe(isCalled !== true);
        return Math.max(rejectedAfterMs!, closedAfterMs ?? 0);
      },
      (ms) => ms <= WITHIN_MS,
    );
    expect(seen).toBeLessThanOrEqual(WITHIN_MS);
  });

  it.each(WAYS)('a stream of fifty chunks after two, by %s, has few more generated', async (way) => {
    const { written, closedAfterMs } = await untilInTime(
      async (tag) => {
        const { written, closedAfterMs, ...left } = await leaveStream({ LLMRouter, provider, way, tag });
        expect(left).toEqual({ hasReason: true, cancelled: 1, failures: 0, blamed: 0 });
        return { written, closedAfterMs };
      },
      (seen) => seen.written <= MOST_CHUNKS && seen.closedAfterMs <= WITHIN_MS,
    );
    expect(written).toBeLessThanOrEqual(MOST_CHUNKS);
    expect(closedAfterMs).toBeLessThanOrEqual(WITHIN_MS);
  });
});

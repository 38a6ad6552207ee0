import { describe, expect, it } from 'vitest';
import { closed, configured, halfOpened, opened, probeGranted, probePassed } from '../../src/breaker/changes.ts';
import { type BreakerMemory, newMemory } from '../../src/breaker/memory.ts';
import { openTime, rememberedOpens } from '../../src/breaker/open-time.ts';
import { DEFAULT_BREAKER } from '../../src/breaker/options.ts';
import type { Permit } from '../../src/breaker/permit.ts';
import { tripOf } from '../../src/breaker/verdict.ts';

const options = { ...DEFAULT_BREAKER, recoveryTimeoutMs: 1_000, maxOpenMs: 30_000, openJitter: 0 };
const call = { generation: 1, probe: false };
const probe = { generation: 1, probe: true };

/** Opens after a failure. */
const failed = (memory: BreakerMemory, permit: Permit, at: number) =>
  opened(memory, tripOf(memory, { permit, outcome: 'failure', ms: 100, at }), at);

describe('the open time', () => {
  it('doubles with each opening, up to its maximum', () => {
    const times = [1, 2, 3, 4, 5, 6, 7].map((opens) => openTime(opens, options, 1, undefined).ms);
    expect(times).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
  });

  it('stays finite after any number of openings', () => {
    for (let opens = 1; opens <= 10_000; opens++)
      expect(openTime(opens, options, 1, undefined).ms).toBeLessThanOrEqual(30_000);
    expect(openTime(10_000, { ...options, maxOpenMs: Number.MAX_VALUE }, 1, undefined).ms).toBeLessThan(
      Number.POSITIVE_INFINITY,
    );
  });

  it('is lengthened by its jitter and never shortened', () => {
    let seed = 7;
    const times: number[] = [];
    for (let draw = 0; draw < 1_000; draw++) {
      const time = openTime(1, { ...options, openJitter: 0.2 }, seed, undefined);
      seed = time.seed;
      times.push(time.ms);
    }
    expect(Math.min(...times)).toBeGreaterThanOrEqual(1_000);
    expect(Math.max(...times)).toBeLessThan(1_200);
    expect(Math.max(...times) - Math.min(...times)).toBeGreaterThan(150);
  });

  it('is exactly the provider’s hint when that is longer, up to its maximum', () => {
    expect(openTime(1, { ...options, openJitter: 0.2 }, 1, 5_000).ms).toBe(5_000);
    expect(openTime(3, options, 1, 500).ms).toBe(4_000);
    expect(openTime(1, options, 1, 9_999_999).ms).toBe(options.maxHintMs);
  });
});

describe('earlier openings', () => {
  it('are forgiven one by one for each recovery time spent closed', () => {
    const history = { opens: 3, closedAt: 10_000 };
    const remembered = (ms: number) => rememberedOpens(history, options, 10_000 + ms);
    expect([0, 999, 1_000, 2_999, 60_000].map(remembered)).toEqual([3, 3, 2, 1, 0]);
  });

  it('are none when there is no recovery time', () => {
    expect(rememberedOpens({ opens: 3, closedAt: 0 }, { ...options, recoveryTimeoutMs: 0 }, 0)).toBe(0);
  });

  it('lengthen a reopening after a failed probe in full', () => {
    const twice = failed(halfOpened(failed(newMemory(options, 1), call, 0)), probe, 90_000);
    expect(twice).toMatchObject({ opens: 2, openUntil: 92_000, timerFrom: 90_000 });
  });

  it('are forgotten by new options', () => {
    const memory = configured(failed(newMemory(options, 1), call, 0), { ...options, failureThreshold: 9 }, 5);
    expect(memory).toMatchObject({ opens: 0, closedAt: 5, options: { failureThreshold: 9 } });
  });
});

it('begins a new generation with clean counts at each change', () => {
  const counted = probePassed(probeGranted({ ...newMemory(options, 1), failures: 2 }));
  expect(counted).toMatchObject({ generation: 1, successes: 1, probes: 0 });
  for (const next of [
    failed(counted, call, 0),
    halfOpened(counted),
    closed(counted, 0),
    configured(counted, null, 0),
  ]) {
    expect(next).toMatchObject({ generation: 2, failures: 0, successes: 0, probes: 0 });
  }
});

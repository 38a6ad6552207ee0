import { describe, expect, it } from 'vitest';
import { DEFAULT_BREAKER } from '../../src/breaker/options.ts';
import { NO_FIRST_TOKENS, silenceTrip, silentAfterMs, withFirstToken } from '../../src/breaker/silence.ts';

const timesOf = (times: readonly number[], isStreamed = true) =>
  times.reduce((known, ms) => withFirstToken(known, ms, isStreamed), NO_FIRST_TOKENS);
const same = (count: number, ms: number): number[] => Array.from({ length: count }, () => ms);
const afterMs = (times: readonly number[], options = DEFAULT_BREAKER) => silentAfterMs(timesOf(times), true, options);

describe('the age at which a call is silent', () => {
  it('is not known before twenty calls have had their first content', () => {
    expect(afterMs(same(19, 100))).toBe(null);
    expect(afterMs(same(20, 100))).toBe(400);
  });

  it('is four times the 99th percentile of the latest hundred, and 250 ms at least', () => {
    expect(afterMs(same(20, 1))).toBe(250);
    expect(afterMs([...same(30, 100), 5_000])).toBe(20_000);
    // One in a hundred is beyond the 99th percentile, two are not.
    expect(afterMs([...same(99, 100), 5_000])).toBe(400);
    expect(afterMs([...same(98, 100), 5_000, 5_000])).toBe(20_000);
    expect(afterMs([5_000, 5_000, ...same(99, 100)])).toBe(400);
  });

  it('is told apart for calls that are streamed and calls that are not', () => {
    const times = [...same(20, 100)].reduce(
      (known, ms) => withFirstToken(known, 10 * ms, false),
      timesOf(same(20, 100)),
    );
    expect(silentAfterMs(times, true, DEFAULT_BREAKER)).toBe(400);
    expect(silentAfterMs(times, false, DEFAULT_BREAKER)).toBe(4_000);
  });

  it('is as its options say, and never comes when they say so or there is no breaker', () => {
    expect(afterMs(same(20, 100), { ...DEFAULT_BREAKER, silenceFactor: 2 })).toBe(250);
    expect(afterMs(same(20, 100), { ...DEFAULT_BREAKER, silenceFactor: 2, silenceFloorMs: 0 })).toBe(200);
    expect(afterMs(same(20, 100), { ...DEFAULT_BREAKER, silenceFactor: null })).toBe(null);
    expect(silentAfterMs(timesOf(same(20, 100)), true, null)).toBe(null);
  });
});

describe('silence', () => {
  const current = { generation: 3, probe: false };
  const options = { ...DEFAULT_BREAKER, failureThreshold: 2 };
  const silent = (startedAt: number, permit = current) => ({ startedAt, permit, isSilent: true }) as const;
  const trip = (calls: Parameters<typeof silenceTrip>[0], lastSignAt: number) =>
    silenceTrip(calls, lastSignAt, options, 3);

  it('trips when as many calls are silent as failures would', () => {
    expect(trip([silent(10), null, { startedAt: 5, permit: current }], 0)).toBe(null);
    expect(trip([silent(10), null, silent(20), { startedAt: 30, permit: current }], 0)).toEqual({
      cause: 'silence',
      failures: 2,
      slow: 0,
      total: 3,
    });
  });

  it('counts those only that have begun since any call showed life', () => {
    expect(trip([silent(10), silent(20)], 10)).not.toBe(null);
    expect(trip([silent(10), silent(20)], 11)).toBe(null);
    // Two that hang for good do not hide that a provider has gone silent for the others.
    expect(trip([silent(1), silent(2), silent(20), silent(30)], 11)).toMatchObject({ failures: 2, total: 4 });
  });

  it('counts no probe, and no call of an earlier generation', () => {
    expect(trip([silent(10), silent(20, { generation: 2, probe: false })], 0)).toBe(null);
    expect(trip([silent(10), silent(20, { generation: 3, probe: true })], 0)).toBe(null);
  });
});

import { describe, expect, it } from 'vitest';
import { newMemory } from '../../src/breaker/memory.ts';
import { DEFAULT_BREAKER } from '../../src/breaker/options.ts';
import type { Outcome } from '../../src/breaker/outcome.ts';
import type { Permit } from '../../src/breaker/permit.ts';
import { type Verdict, verdict } from '../../src/breaker/verdict.ts';

const options = { ...DEFAULT_BREAKER, failureThreshold: 2, successThreshold: 2 };
const memory = { ...newMemory(options, 1), generation: 3 };
const call: Permit = { generation: 3, probe: false };
const probe: Permit = { generation: 3, probe: true };

const judged = (permit: Permit, outcome: Outcome) => ({ permit, outcome, ms: 100, at: 1_000 });

describe('what a result does', () => {
  it.each<[string, Partial<typeof memory>, Permit, Outcome, Verdict]>([
    ['the first of two failures', {}, call, 'failure', 'record'],
    ['the second of two failures', { failures: 1 }, call, 'failure', 'trip'],
    ['a success after a failure', { failures: 1 }, call, 'success', 'record'],
    ['a success like any other', {}, call, 'success', 'none'],
    ['a refusal of the request', { failures: 1 }, call, 'ignored', 'none'],
    ['a call that was called off', { failures: 1 }, call, 'cancelled', 'none'],
    ['a 429', { failures: 1 }, call, 'rate_limited', 'none'],
    ['the first of two good probes', {}, probe, 'success', 'pass'],
    ['the second of two good probes', { successes: 1 }, probe, 'success', 'close'],
    ['a bad probe', { successes: 1 }, probe, 'failure', 'trip'],
    ['a refused probe', {}, probe, 'ignored', 'release'],
    ['a probe that was called off', {}, probe, 'cancelled', 'release'],
    ['a rate-limited probe', {}, probe, 'rate_limited', 'release'],
    ['a failure from before', { failures: 1 }, { generation: 2, probe: false }, 'failure', 'stale'],
    ['a success from before', {}, { generation: 2, probe: true }, 'success', 'stale'],
    ['the end of a stream that has counted', {}, { ...probe, spent: true }, 'success', 'none'],
    ['the cut of a stream that has counted', {}, { ...probe, spent: true }, 'failure', 'stale'],
  ])('%s', (_, present, permit, outcome, expected) => {
    expect(verdict({ ...memory, ...present }, judged(permit, outcome))).toBe(expected);
  });

  it.each<Outcome>([
    'success',
    'failure',
    'ignored',
    'cancelled',
    'rate_limited',
  ])('is nothing for a %s when the breaker is switched off', (outcome) => {
    expect(verdict({ ...memory, options: null }, judged(call, outcome))).toBe('none');
    expect(verdict({ ...memory, options: null }, judged({ generation: 1, probe: false }, outcome))).toBe('none');
  });
});

describe('the whole table', () => {
  // By permit and memory; in the columns: success, failure, ignored, cancelled, rate_limited.
  const OUTCOMES: readonly Outcome[] = ['success', 'failure', 'ignored', 'cancelled', 'rate_limited'];
  const old: Permit = { generation: 2, probe: false };
  const oldProbe: Permit = { generation: 2, probe: true };
  const spentProbe: Permit = { ...probe, spent: true };
  const oldSpentProbe: Permit = { ...oldProbe, spent: true };
  const stale = ['stale', 'stale', 'stale', 'stale', 'stale'] as const;
  const spentAlready = ['none', 'stale', 'stale', 'stale', 'stale'] as const;

  it.each<[string, Permit, Partial<typeof memory>, readonly Verdict[]]>([
    ['a call, no failure yet', call, {}, ['none', 'record', 'none', 'none', 'none']],
    ['a call, one failure short', call, { failures: 1 }, ['record', 'trip', 'none', 'none', 'none']],
    ['a call, beyond the threshold', call, { failures: 9 }, ['record', 'trip', 'none', 'none', 'none']],
    ['a probe, no success yet', probe, {}, ['pass', 'trip', 'release', 'release', 'release']],
    ['a probe, one success short', probe, { successes: 1 }, ['close', 'trip', 'release', 'release', 'release']],
    [
      'a probe, whatever failed while closed',
      probe,
      { failures: 1 },
      ['pass', 'trip', 'release', 'release', 'release'],
    ],
    ['an old call', old, {}, stale],
    ['an old call, one failure short', old, { failures: 1 }, stale],
    ['an old probe', oldProbe, { successes: 1 }, stale],
    ['a call of a generation to come', { generation: 4, probe: false }, { failures: 1 }, stale],
    ['a probe that has counted', spentProbe, { successes: 1 }, spentAlready],
    ['a probe that has counted, and is old', oldSpentProbe, { successes: 1 }, spentAlready],
  ])('holds for %s', (_, permit, present, expected) => {
    expect(OUTCOMES.map((outcome) => verdict({ ...memory, ...present }, judged(permit, outcome)))).toEqual(expected);
  });

  it.each([call, probe, old, oldProbe, spentProbe])('is empty for %j when the breaker is switched off', (permit) => {
    const off = { ...memory, options: null, failures: 1, successes: 1 };
    expect(OUTCOMES.map((outcome) => verdict(off, judged(permit, outcome)))).toEqual(OUTCOMES.map(() => 'none'));
  });

  it('trips at the first failure, and closes at the first success, when one is enough', () => {
    const strict = { ...memory, options: { ...options, failureThreshold: 1, successThreshold: 1 } };
    expect(verdict(strict, judged(call, 'failure'))).toBe('trip');
    expect(verdict(strict, judged(probe, 'success'))).toBe('close');
  });
});

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

describe('what a result does', () => {
  it.each<[string, Partial<typeof memory>, Permit, Outcome, Verdict]>([
    ['the first of two failures', {}, call, 'failure', 'count'],
    ['the second of two failures', { failures: 1 }, call, 'failure', 'trip'],
    ['a success after a failure', { failures: 1 }, call, 'success', 'clear'],
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
    expect(verdict({ ...memory, ...present }, permit, outcome)).toBe(expected);
  });

  it.each<Outcome>([
    'success',
    'failure',
    'ignored',
    'cancelled',
    'rate_limited',
  ])('is nothing for a %s when the breaker is switched off', (outcome) => {
    expect(verdict({ ...memory, options: null }, call, outcome)).toBe('none');
    expect(verdict({ ...memory, options: null }, { generation: 1, probe: false }, outcome)).toBe('none');
  });
});

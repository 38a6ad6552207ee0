import { expect, it } from 'vitest';
import type { ModelEvent } from '../../../machines/events.ts';
import { pathOf } from '../../../src/verify/check/chart-path.ts';
import { newcomer } from '../../../src/verify/check/newcomer.ts';
import { policyOf } from '../../../src/verify/policy.ts';

const [model] = policyOf({ models: { a: { provider: 'simulated' } } }).models;

const slip = newcomer({ id: 'r1', seq: 1, class: 'low', arrival: 1, timeoutMs: 1_000, candidates: ['a'] });
const call = { slot: 0, slip, permit: { generation: 0, probe: false }, lingers: false, interrupts: false } as const;

it('each request of a path has a name of its own, also one that comes under the name of one that has gone', () => {
  const events = [
    { type: 'request', slip, at: 1 },
    { type: 'call.succeeded', ...call, at: 1 },
    { type: 'request', slip, at: 1 },
    { type: 'call.ignored', ...call, at: 1 },
    { type: 'request', slip, at: 1 },
    { type: 'call.failed', ...call, at: 1 },
  ] as readonly ModelEvent[];

  expect(pathOf(model!, events)).toEqual([
    { type: 'request', priority: 'low', model: 'a' },
    { type: 'call.succeeded', request: 'r1', model: 'a' },
    { type: 'request', priority: 'low', model: 'a' },
    { type: 'call.ignored', request: 'r2', model: 'a' },
    { type: 'request', priority: 'low', model: 'a' },
    { type: 'call.failed', request: 'r3', model: 'a' },
  ]);
});

it('a path waits out each opening, later ones for longer', () => {
  const recovery = { type: 'xstate.after.open' } as unknown as ModelEvent;
  const breaker = { ...model!.breaker!, recoveryTimeoutMs: 1_000.5, maxOpenMs: 3_000, openJitter: 0.2 };

  expect(pathOf({ ...model!, breaker }, [recovery, recovery, recovery])).toEqual([
    { type: 'time.passed', ms: 1_201 },
    { type: 'time.passed', ms: 2_402 },
    { type: 'time.passed', ms: 3_600 },
  ]);
});

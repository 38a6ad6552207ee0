import { expect, it } from 'vitest';
import type { Attempt } from '../../src/routing/slip.ts';
import { traceOf } from '../../src/routing/trace.ts';
import { slipWith } from '../support/slips.ts';

const attempt = (model: string, outcome: Attempt['outcome'], more: Partial<Attempt> = {}): Attempt => ({
  model,
  startedAt: 10,
  ms: 5,
  outcome,
  waitedMs: 3,
  ...more,
});

it('tells of each candidate in its turn, and of none whose turn never came', () => {
  const slip = slipWith({
    seq: 1,
    arrival: 0,
    rule: 'rule',
    candidates: ['open', 'down', 'gone', 'good', 'never'],
    cursor: 3,
    skipped: [
      { model: 'open', reason: 'circuit_open', retryAfterMs: 900, waitedMs: 0 },
      { model: 'gone', reason: 'displaced', waitedMs: 8 },
    ],
    attempts: [
      attempt('down', 'failure', { status: 500, code: 'boom' }),
      attempt('good', 'success', { firstTokenMs: 2 }),
    ],
  });
  expect(traceOf(slip, 40)).toEqual({
    requestId: 'r1',
    rule: 'rule',
    class: 'normal',
    totalMs: 40,
    candidates: [
      { model: 'open', verdict: 'skipped', reason: 'circuit_open', retryAfterMs: 900, waitedMs: 0, attempts: [] },
      {
        model: 'down',
        verdict: 'failed',
        waitedMs: 3,
        attempts: [{ startedAt: 10, ms: 5, outcome: 'failure', status: 500, code: 'boom' }],
      },
      { model: 'gone', verdict: 'displaced', reason: 'displaced', waitedMs: 8, attempts: [] },
      {
        model: 'good',
        verdict: 'served',
        waitedMs: 3,
        attempts: [{ startedAt: 10, ms: 5, outcome: 'success', firstTokenMs: 2 }],
      },
    ],
  });
});

it('tells a call that was called off from one that failed', () => {
  const slip = slipWith({ seq: 1, attempts: [attempt('m', 'cancelled')] });
  expect(traceOf(slip, 40).candidates).toMatchObject([{ model: 'm', verdict: 'cancelled' }]);
});

it('tells of a request that left the queue as cancelled', () => {
  const skipped = [{ model: 'm', reason: 'cancelled', waitedMs: 12 }] as const;
  expect(traceOf(slipWith({ seq: 1, skipped }), 40).candidates).toEqual([
    { model: 'm', verdict: 'cancelled', reason: 'cancelled', waitedMs: 12, attempts: [] },
  ]);
});

it('sums the waits at a model: before each of its calls, and before it gave the request back', () => {
  const skipped = [{ model: 'm', reason: 'router_stopped', waitedMs: 30 }] as const;
  const slip = slipWith({ seq: 1, skipped, attempts: [attempt('m', 'failure'), attempt('m', 'failure')] });
  expect(traceOf(slip, 40).candidates).toMatchObject([
    {
      verdict: 'failed',
      reason: 'router_stopped',
      waitedMs: 36,
      attempts: [{ outcome: 'failure' }, { outcome: 'failure' }],
    },
  ]);
});

it('ends with the one that served, also when it stands in the itinerary twice', () => {
  const slip = slipWith({ seq: 1, candidates: ['a', 'b', 'a'], cursor: 0, attempts: [attempt('a', 'success')] });
  expect(traceOf(slip, 40).candidates.map(({ model, verdict }) => `${model} ${verdict}`)).toEqual(['a served']);
});

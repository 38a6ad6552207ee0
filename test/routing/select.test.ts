import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_BOOSTS } from '../../src/queue/priority.ts';
import { enqueue, NONE_WAITING } from '../../src/queue/waiting.ts';
import { refusal } from '../../src/routing/admission.ts';
import type { ModelView } from '../../src/routing/model-view.ts';
import { moveOn, passOver, select } from '../../src/routing/select.ts';
import { slipWith } from '../support/slips.ts';

const CLOSED: ModelView = {
  control: 'active',
  breaker: 'closed',
  openUntil: 0,
  hasFreeProbe: false,
  probeDueAt: null,
  limitedUntil: null,
  isFull: false,
  hasFreeSlot: true,
  runningLimit: 1,
  calls: [],
  medianMs: null,
  waiting: NONE_WAITING,
  backingOff: NONE_WAITING,
  boosts: DEFAULT_BOOSTS,
  contextWindow: null,
  since: 0,
};
const OPEN: ModelView = { ...CLOSED, breaker: 'open', openUntil: 5_000 };
const FULL: ModelView = { ...CLOSED, isFull: true };
const slip = slipWith({ seq: 1, arrival: 100, candidates: ['a', 'b', 'c'] });

describe('why a model refuses', () => {
  it.each<[string, ModelView, ReturnType<typeof refusal>, number?]>([
    ['nothing, when it is closed', CLOSED, null],
    ['nothing, when it is switched off', { ...CLOSED, breaker: 'forced_closed' }, null],
    ['nothing, when it was added as the request came', { ...CLOSED, since: 100 }, null],
    ['removed, when it was added after that', { ...CLOSED, since: 101 }, { reason: 'removed' }],
    ['context_too_small', { ...CLOSED, contextWindow: 8_000 }, { reason: 'context_too_small' }, 8_000],
    ['context_too_small, when it does not say how much it takes', CLOSED, { reason: 'context_too_small' }, 8_000],
    ['nothing, when it takes more than the one that refused', { ...CLOSED, contextWindow: 8_001 }, null, 8_000],
    [
      'context_too_small, when nobody knows what was too little',
      { ...CLOSED, contextWindow: 1_000_000 },
      { reason: 'context_too_small' },
      Number.POSITIVE_INFINITY,
    ],
    ['draining', { ...OPEN, control: 'draining' }, { reason: 'draining' }],
    ['draining, when it is drained', { ...CLOSED, control: 'drained' }, { reason: 'draining' }],
    ['circuit_open, until it half-opens', OPEN, { reason: 'circuit_open', retryAfterMs: 4_000 }],
    ['nothing, when a probe is free', { ...CLOSED, breaker: 'half_open', hasFreeProbe: true }, null],
    [
      'half_open, until the probe is due',
      { ...CLOSED, breaker: 'half_open', probeDueAt: 9_000 },
      { reason: 'half_open', retryAfterMs: 8_000 },
    ],
    [
      'half_open, for a second at least',
      { ...CLOSED, breaker: 'half_open', probeDueAt: 1_001 },
      { reason: 'half_open', retryAfterMs: 1_000 },
    ],
    [
      'half_open, for a second when no probe runs',
      { ...CLOSED, breaker: 'half_open' },
      { reason: 'half_open', retryAfterMs: 1_000 },
    ],
    ['queue_full', FULL, { reason: 'queue_full' }],
    [
      'nothing, when a less important one gives way',
      { ...FULL, waiting: enqueue(NONE_WAITING, slipWith({ seq: 0, class: 'low' })) },
      null,
    ],
  ])('%s', (_, view, expected, exceededWindow) => {
    const refused = { model: 'x', startedAt: 0, ms: 1, outcome: 'ignored', waitedMs: 0, exceededWindow } as const;
    const request = exceededWindow === undefined ? slip : { ...slip, attempts: [refused] };
    expect(refusal(view, request, 1_000)).toEqual(expected);
  });
});

describe('the selection', () => {
  const among = (views: Record<string, ModelView>) => (name: string) => views[name];

  it('leaves the slip as it is when the first candidate takes it on arrival', () => {
    const { model, slip: selected } = select(slip, among({ a: CLOSED }), 100);
    expect(model).toBe('a');
    expect(selected).toBe(slip);
  });

  it('writes down each candidate that it passes over, and why', () => {
    const { model, slip: selected } = select(slip, among({ a: OPEN, c: CLOSED }), 1_000);
    expect(model).toBe('c');
    expect(selected).toMatchObject({ cursor: 2, enteredAt: 1_000 });
    expect(selected.skipped).toEqual([
      { model: 'a', reason: 'circuit_open', retryAfterMs: 4_000, waitedMs: 0 },
      { model: 'b', reason: 'removed', waitedMs: 0 },
    ]);
  });

  it('ends behind the last candidate when none takes it', () => {
    const { model, slip: selected } = select(slip, among({ a: FULL, b: FULL, c: FULL }), 1_000);
    expect(model).toBeNull();
    expect(selected.cursor).toBe(3);
    expect(selected.skipped.map(({ reason }) => reason)).toEqual(['queue_full', 'queue_full', 'queue_full']);
  });

  it('writes down when the request entered, and keeps what was written before', () => {
    const before = { model: 'x', reason: 'queue_full', waitedMs: 0 } as const;
    const carried = { ...slip, skipped: [before] };
    expect(select(carried, among({ a: CLOSED }), 1_000).slip).toEqual({ ...carried, enteredAt: 1_000 });
    const { slip: selected } = select(carried, among({ b: CLOSED }), 1_000);
    expect(selected.skipped).toEqual([before, { model: 'a', reason: 'removed', waitedMs: 0 }]);
  });

  it('never looks back', () => {
    const { model, slip: selected } = select(moveOn(slip), among({ a: CLOSED, b: CLOSED }), 1_000);
    expect(model).toBe('b');
    const returned = passOver(selected, { model: 'b', reason: 'circuit_open', waitedMs: 7 });
    expect(returned.cursor).toBe(2);
    expect(select(returned, among({ a: CLOSED, b: CLOSED }), 1_000).model).toBeNull();
  });

  it('moves only forward, writes each candidate down once, and ends at the first that takes it', () => {
    const view = fc.constantFrom(CLOSED, OPEN, FULL, undefined);
    fc.assert(
      fc.property(fc.array(view, { maxLength: 8 }), fc.nat(8), (views, cursor) => {
        const candidates = views.map((_, index) => `m${index}`);
        const from = slipWith({ seq: 1, candidates, cursor: Math.min(cursor, views.length) });
        const viewOf = (name: string): ModelView | undefined => views[candidates.indexOf(name)];
        const { model, slip: selected } = select(from, viewOf, 1_000);
        const expected = candidates.findIndex((_, index) => index >= from.cursor && views[index] === CLOSED);
        expect(model).toBe(expected < 0 ? null : candidates[expected]);
        expect(selected.cursor).toBe(expected < 0 ? candidates.length : expected);
        expect(selected.skipped.map((skip) => skip.model)).toEqual(candidates.slice(from.cursor, selected.cursor));
        expect(from.skipped).toEqual([]);
      }),
    );
  });
});

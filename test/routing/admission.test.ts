import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_BOOSTS, PRIORITY_CLASSES } from '../../src/queue/priority.ts';
import { enqueue, NONE_WAITING, victim, type Waiting } from '../../src/queue/waiting.ts';
import { refusal, retryAfterHalfOpen, retryAfterOpen } from '../../src/routing/admission.ts';
import type { ModelView } from '../../src/routing/model-view.ts';
import { slipWith } from '../support/slips.ts';

const viewWith = (given: Partial<ModelView>): ModelView => ({
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
  ...given,
});
const full = (...waiting: Parameters<typeof slipWith>[0][]): ModelView =>
  viewWith({ isFull: true, waiting: waiting.map(slipWith).reduce<Waiting>(enqueue, NONE_WAITING) });

describe('after how long a request may come back', () => {
  it('to an open model: when it half-opens, and never a negative time', () => {
    expect(retryAfterOpen(60_000, 59_999)).toEqual({ retryAfterMs: 1 });
    expect(retryAfterOpen(60_000, 60_000)).toEqual({ retryAfterMs: 0 });
    expect(retryAfterOpen(60_000, 75_000)).toEqual({ retryAfterMs: 0 });
  });

  it('to a half-open model: when its probe is decided at the latest, and a second at least', () => {
    expect(retryAfterHalfOpen(31_001, 30_000)).toEqual({ retryAfterMs: 1_001 });
    expect(retryAfterHalfOpen(31_000, 30_000)).toEqual({ retryAfterMs: 1_000 });
    expect(retryAfterHalfOpen(30_001, 30_000)).toEqual({ retryAfterMs: 1_000 });
    expect(retryAfterHalfOpen(20_000, 30_000)).toEqual({ retryAfterMs: 1_000 });
    expect(retryAfterHalfOpen(null, 30_000)).toEqual({ retryAfterMs: 1_000 });
  });
});

describe('a full model', () => {
  const newcomer = slipWith({ seq: 9, class: 'high', arrival: 30_000 });

  it('takes a newcomer for whom the last one gives way', () => {
    const view = full({ seq: 1, class: 'low', arrival: 0 }, { seq: 2, class: 'normal', arrival: 20_000 });
    expect(refusal(view, newcomer, 30_000)).toBeNull();
  });

  it.each<[string, ModelView]>([
    ['nothing waits that could give way', full()],
    ['the last one is of the same class', full({ seq: 1, class: 'high', arrival: 29_999 })],
    ['the last one is of a higher class', full({ seq: 1, class: 'critical', arrival: 29_999 })],
    [
      'the last one to be served is of its class, although a lower one waits',
      full({ seq: 1, class: 'normal', arrival: -20_000 }, { seq: 2, class: 'high', arrival: 29_999 }),
    ],
    ['the lower one has aged past it', full({ seq: 1, class: 'low', arrival: -15_001 })],
  ])('refuses when %s', (_, view) => {
    expect(refusal(view, newcomer, 30_000)).toEqual({ reason: 'queue_full' });
  });

  it('takes a newcomer exactly when somebody gives way', () => {
    const anySlip = fc.record({
      class: fc.constantFrom(...PRIORITY_CLASSES),
      arrival: fc.integer({ min: 0, max: 90_000 }),
    });
    fc.assert(
      fc.property(fc.array(anySlip, { maxLength: 8 }), anySlip, (waiting, given) => {
        const view = full(...waiting.map((slip, seq) => ({ seq, ...slip })));
        const slip = slipWith({ seq: 99, ...given });
        expect(refusal(view, slip, 90_000) === null).toBe(victim(view.waiting, slip, DEFAULT_BOOSTS) !== null);
      }),
    );
  });
});

describe('of several reasons', () => {
  it('the operator’s comes before the breaker’s, and the breaker’s before the queue’s', () => {
    const slip = slipWith({ seq: 1 });
    const open = { isFull: true, breaker: 'open', openUntil: 5 } as const;
    expect(refusal(viewWith({ ...open, control: 'draining' }), slip, 0)?.reason).toBe('draining');
    expect(refusal(viewWith(open), slip, 0)?.reason).toBe('circuit_open');
    expect(refusal(viewWith({ ...open, breaker: 'half_open' }), slip, 0)?.reason).toBe('half_open');
    expect(refusal(viewWith({ ...open, breaker: 'forced_closed' }), slip, 0)?.reason).toBe('queue_full');
  });
});

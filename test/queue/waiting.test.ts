import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_BOOSTS, isLowerClass, PRIORITY_CLASSES } from '../../src/queue/priority.ts';
import {
  dequeue,
  enqueue,
  findWaiting,
  head,
  inServingOrder,
  isServedBefore,
  NONE_WAITING,
  tail,
  victim,
  type Waiting,
} from '../../src/queue/waiting.ts';
import type { Slip } from '../../src/routing/slip.ts';
import { slipWith } from '../support/slips.ts';

const slips = fc
  .array(fc.record({ class: fc.constantFrom(...PRIORITY_CLASSES), gap: fc.integer({ min: 0, max: 30_000 }) }), {
    maxLength: 40,
  })
  .map((list) => {
    let arrival = 0;
    return list.map(({ class: priority, gap }, seq) => {
      arrival += gap;
      return slipWith({ seq, class: priority, arrival });
    });
  });

const queueOf = (list: readonly Slip[]): Waiting => list.reduce(enqueue, NONE_WAITING);
const naive = (list: readonly Slip[]): Slip[] => {
  const key = (slip: Slip): number => slip.arrival - DEFAULT_BOOSTS[slip.class];
  return list.toSorted((a, b) => key(a) - key(b) || a.arrival - b.arrival || a.seq - b.seq);
};

describe('the order of service', () => {
  it('is by arrival less the boost of the class, as a naive sort says', () => {
    fc.assert(
      fc.property(slips, (list) => {
        const waiting = queueOf(list);
        const order = naive(list);
        expect(inServingOrder(waiting, DEFAULT_BOOSTS)).toEqual(order);
        expect(head(waiting, DEFAULT_BOOSTS)).toBe(order[0] ?? null);
        expect(tail(waiting, DEFAULT_BOOSTS)).toBe(order.at(-1) ?? null);
      }),
    );
  });

  it('lets nobody be overtaken by what arrives later than the difference of the boosts', () => {
    fc.assert(
      fc.property(slips, (list) => {
        const order = naive(list);
        order.forEach((slip, index) => {
          for (const earlier of order.slice(0, index)) {
            const lead = earlier.arrival - slip.arrival;
            expect(lead).toBeLessThanOrEqual(Math.max(0, DEFAULT_BOOSTS[earlier.class] - DEFAULT_BOOSTS[slip.class]));
            expect(lead).toBeLessThanOrEqual(60_000);
          }
        });
      }),
    );
  });

  it('serves nobody after one that arrived later than the difference of their boosts, whenever slots are free', () => {
    const anyBoosts = fc.record({
      critical: fc.nat(90_000),
      high: fc.nat(90_000),
      normal: fc.nat(90_000),
      low: fc.nat(90_000),
    });
    const steps = fc.array(
      fc.record({
        class: fc.constantFrom(...PRIORITY_CLASSES),
        gap: fc.integer({ min: 0, max: 20_000 }),
        serves: fc.boolean(),
      }),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(anyBoosts, steps, (boosts, list) => {
        let now = 0;
        let waiting = NONE_WAITING;
        list.forEach(({ class: priority, gap, serves }, seq) => {
          now += gap;
          waiting = enqueue(waiting, slipWith({ seq, class: priority, arrival: now }));
          const served = serves ? head(waiting, boosts) : null;
          if (served === null) return;
          waiting = dequeue(waiting, served);
          for (const left of inServingOrder(waiting, boosts)) {
            const overtaking = served.arrival - left.arrival;
            expect(overtaking).toBeLessThanOrEqual(Math.max(0, boosts[served.class] - boosts[left.class]));
          }
        });
      }),
    );
  });

  it('puts critical and high ahead of normal and low that have waited less than 40 s', () => {
    const normal = slipWith({ seq: 1, class: 'normal', arrival: 0 });
    const high = (arrival: number) => slipWith({ seq: 2, class: 'high', arrival });
    expect(isServedBefore(high(39_999), normal, DEFAULT_BOOSTS)).toBe(true);
    expect(isServedBefore(high(40_001), normal, DEFAULT_BOOSTS)).toBe(false);
  });

  it('breaks a tie by arrival, then by order of acceptance', () => {
    const low = slipWith({ seq: 9, class: 'low', arrival: 0 });
    expect(isServedBefore(low, slipWith({ seq: 1, class: 'critical', arrival: 60_000 }), DEFAULT_BOOSTS)).toBe(true);
    expect(isServedBefore(slipWith({ seq: 1, arrival: 5 }), slipWith({ seq: 2, arrival: 5 }), DEFAULT_BOOSTS)).toBe(
      true,
    );
  });
});

describe('the one that gives way', () => {
  it('is the last to be served, of a lower class, served after the newcomer', () => {
    fc.assert(
      fc.property(
        slips,
        fc.constantFrom(...PRIORITY_CLASSES),
        fc.integer({ min: 0, max: 90_000 }),
        (list, priority, gap) => {
          const newcomer = slipWith({ seq: 99, class: priority, arrival: (list.at(-1)?.arrival ?? 0) + gap });
          const last = naive(list).at(-1);
          const gives =
            last !== undefined && isLowerClass(last.class, priority) && naive([last, newcomer])[0] === newcomer;
          expect(victim(queueOf(list), newcomer, DEFAULT_BOOSTS)).toBe(gives ? last : null);
        },
      ),
    );
  });

  it('is not one that has aged past the newcomer', () => {
    const aged = slipWith({ seq: 1, class: 'low', arrival: 0 });
    const waiting = queueOf([aged]);
    const critical = (arrival: number) => slipWith({ seq: 2, class: 'critical', arrival });
    expect(victim(waiting, critical(59_999), DEFAULT_BOOSTS)).toBe(aged);
    // With equal keys the one that arrived first is served first.
    expect(victim(waiting, critical(60_000), DEFAULT_BOOSTS)).toBeNull();
    expect(victim(waiting, critical(60_001), DEFAULT_BOOSTS)).toBeNull();
  });

  it('is never of the newcomer’s class or above, and never served before it', () => {
    fc.assert(
      fc.property(
        slips,
        fc.constantFrom(...PRIORITY_CLASSES),
        fc.integer({ min: 0, max: 200_000 }),
        (list, priority, arrival) => {
          const newcomer = slipWith({ seq: 99, class: priority, arrival });
          const displaced = victim(queueOf(list), newcomer, DEFAULT_BOOSTS);
          if (displaced === null) return;
          expect(PRIORITY_CLASSES.indexOf(displaced.class)).toBeGreaterThan(PRIORITY_CLASSES.indexOf(priority));
          expect(isServedBefore(newcomer, displaced, DEFAULT_BOOSTS)).toBe(true);
          expect(list.every((slip) => slip === displaced || isServedBefore(slip, displaced, DEFAULT_BOOSTS))).toBe(
            true,
          );
        },
      ),
    );
  });
});

it('finds and takes out a request by its key in any class', () => {
  const list = PRIORITY_CLASSES.map((priority, seq) => slipWith({ seq, class: priority }));
  const waiting = queueOf(list);
  for (const slip of list) {
    expect(findWaiting(waiting, slip)).toBe(slip);
    expect(findWaiting(dequeue(waiting, slip), slip)).toBeNull();
    expect(inServingOrder(dequeue(waiting, slip), DEFAULT_BOOSTS)).toHaveLength(3);
  }
});

it('is the same queue after a removal of what is not there', () => {
  const waiting = queueOf([slipWith({ seq: 1 }), slipWith({ seq: 2, class: 'low' })]);
  expect(dequeue(waiting, slipWith({ seq: 1, class: 'low' }))).toEqual(waiting);
  expect(findWaiting(waiting, slipWith({ seq: 2 }))).toBeNull();
});

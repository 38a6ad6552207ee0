import fc from 'fast-check';
import { expect, it } from 'vitest';
import { DEFAULT_BOOSTS, PRIORITY_CLASSES } from '../../src/queue/priority.ts';
import { inServingOrder, type Waiting } from '../../src/queue/waiting.ts';
import { entered, left, NONE_PARKED, type Parking, parkedFor } from '../../src/routing/parking.ts';
import type { Slip } from '../../src/routing/slip.ts';
import { slipWith } from '../support/slips.ts';

const MODELS = ['a', 'b', 'c'];
const slips = fc
  .array(
    fc.record({
      class: fc.constantFrom(...PRIORITY_CLASSES),
      arrival: fc.nat({ max: 20_000 }),
      candidates: fc.uniqueArray(fc.constantFrom(...MODELS), { minLength: 1 }),
    }),
    { maxLength: 20 },
  )
  .map((list) => list.map((given, seq) => slipWith({ ...given, seq, id: `r${seq}` })));
const ids = (waiting: Waiting): string[] => inServingOrder(waiting, DEFAULT_BOOSTS).map(({ id }) => id);
const sorted = (list: readonly Slip[]): string[] => list.map(({ id }) => id).sort();

it('finds of those that have entered and not left all, and by each model those that name it', () => {
  fc.assert(
    fc.property(slips, fc.infiniteStream(fc.boolean()), (list, coin) => {
      let parking: Parking = NONE_PARKED;
      const there: Slip[] = [];
      for (const slip of list) {
        parking = entered(parking, slip);
        there.push(slip);
        if (coin.next().value !== true) continue;
        parking = left(parking, there.shift()!);
      }
      expect(parking.count).toBe(there.length);
      expect(ids(parking.all).sort()).toEqual(sorted(there));
      for (const model of MODELS) {
        const named = there.filter(({ candidates }) => candidates.includes(model));
        expect(ids(parkedFor(parking, model)).sort()).toEqual(sorted(named));
        // What nobody names is not kept: models come and go.
        expect(Object.hasOwn(parking.byModel, model)).toBe(named.length > 0);
      }
    }),
  );
});

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Nearest } from '../../../src/cache/index/nearest.ts';

it('is the head of a stable sort of all that was offered', () => {
  const offers = fc.array(fc.integer({ min: -5, max: 5 }), { maxLength: 50 });
  fc.assert(
    fc.property(offers, fc.nat(12), (similarities, k) => {
      const nearest = new Nearest(k);
      similarities.forEach((similarity, slot) => void nearest.offer(slot, similarity));
      const sorted = similarities.map((similarity, slot) => ({ slot, similarity }));
      sorted.sort((a, b) => b.similarity - a.similarity);
      expect(nearest.toArray()).toEqual(sorted.slice(0, k));
    }),
  );
});

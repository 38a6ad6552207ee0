import { nextRandom } from '../../random.ts';
import type { KnownTarget, Ordering } from './ordering.ts';

/**
 * Draws without replacement: each place goes to one of those left with probability weight / sum of the weights left.
 * The same distribution as sorting by the keys u^(1/weight) of Efraimidis and Spirakis, "Weighted random sampling with a
 * reservoir", Information Processing Letters 97, 2006, with a draw less, because the last place is nobody else's.
 */
export const weighted: Ordering = (targets, { memory: { seed: given, turns } }) => {
  const left = [...targets];
  const order: string[] = [];
  let seed = given;
  while (left.length > 1) {
    const draw = nextRandom(seed);
    seed = draw.seed;
    order.push(left.splice(indexAt(left, draw.value), 1)[0]!.model);
  }
  for (const { model } of left) order.push(model);
  return { order, memory: { seed, turns } };
};

/** Whose part of the line from 0 to the sum of the weights that share of it falls in. */
function indexAt(targets: readonly KnownTarget[], share: number): number {
  let point = share * targets.reduce((sum, { figures }) => sum + figures.weight, 0);
  const index = targets.findIndex(({ figures }) => {
    point -= figures.weight;
    return point < 0;
  });
  // What rounding leaves beyond the last weight is the last one's.
  return index === -1 ? targets.length - 1 : index;
}

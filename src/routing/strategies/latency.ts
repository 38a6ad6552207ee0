import { nextRandom } from '../../random.ts';
import { ascending } from './ascending.ts';
import type { KnownTarget, Ordering, TargetFigures } from './ordering.ts';

/**
 * Peak EWMA over the power of two choices: of two different targets drawn at random the one with the lower score is
 * first, then come all others by score. Always taking the lowest of all would send everyone to the same target until its
 * figures catch up (Mitzenmacher, "The Power of Two Choices in Randomized Load Balancing", IEEE Transactions on Parallel
 * and Distributed Systems 12, 2001); the score is that of Finagle's `PeakEwma`.
 */
export const latency: Ordering = (targets, { memory }) => {
  const byScore = ascending(targets, scoreOf);
  // Two are their own only pair.
  if (targets.length < 3) return { order: byScore, memory };
  const { pair, seed } = drawPair(targets, memory.seed);
  const winner = byScore.find((model) => pair.some((target) => target.model === model))!;
  return {
    order: [winner, ...byScore.filter((model) => model !== winner)],
    memory: { seed, turns: memory.turns },
  };
};

/** Stands for a target without a measurement, so that it gets one; above 0, so that a burst spreads over several such. */
const UNMEASURED_MS = 1e-6;

/** Milliseconds until one more request would be served. */
const scoreOf = ({ ewmaMs, waiting, running }: TargetFigures): number =>
  (ewmaMs ?? UNMEASURED_MS) * (waiting + running + 1);

/** Each of the pairs is as likely as the others. */
function drawPair(
  targets: readonly KnownTarget[],
  seed: number,
): { readonly pair: readonly [KnownTarget, KnownTarget]; readonly seed: number } {
  const one = nextRandom(seed);
  const first = Math.floor(one.value * targets.length);
  const other = nextRandom(one.seed);
  const among = Math.floor(other.value * (targets.length - 1));
  const second = among < first ? among : among + 1;
  return { pair: [targets[first]!, targets[second]!], seed: other.seed };
}

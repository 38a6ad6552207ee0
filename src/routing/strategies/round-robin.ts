import type { Ordering } from './ordering.ts';

/**
 * Each target in turn: the declaration, rotated by the number of requests that the rule has dealt out before, so that
 * whoever is next in turn is also the first to stand in. Rotates over the targets that are there, because the successor
 * of a removed one would otherwise serve for two. (Envoy's round robin without weights.)
 */
export const roundRobin: Ordering = (targets, { ruleName, memory: { seed, turns } }) => {
  // A rule may be called `constructor`: only what the record itself holds is a turn.
  const turn = Object.hasOwn(turns, ruleName) ? turns[ruleName]! : 0;
  const start = targets.length === 0 ? 0 : turn % targets.length;
  return {
    order: [...targets.slice(start), ...targets.slice(0, start)].map(({ model }) => model),
    memory: { seed, turns: { ...turns, [ruleName]: turn + 1 } },
  };
};

import { cost } from './strategies/cost.ts';
import { latency } from './strategies/latency.ts';
import { leastBusy } from './strategies/least-busy.ts';
import type {
  KnownTarget,
  Ordered,
  Ordering,
  RequestFigures,
  StrategyMemory,
  TargetFigures,
} from './strategies/ordering.ts';
import { roundRobin } from './strategies/round-robin.ts';
import { weighted } from './strategies/weighted.ts';

/** How a rule puts its targets in order. */
export const STRATEGIES = ['ordered', 'round-robin', 'weighted', 'least-busy', 'latency', 'cost'] as const;

export type Strategy = (typeof STRATEGIES)[number];

const ORDERINGS: Readonly<Record<Exclude<Strategy, 'ordered'>, Ordering>> = {
  'round-robin': roundRobin,
  weighted,
  'least-busy': leastBusy,
  latency,
  cost,
};

/**
 * The order in which the targets of a rule are asked: all of them, each once, ties by declaration. `ordered` takes them
 * as they are declared; every other strategy puts those without figures (removed) last, as they are declared.
 */
export function orderTargets(
  strategy: Strategy,
  ruleName: string,
  targets: readonly string[],
  figuresOf: (model: string) => TargetFigures | undefined,
  request: RequestFigures,
  memory: StrategyMemory,
): Ordered {
  if (strategy === 'ordered') return { order: targets, memory };
  const known: KnownTarget[] = [];
  const unknown: string[] = [];
  for (const model of targets) {
    const figures = figuresOf(model);
    if (figures === undefined) unknown.push(model);
    else known.push({ model, figures });
  }
  const ordered = ORDERINGS[strategy](known, { ruleName, request, memory });
  return unknown.length === 0 ? ordered : { ...ordered, order: [...ordered.order, ...unknown] };
}

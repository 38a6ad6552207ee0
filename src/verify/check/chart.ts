import type { BreakerOptions } from '../../breaker/options.ts';
import type { Boosts } from '../../queue/priority.ts';
import type { PolicyModel } from '../policy.ts';

/** The size at which a chart is explored. */
export interface ChartSize {
  readonly maxConcurrency: number;
  readonly maxQueueDepth: number;
  readonly failureThreshold: number;
}

/** What a chart can be told apart by, as long as nobody looks at how long things take. */
export interface Chart {
  readonly size: ChartSize;
  readonly breaker: BreakerOptions | null;
  readonly boosts: Boosts;
  /** Further calls after one that failed. */
  readonly maxRetries: number;
}

/**
 * A model's chart at the smallest size at which every bound is met and passed: one slot, two that wait, two failures, two
 * successful probes, one retry. It counts up to its bounds and does nothing else with what it has counted.
 */
export function chartOf(
  { maxConcurrency, maxQueueDepth, breaker }: PolicyModel,
  boosts: Boosts,
  maxRetries: number,
): Chart {
  return {
    size: {
      maxConcurrency: Math.min(maxConcurrency, 1),
      maxQueueDepth: Math.min(maxQueueDepth, 3),
      failureThreshold: Math.min(breaker?.failureThreshold ?? 0, 2),
    },
    breaker: breaker && {
      ...breaker,
      failureThreshold: Math.min(breaker.failureThreshold, 2),
      windowSize: Math.min(breaker.windowSize, 2),
      minimumCalls: Math.min(breaker.minimumCalls, 2),
      successThreshold: Math.min(breaker.successThreshold, 2),
      halfOpenMaxProbes: 1,
      openJitter: 0,
      recoveryTimeoutMs: 1_000,
      maxOpenMs: 1_000,
    },
    boosts,
    maxRetries: Math.min(maxRetries, 1),
  };
}

/** What is counted up to a smaller bound than the model's own. */
export interface Cut {
  /** What is counted, such as `places`. */
  readonly what: string;
  readonly explored: number;
  readonly own: number;
}

/** In what a chart is smaller than its model; empty: it is explored as it is. */
export function cutsOf(chart: Chart, model: PolicyModel, maxRetries: number): readonly Cut[] {
  const { size, breaker: small } = chart;
  const bounds: Cut[] = [
    { what: 'slots', explored: size.maxConcurrency, own: model.maxConcurrency },
    { what: 'places', explored: size.maxQueueDepth, own: model.maxQueueDepth },
  ];
  const { breaker } = model;
  if (breaker !== null && small !== null) {
    for (const [bound, what] of COUNTED[breaker.policy]) {
      bounds.push({ what, explored: small[bound], own: breaker[bound] });
    }
  }
  bounds.push({ what: 'retries', explored: chart.maxRetries, own: maxRetries });
  return bounds.filter(({ explored, own }) => explored < own);
}

/** What a breaker counts up to, and what of. */
const ALWAYS = [
  ['failureThreshold', 'failures'],
  ['successThreshold', 'successes'],
  ['halfOpenMaxProbes', 'probes'],
] as const;
const MINIMUM = ['minimumCalls', 'minimum calls'] as const;
const COUNTED = {
  consecutive: ALWAYS,
  count: [...ALWAYS, ['windowSize', 'results in the window'], MINIMUM],
  time: [...ALWAYS, MINIMUM],
} as const;

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

/** Whether it is explored as it is. */
export const isWhole = (
  chart: Chart,
  { maxConcurrency, maxQueueDepth, breaker }: PolicyModel,
  maxRetries: number,
): boolean =>
  maxConcurrency === chart.size.maxConcurrency &&
  maxQueueDepth === chart.size.maxQueueDepth &&
  maxRetries === chart.maxRetries &&
  (breaker === null || BOUNDS[breaker.policy].every((bound) => breaker[bound] === chart.breaker?.[bound]));

/** What a breaker counts up to. */
const ALWAYS = ['failureThreshold', 'successThreshold', 'halfOpenMaxProbes'] as const;
const BOUNDS = {
  consecutive: ALWAYS,
  count: [...ALWAYS, 'windowSize', 'minimumCalls'],
  time: [...ALWAYS, 'minimumCalls'],
} as const;

import type { PolicyModel } from '../policy.ts';

/** Larger counts differ in nothing but how long it takes to count up to them. */
export const MOST_COUNTED = 500;

/** A model that counts no further than that. */
export function clipped(model: PolicyModel): PolicyModel {
  const { breaker, maxConcurrency, maxQueueDepth } = model;
  const least = (count: number): number => Math.min(count, MOST_COUNTED);
  const slots = Math.min(maxConcurrency, MOST_COUNTED / 2);
  return {
    ...model,
    maxConcurrency: slots,
    maxQueueDepth: slots + least(maxQueueDepth - maxConcurrency),
    breaker: breaker && {
      ...breaker,
      failureThreshold: least(breaker.failureThreshold),
      successThreshold: least(breaker.successThreshold),
      windowSize: least(breaker.windowSize),
      minimumCalls: least(breaker.minimumCalls),
    },
  };
}

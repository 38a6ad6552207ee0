import { describe, expect, it } from 'vitest';
import { CONFIGURATIONS, explore } from './exploration.ts';
import { judge } from './predicates.ts';

/** One test for each configuration with so many slots; a file for each number, so that they run side by side. */
export function describeExploration(maxConcurrency: number): void {
  describe('every reachable state of the model chart', () => {
    it.each(
      CONFIGURATIONS.filter((configuration) => configuration.maxConcurrency === maxConcurrency),
    )('keeps every guarantee with $maxConcurrency slots, $maxQueueDepth places and threshold $failureThreshold', (configuration) => {
      const { states, steps } = explore(configuration, judge);
      expect(states).toBeGreaterThan(20);
      expect(steps).toBeGreaterThan(states);
    }, 120_000);
  });
}

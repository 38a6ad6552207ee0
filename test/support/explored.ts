import { describe, expect, it } from 'vitest';
import { type Configuration, explore } from './exploration.ts';
import { judge } from './predicates.ts';

/** One test for each of these configurations; a file for each share of them, so that they run side by side. */
export function describeExploration(title: string, configurations: readonly Configuration[]): void {
  describe(title, () => {
    it.each(
      configurations,
    )('keeps every guarantee with $maxConcurrency slots, $maxQueueDepth places and threshold $failureThreshold', (configuration) => {
      const { states, steps } = explore(configuration, judge);
      expect(states).toBeGreaterThan(20);
      expect(steps).toBeGreaterThan(states);
    }, 120_000);
  });
}

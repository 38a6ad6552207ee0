import { expect, it } from 'vitest';
import { explore } from '../support/exploration.ts';
import { judge } from '../support/predicates.ts';

// Small enough to run once for each mutant, large enough to reach every state of the chart.
it.each([
  { maxConcurrency: 1, maxQueueDepth: 2, failureThreshold: 2 },
  { maxConcurrency: 2, maxQueueDepth: 3, failureThreshold: 1 },
  { maxConcurrency: 1, maxQueueDepth: 2, failureThreshold: 2, retries: true as const },
])('keeps every guarantee in a small configuration', (configuration) => {
  expect(explore(configuration, judge).states).toBeGreaterThan(100);
});

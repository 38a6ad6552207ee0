import { describe, expect, it } from 'vitest';
import { CONFIGURATIONS, explore } from '../support/exploration.ts';
import { judge } from '../support/predicates.ts';

describe('every reachable state of the model chart', () => {
  it.each(CONFIGURATIONS)(
    'keeps every guarantee with $maxConcurrency slots, $maxQueueDepth places and threshold $failureThreshold',
    (configuration) => {
      const { states, steps } = explore(configuration, judge);
      console.log(JSON.stringify(configuration), states, steps);
      expect(states).toBeGreaterThan(20);
      expect(steps).toBeGreaterThan(states);
    },
    120_000,
  );
});

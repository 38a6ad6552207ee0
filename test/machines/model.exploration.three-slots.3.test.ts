import { CONFIGURATIONS } from '../support/exploration.ts';
import { describeExploration } from '../support/explored.ts';

describeExploration(
  'every reachable state of the model chart',
  CONFIGURATIONS.filter(({ maxConcurrency, failureThreshold }) => maxConcurrency === 3 && failureThreshold === 3),
);

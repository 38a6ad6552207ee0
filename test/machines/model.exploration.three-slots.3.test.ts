import { describeExploration } from '../support/explored.ts';

describeExploration(({ maxConcurrency, failureThreshold }) => maxConcurrency === 3 && failureThreshold === 3);

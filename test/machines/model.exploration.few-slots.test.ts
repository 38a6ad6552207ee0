import { describeExploration } from '../support/explored.ts';

describeExploration(({ maxConcurrency }) => maxConcurrency < 3);

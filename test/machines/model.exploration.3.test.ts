import { describeExploration } from '../support/explored.ts';

describeExploration(3);

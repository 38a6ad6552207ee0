import { RETRY_CONFIGURATIONS } from '../support/exploration.ts';
import { describeExploration } from '../support/explored.ts';

describeExploration('every reachable state of the model chart that tries calls again', RETRY_CONFIGURATIONS);

import { answers } from './backend-contract/answers.ts';
import { cancellation } from './backend-contract/cancellation.ts';
import { type ContractCase, createContract } from './backend-contract/contract.ts';
import { failures } from './backend-contract/failures.ts';
import type { BackendContractOptions } from './backend-contract/options.ts';
import { resources } from './backend-contract/resources.ts';

/**
 * What every backend keeps to, as tests of a backend of yours: hand each to the `it` or `test` of any runner. They throw
 * an `AssertionError` where the backend does otherwise.
 *
 * @example
 * for (const { name, run } of backendContract({ make: () => new MyBackend() })) it(name, run);
 */
export function backendContract(options: BackendContractOptions): readonly ContractCase[] {
  const contract = createContract(options);
  return [answers, cancellation, failures, resources].flatMap((part) => part(contract));
}

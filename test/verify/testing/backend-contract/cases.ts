import { expect } from 'vitest';
import type { BackendContractOptions } from '../../../../src/verify/testing/backend-contract/options.ts';
import { backendContract } from '../../../../src/verify/testing/backend-contract.ts';

/** The one case whose name has this in it. */
export function runCase(name: string, options: BackendContractOptions): Promise<void> {
  const found = backendContract(options).filter((one) => one.name.includes(name));
  expect(found).toHaveLength(1);
  return found[0]!.run();
}

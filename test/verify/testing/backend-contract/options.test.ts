import { describe, expect, it } from 'vitest';
import type { Backend } from '../../../../src/backends/backend.ts';
import { ConfigurationError } from '../../../../src/errors.ts';
import type { BackendContractOptions } from '../../../../src/verify/testing/backend-contract/options.ts';
import { backendContract } from '../../../../src/verify/testing/backend-contract.ts';
import { runCase } from './cases.ts';

const make = (): Backend => ({ generate: async () => ({ content: 'hi' }) });

describe('a mistake in the options of a contract is told before any case is run', () => {
  it.each<[string, object, string]>([
    ['no make', {}, 'backendContract().make: given nothing; accepted: a function'],
    ['a misspelt option', { make, stream: false }, 'backendContract().stream: no such option; did you mean streams?'],
    [
      'a behaviour that is none',
      { make, behaviours: ['hangs'] },
      'backendContract().behaviours.0: given "hangs"; did you mean hang?',
    ],
    ['no limit', { make, limitMs: 0 }, 'backendContract().limitMs: given 0; accepted: milliseconds above 0'],
    [
      'a misspelt figure',
      { make, failures: { lost: { state: 503 } } },
      'backendContract().failures.lost.state: no such option; did you mean status?',
    ],
  ])('%s', (_, options, message) => {
    const contract = () => backendContract(options as BackendContractOptions);

    expect(contract).toThrow(ConfigurationError);
    expect(contract).toThrow(message);
  });

  it('and a figure that must be missing is no mistake', () => {
    const failures = { lost: { status: undefined, code: /^lost/, retryAfterMs: undefined } };

    expect(() => backendContract({ make, failures })).not.toThrow();
  });
});

it.each([
  ['nothing', undefined, 'nothing'],
  ['the class in place of a backend', class {}, 'a function'],
])('what make gives is told when it is %s', async (_, made, given) => {
  const run = runCase('answers with a text', { make: () => made as never });

  await expect(run).rejects.toThrow(
    `backendContract(): make('ok'): given ${given}; accepted: a backend, which is an object with the method generate`,
  );
});

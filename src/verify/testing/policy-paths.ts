import { z } from 'zod';
import { parseOptions } from '../../options.ts';
import { policyFrom } from '../policy.ts';
import type { PolicySource } from '../policy-source.ts';
import { coverageKey } from './coverage-key.ts';
import { assertNoLots } from './lots.ts';
import { alphabetOption, countOrInfinity } from './option-schemas.ts';
import { COVERAGES } from './path-goals.ts';
import { type PathOptions, type PolicyPaths, pathsThrough } from './paths-through.ts';
import { alphabetOf } from './policy-alphabet.ts';
import { policyModel } from './policy-model.ts';
import type { PolicyAlphabet } from './policy-specification.ts';
import { spaced } from './spaced.ts';

/** What paths go through, of which events they are made, and how many states are gone through. */
export interface PolicyPathOptions extends Omit<PathOptions, 'alphabet'> {
  /** Which events there are. Default: `alphabetOf` the policy. */
  readonly alphabet?: PolicyAlphabet | undefined;
}

const schema = z.strictObject({
  coverage: z.enum(COVERAGES).describe(COVERAGES.join(', ')),
  alphabet: alphabetOption,
  maxStates: countOrInfinity.optional(),
});

/**
 * Paths through all that a policy can do, to be run against a router. The policy should be a small one: see `smallPolicy`.
 * @throws {ConfigError} when it is no configuration
 * @throws {ConfigurationError} when a rule's strategy draws lots, so that nobody can say where a path leads, or
 * when an option is wrong
 */
export function policyPaths(source: PolicySource, options: PolicyPathOptions): PolicyPaths {
  parseOptions(schema, options, 'policyPaths()');
  const policy = policyFrom(source);
  assertNoLots(policy, 'policyPaths()');
  const { alphabet = alphabetOf(policy) } = options;
  return pathsThrough({ ...spaced(policyModel(policy)), key: coverageKey }, { ...options, alphabet });
}

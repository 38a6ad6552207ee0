import type { RouterConfig } from '../../config/router-config.ts';
import { policyOf } from '../policy.ts';
import { coverageKey } from './coverage-key.ts';
import { assertNoLots } from './lots.ts';
import { type PathOptions, type PolicyPaths, pathsThrough } from './paths-through.ts';
import { alphabetOf } from './policy-alphabet.ts';
import { policyModel } from './policy-model.ts';
import type { PolicyAlphabet } from './policy-specification.ts';
import { spaced } from './spaced.ts';

export interface PolicyPathOptions extends Omit<PathOptions, 'alphabet'> {
  /** Which events there are. Default: `alphabetOf` the policy. */
  readonly alphabet?: PolicyAlphabet | undefined;
}

/**
 * Paths through all that a policy can do, to be run against a router. The policy should be a small one: see `smallPolicy`.
 * @throws {ConfigurationError} when a rule's strategy draws lots, so that nobody can say where a path leads
 */
export function policyPaths(config: RouterConfig, options: PolicyPathOptions): PolicyPaths {
  const policy = policyOf(config);
  assertNoLots(policy, 'policyPaths()');
  const { alphabet = alphabetOf(policy) } = options;
  return pathsThrough({ ...spaced(policyModel(policy)), key: coverageKey }, { ...options, alphabet });
}

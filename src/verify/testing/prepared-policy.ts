import type { RouterConfig } from '../../config/router-config.ts';
import { LLMRouter } from '../../llm-router.ts';
import { policyOf } from '../policy.ts';
import { alphabetOf } from './policy-alphabet.ts';
import { type CreateRouter, PolicyDriver } from './policy-driver.ts';
import { policyModel } from './policy-model.ts';
import type { PolicyAlphabet } from './policy-specification.ts';
import { smallPolicy, testablePolicy } from './small-policy.ts';
import { spaced } from './spaced.ts';

export interface PreparedPolicyOptions {
  /** Makes the router that is tested. Default: `LLMRouter.fromConfig`. */
  readonly createRouter?: CreateRouter | undefined;
  /** Whether the policy is made small first, see `smallPolicy`; else it is only made testable. Default true. */
  readonly small?: boolean | undefined;
  /** Which events there are. Default: `alphabetOf` the policy. */
  readonly alphabet?: PolicyAlphabet | undefined;
}

const fromConfig: CreateRouter = ({ config, clock, backendOf }) =>
  LLMRouter.fromConfig(config, { clock, backendOf, seed: 1 });

/** What it takes to hold routers against a policy. @throws {ConfigurationError} */
export function preparePolicy(
  given: RouterConfig,
  { createRouter = fromConfig, small = true, alphabet }: PreparedPolicyOptions,
) {
  const config = small ? smallPolicy(given) : testablePolicy(given);
  const policy = policyOf(config);
  return {
    config,
    policy,
    specification: spaced(policyModel(policy)),
    alphabet: alphabet ?? alphabetOf(policy),
    /** A driver of a fresh router. */
    createDriver: () => new PolicyDriver(config, policy, createRouter),
  };
}

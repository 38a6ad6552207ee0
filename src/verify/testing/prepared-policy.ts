import { applyConfig, routerOptionsOf } from '../../config/apply.ts';
import { LLMRouter } from '../../llm-router.ts';
import { policyOf } from '../policy.ts';
import { loadedFrom, type PolicySource } from '../policy-source.ts';
import { alphabetOf } from './policy-alphabet.ts';
import { type CreateRouter, PolicyDriver } from './policy-driver.ts';
import { policyModel } from './policy-model.ts';
import type { PolicyAlphabet } from './policy-specification.ts';
import { smallPolicy, testablePolicy } from './small-policy.ts';
import { spaced } from './spaced.ts';

/** How a router is held against its policy. */
export interface PreparedPolicyOptions {
  /** Makes the router that is tested. Default: `LLMRouter.fromConfig`. */
  readonly createRouter?: CreateRouter | undefined;
  /** Whether the policy is made small first, see `smallPolicy`; else it is only made testable. Default true. */
  readonly small?: boolean | undefined;
  /** Which events there are. Default: `alphabetOf` the policy. */
  readonly alphabet?: PolicyAlphabet | undefined;
}

/** What `LLMRouter.fromConfig` would make, of a configuration that has been read. */
const routerOf: CreateRouter = ({ config, clock, backendOf }) => {
  const router = new LLMRouter({ ...routerOptionsOf(config), clock, seed: 1 });
  applyConfig(router, config, { backendOf });
  return router;
};

/**
 * What it takes to hold routers against a policy.
 * @throws {ConfigError} when it is no configuration
 * @throws {ConfigurationError} when its policy cannot be told
 */
export function preparePolicy(
  source: PolicySource,
  { createRouter = routerOf, small = true, alphabet }: PreparedPolicyOptions,
) {
  const given = loadedFrom(source);
  const loaded = { ...given, config: small ? smallPolicy(given) : testablePolicy(given) };
  const policy = policyOf(loaded.config);
  return {
    /** As it was, and as it is tested. */
    given,
    loaded,
    policy,
    specification: spaced(policyModel(policy)),
    alphabet: alphabet ?? alphabetOf(policy),
    /** A driver of a fresh router. */
    createDriver: () => new PolicyDriver(loaded, policy, createRouter),
  };
}

import { applyConfig, routerOptionsOf } from '../../config/apply.ts';
import { loadConfig } from '../../config/load.ts';
import type { RouterConfig } from '../../config/router-config.ts';
import { LLMRouter } from '../../llm-router.ts';
import { policyOf } from '../policy.ts';
import { loadedFrom, type PolicySource } from '../policy-source.ts';
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

/** Makes what `LLMRouter.fromConfig` would, but reads the configuration only once for all of them. */
function routersOf(given: RouterConfig): CreateRouter {
  // Nothing of it is called: variables need not be set.
  const { config } = loadConfig(given, { missing: 'keep' });
  return ({ clock, backendOf }) => {
    const router = new LLMRouter({ ...routerOptionsOf(config), clock, seed: 1 });
    applyConfig(router, config, { backendOf });
    return router;
  };
}

/** What it takes to hold routers against a policy. @throws {ConfigurationError} */
export function preparePolicy(source: PolicySource, { createRouter, small = true, alphabet }: PreparedPolicyOptions) {
  const given = loadedFrom(source).config;
  const config = small ? smallPolicy(given) : testablePolicy(given);
  const policy = policyOf(config);
  const routers = createRouter ?? routersOf(config);
  return {
    given,
    config,
    policy,
    specification: spaced(policyModel(policy)),
    alphabet: alphabet ?? alphabetOf(policy),
    /** A driver of a fresh router. */
    createDriver: () => new PolicyDriver(config, policy, routers),
  };
}

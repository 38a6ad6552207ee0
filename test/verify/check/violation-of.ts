import { assertPolicy, type PolicyProperty, PolicyViolationError } from '../../../src/verify/check/assert-policy.ts';
import type { PolicySource } from '../../../src/verify/policy-source.ts';

/** How `assertPolicy` refutes the property. */
export function violationOf(policy: PolicySource, property: PolicyProperty): PolicyViolationError {
  try {
    assertPolicy(policy, property);
  } catch (error) {
    if (error instanceof PolicyViolationError) return error;
    throw error;
  }
  throw new Error('it holds');
}

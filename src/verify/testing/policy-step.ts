import type { PolicyEvent } from '../policy-events.ts';
import type { PolicyDriver } from './policy-driver.ts';
import { differences, PolicyMismatchError } from './policy-mismatch.ts';
import type { PolicySpecification } from './policy-specification.ts';

/** How far a router and its specification have come together. */
export interface PolicyProgress<State> {
  readonly state: State;
  /** What was done so far. */
  readonly path: readonly PolicyEvent[];
}

/**
 * Takes both through one event, and compares them.
 * @throws {PolicyMismatchError} when they differ
 */
export async function takeStep<State>(
  specification: PolicySpecification<State>,
  driver: PolicyDriver,
  { state: before, path: made }: PolicyProgress<State>,
  event: PolicyEvent,
): Promise<PolicyProgress<State>> {
  const resolved = driver.resolve(event);
  const state = specification.reduce(before, resolved);
  const path = [...made, resolved];
  const expected = specification.observe(state);
  const happened = await driver.apply(resolved).then(
    () => driver.observe(),
    (error: unknown) => ({ error }),
  );
  if ('error' in happened || differences(expected, happened).length > 0) {
    throw new PolicyMismatchError(path, expected, happened, driver.omitted);
  }
  return { state, path };
}

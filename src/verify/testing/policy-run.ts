import type { PolicyEvent } from '../policy-events.ts';
import type { PolicyDriver } from './policy-driver.ts';
import { differences, PolicyMismatchError } from './policy-mismatch.ts';
import type { PolicySpecification } from './policy-specification.ts';

/**
 * Takes a fresh router and the specification through the same events, and compares them after each.
 * @param next which event comes in a state; undefined: none
 * @returns the events that were applied
 * @throws {PolicyMismatchError} at the first difference
 */
export async function runPolicy<State>(
  specification: PolicySpecification<State>,
  driver: PolicyDriver,
  next: (state: State, step: number) => PolicyEvent | undefined,
): Promise<readonly PolicyEvent[]> {
  const path: PolicyEvent[] = [];
  let state = specification.initial;
  try {
    for (let event = next(state, 0); event !== undefined; event = next(state, path.length)) {
      const resolved = driver.resolve(event);
      state = specification.reduce(state, resolved);
      path.push(resolved);
      const expected = specification.observe(state);
      const happened = await driver.apply(resolved).then(
        () => driver.observe(),
        (error: unknown) => ({ error }),
      );
      if ('error' in happened || differences(expected, happened).length > 0) {
        throw new PolicyMismatchError(path, expected, happened);
      }
    }
  } catch (error) {
    // What it leaves behind is of no interest beside the first difference.
    await driver.stop().catch(() => {});
    throw error;
  }
  await driver.stop().catch((error: unknown) => {
    throw new PolicyMismatchError(path, specification.observe(state), { error });
  });
  return path;
}

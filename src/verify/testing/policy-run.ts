import type { PolicyEvent } from '../policy-events.ts';
import type { PolicyDriver } from './policy-driver.ts';
import { PolicyMismatchError } from './policy-mismatch.ts';
import type { PolicySpecification } from './policy-specification.ts';
import { type PolicyProgress, takeStep } from './policy-step.ts';

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
  let progress: PolicyProgress<State> = { state: specification.initial, path: [] };
  try {
    for (;;) {
      const event = next(progress.state, progress.path.length);
      if (event === undefined) break;
      progress = await takeStep(specification, driver, progress, event);
    }
  } catch (error) {
    // What it leaves behind is of no interest beside the first difference.
    await driver.stop().catch(() => {});
    throw error;
  }
  const { state, path } = progress;
  await driver.stop().catch((error: unknown) => {
    throw new PolicyMismatchError(path, specification.observe(state), { error }, driver.omitted);
  });
  return path;
}

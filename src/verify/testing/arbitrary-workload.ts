import type * as FastCheck from 'fast-check';
import { z } from 'zod';
import { parseOptions, wholeFrom } from '../../options.ts';
import type { PolicyEvent, PolicyObservation } from '../policy-events.ts';
import type { PolicySource } from '../policy-source.ts';
import { aFunction, maxMsOption, preparedOptions } from './option-schemas.ts';
import {
  assertFastCheck,
  type ChoiceArbitraries,
  choiceKinds,
  choiceOf,
  chosenEvent,
  type PolicyChoice,
} from './policy-choice.ts';
import { runPolicy } from './policy-run.ts';
import { type PreparedPolicyOptions, preparePolicy } from './prepared-policy.ts';

/** What comes to a router, chosen before it is known what it will do with it. */
export type Workload = readonly PolicyChoice[];

/** How long workloads are. */
export interface WorkloadOptions {
  /** Of the longest one. Default 100. */
  readonly maxSteps?: number | undefined;
  /** The longest time that passes in one step, and the longest that a provider asks for. Default 120,000. */
  readonly maxMs?: number | undefined;
}

const workloadSchema = z.strictObject({ maxSteps: wholeFrom(0).optional(), maxMs: maxMsOption });

/**
 * Workloads for property tests: arrivals of all kinds of requests with gaps between them, calls that end in every way,
 * callers that leave, commands of an operator. A workload that fails is shrunk to the fewest and plainest steps that
 * still do.
 * @param fc fast-check, which is not loaded here
 * @throws {ConfigurationError} when it is not fast-check, or an option is wrong
 *
 * @example
 * await fc.assert(fc.asyncProperty(arbitraryWorkload(fc), (workload) => runWorkload(config, workload)));
 */
export function arbitraryWorkload(
  fc: ChoiceArbitraries & Pick<typeof FastCheck, 'array' | 'oneof'>,
  options: WorkloadOptions = {},
): FastCheck.Arbitrary<Workload> {
  assertFastCheck(fc, ['array', 'oneof'], 'arbitraryWorkload()');
  const { maxSteps = 100, maxMs = 120_000 } = parseOptions(workloadSchema, options, 'arbitraryWorkload()');
  const choice = fc.oneof(...choiceKinds.map(({ kind, weight }) => ({ weight, arbitrary: choiceOf(fc, kind, maxMs) })));
  // Else fast-check makes short ones most of the time, in which no breaker opens.
  return fc.array(choice, { maxLength: maxSteps, size: 'max' });
}

/** How a workload is run. */
export interface RunWorkloadOptions extends PreparedPolicyOptions {
  /** Throws when what is seen after a step is not as it should be. Default: there is nothing more to it than the policy. */
  readonly check?: ((observation: PolicyObservation, event: PolicyEvent) => void) | undefined;
}

/** What a workload came to. */
export interface WorkloadRun {
  /** What the choices came to; those that had nothing to choose from are left out. */
  readonly events: readonly PolicyEvent[];
  /** What was seen in the end. */
  readonly observation: PolicyObservation;
}

const runSchema = z.strictObject({ ...preparedOptions, check: aFunction.optional() });
const workloadIn = z.strictObject({
  workload: z.array(z.unknown()).describe('a workload, as an arbitrary of arbitraryWorkload(fc) makes it'),
});

/**
 * Runs a workload against a fresh router in virtual time, and looks after each step whether the router does what its
 * policy says.
 * @throws {PolicyMismatchError} at the first difference
 * @throws {ConfigError} when it is no configuration
 * @throws {ConfigurationError} when an option is wrong
 */
export async function runWorkload(
  source: PolicySource,
  workload: Workload,
  options: RunWorkloadOptions = {},
): Promise<WorkloadRun> {
  parseOptions(workloadIn, { workload }, 'runWorkload()');
  parseOptions(runSchema, options, 'runWorkload()');
  const { check = () => {}, ...preparation } = options;
  const { specification, alphabet, createDriver } = preparePolicy(source, preparation);
  const choices = workload.values();
  let last: PolicyEvent | undefined;
  let observation = specification.observe(specification.initial);
  const events = await runPolicy(specification, createDriver(), (state) => {
    observation = specification.observe(state);
    if (last !== undefined) check(observation, last);
    last = undefined;
    for (const choice of choices) {
      last = chosenEvent(specification, alphabet, state, choice);
      if (last !== undefined) return last;
    }
    return undefined;
  });
  return { events, observation };
}

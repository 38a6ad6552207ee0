import type * as FastCheck from 'fast-check';
import { z } from 'zod';
import { parseOptions } from '../../options.ts';
import { describeEvent } from '../describe-event.ts';
import type { PolicyEvent } from '../policy-events.ts';
import type { PolicySource } from '../policy-source.ts';
import { maxMsOption, preparedOptions } from './option-schemas.ts';
import {
  assertFastCheck,
  type ChoiceArbitraries,
  choiceKinds,
  choiceOf,
  chosenEvent,
  type PolicyChoice,
} from './policy-choice.ts';
import type { PolicyDriver } from './policy-driver.ts';
import type { PolicyState } from './policy-model/policy-state.ts';
import { type PolicyProgress, takeStep } from './policy-step.ts';
import { type PreparedPolicyOptions, preparePolicy } from './prepared-policy.ts';

/** What commands share; a command of your own may read it. */
export interface PolicyCommandModel {
  /** How far router and policy have come together. */
  progress: PolicyProgress<PolicyState>;
}

/** One step, of the policy or your own: `check` says whether it can be taken, `run` takes it. */
export type PolicyCommand = FastCheck.AsyncCommand<PolicyCommandModel, PolicyDriver>;

/** What makes steps, and what runs them. */
export interface PolicyCommands {
  /** For `fc.commands`, which asks for an array that may be changed. */
  readonly commands: FastCheck.Arbitrary<PolicyCommand>[];
  /**
   * Runs commands, these and your own, against a fresh router, which is stopped afterwards.
   * @throws {PolicyMismatchError} at the first difference between the router and its policy
   */
  readonly run: (commands: Iterable<PolicyCommand>) => Promise<void>;
}

/** How commands are made and run. */
export interface PolicyCommandsOptions extends PreparedPolicyOptions {
  /** The longest time that passes in one step, and the longest that a provider asks for. Default 120,000. */
  readonly maxMs?: number | undefined;
}

const schema = z.strictObject({ ...preparedOptions, maxMs: maxMsOption });

/**
 * The events of a policy as commands of fast-check: their model is the policy, their real system a router in virtual
 * time. For tests that put commands of their own between them; without any, `arbitraryWorkload` says the same in one
 * line.
 * @param fc fast-check, which is not loaded here
 * @throws {ConfigError} when it is no configuration
 * @throws {ConfigurationError} when `fc` is not fast-check, or an option is wrong
 *
 * @example
 * const { commands, run } = policyCommands(fc, config);
 * await fc.assert(fc.asyncProperty(fc.commands([...commands, mine], { maxCommands: 60, size: 'max' }), run));
 */
export function policyCommands(
  fc: ChoiceArbitraries & Pick<typeof FastCheck, 'asyncModelRun'>,
  source: PolicySource,
  options: PolicyCommandsOptions = {},
): PolicyCommands {
  assertFastCheck(fc, ['asyncModelRun'], 'policyCommands()');
  parseOptions(schema, options, 'policyCommands()');
  const { maxMs = 120_000, ...preparation } = options;
  const { specification, alphabet, createDriver } = preparePolicy(source, preparation);
  const commandOf = (choice: PolicyChoice): PolicyCommand => {
    const chosenIn = ({ progress }: PolicyCommandModel): PolicyEvent | undefined =>
      chosenEvent(specification, alphabet, progress.state, choice);
    let words: string = choice.kind;
    return {
      check: (model) => chosenIn(model) !== undefined,
      async run(model, driver) {
        const event = chosenIn(model)!;
        words = describeEvent(event);
        model.progress = await takeStep(specification, driver, model.progress, event);
      },
      toString: () => words,
    };
  };
  return {
    // fast-check takes each of them alike, so that a kind stands there as often as it weighs.
    commands: choiceKinds.flatMap(({ kind, weight }) =>
      Array.from({ length: weight }, () => choiceOf(fc, kind, maxMs).map(commandOf)),
    ),
    async run(commands) {
      const real = createDriver();
      const model: PolicyCommandModel = { progress: { state: specification.initial, path: [] } };
      try {
        await fc.asyncModelRun(() => ({ model, real }), commands);
      } catch (error) {
        // What it leaves behind is of no interest beside the first difference.
        await real.stop().catch(() => {});
        throw error;
      }
      await real.stop();
    },
  };
}

import { z } from 'zod';
import { modelMachine } from '../../../machines/model/model.machine.ts';
import { isError } from '../../is-error.ts';
import { parseOptions, wholeFrom } from '../../options.ts';
import type { PriorityClass } from '../../queue/priority.ts';
import type { Scalar } from '../../routing/match.ts';
import type { UnservedCode } from '../../routing/unserved.ts';
import { foldSteps } from '../describe-event.ts';
import { policyOf } from '../policy.ts';
import type { PolicyEvent } from '../policy-events.ts';
import { loadedFrom, type PolicySource } from '../policy-source.ts';
import { combinationsOf } from './combinations.ts';
import type { DecisionOutcome } from './finding.ts';
import { jointPath } from './joint-path.ts';
import type { ModelState } from './model-states.ts';
import { PolicySpace } from './policy-space.ts';
import { requestFor } from './request-for.ts';
import { requestKinds } from './request-kinds.ts';
import { type Route, unsettledText } from './routes.ts';
import type { RoutingState } from './routing-state.ts';

/** What a request meets. */
export interface PolicyState {
  /** The rule that takes it; null: none does. */
  readonly rule: string | null;
  readonly class: PriorityClass;
  /** Of the request: each combination of values that rules ask for, as far as its rule takes it. */
  readonly metadata: Readonly<Record<string, Scalar>>;
  /** Its candidates, in the order in which they are asked. */
  readonly candidates: readonly string[];
  /** The state of each. Of a model that an operator has paused or drains, only so much is told apart as a request can. */
  readonly models: Readonly<Record<string, RoutingState>>;
}

/** What becomes of it first. */
export interface PolicyDecision {
  readonly outcome: DecisionOutcome;
  /** Where it goes; null when it is parked or fails. */
  readonly model: string | null;
  /** The error's code when it fails. */
  readonly code?: UnservedCode;
}

/** Says false, or throws, when it does not hold. */
export type PolicyProperty = (state: PolicyState, decision: PolicyDecision) => unknown;

/** How far `assertPolicy` looks. */
export interface AssertPolicyOptions {
  /** At most so many combinations of states are looked at. Default 5,000,000. */
  readonly maxCombinations?: number;
}

/** A property does not hold. */
export class PolicyViolationError extends Error {
  override readonly name = 'PolicyViolationError';
  readonly state: PolicyState;
  readonly decision: PolicyDecision;
  /** A shortest way there, the request at its end. */
  readonly path: readonly PolicyEvent[];

  constructor({ state, decision, path, cause }: Violation) {
    const steps = foldSteps(path).map((step, index) => `  ${index + 1}. ${step}`);
    const why = isError(cause) ? `: ${cause.message}` : '';
    super(
      [
        `The property does not hold for ${state.class} requests of ${state.rule === null ? 'no rule' : `rule '${state.rule}'`}${why}`,
        `Decision: ${[decision.outcome, decision.model, decision.code].filter(Boolean).join(' ')}`,
        ...Object.entries(state.models).map(([name, model]) => `  ${name}: ${inWords(model)}`),
        'After:',
        ...steps,
      ].join('\n'),
      cause === undefined ? undefined : { cause },
    );
    this.state = state;
    this.decision = decision;
    this.path = path;
  }
}

interface Violation {
  readonly state: PolicyState;
  readonly decision: PolicyDecision;
  readonly path: readonly PolicyEvent[];
  readonly cause: unknown;
}

const limits = z.strictObject({ maxCombinations: wholeFrom(1).default(5_000_000) });
const asked = z.strictObject({
  property: z.custom((value) => typeof value === 'function').describe('a function of a state and a decision'),
});

/**
 * Holds a property of your own against every decision that the policy can make: for each rule and class, for all
 * metadata that rules tell apart, in each combination of the states that its candidates can reach, in each order that its
 * strategy can give.
 * @param property false, or whatever it throws, is a violation
 * @returns how many decisions were looked at
 * @throws {PolicyViolationError} with the violation that is reached soonest
 * @throws {RangeError} when there are more combinations than may be looked at, or it is not found out whether a rule is
 * reached, and no violation is among what was looked at
 * @throws {TypeError} when the property gives a promise, whose word would come too late
 * @throws {ConfigError} when it is no configuration
 * @throws {ConfigurationError} when an option is wrong, or the property no function
 */
export function assertPolicy(
  source: PolicySource,
  property: PolicyProperty,
  options: AssertPolicyOptions = {},
): number {
  parseOptions(asked, { property }, 'assertPolicy()');
  const { maxCombinations } = parseOptions(limits, options, 'assertPolicy()');
  const { config } = loadedFrom(source);
  const space = new PolicySpace(policyOf(config), modelMachine, 'states');
  let decisions = 0;
  let isComplete = true;
  let nearest: { readonly cost: number; readonly violation: Violation } | null = null;
  for (const route of space.routes) {
    const { kinds, isComplete: areAll } = requestKinds(space.policy, route, maxCombinations);
    const max = Math.floor((maxCombinations - decisions) / kinds.length);
    const told = combinationsOf(space, route, { isWhole: true, max }, (combination) => {
      const { order, states, decision: found } = combination;
      const cost = states.reduce((sum, state) => sum + state.cost, 0);
      const model = found.candidate === null ? null : order[found.candidate]!;
      const decision = { outcome: found.outcome, model, ...(found.code !== undefined && { code: found.code }) };
      for (const metadata of kinds) {
        const state = stateOf({ ...route, metadata }, order, states);
        const failure = failureOf(() => property(state, decision));
        if (failure === null || (nearest !== null && nearest.cost <= cost)) continue;
        const path = [
          ...jointPath(order.map((name, index) => [name, states[index]!.run])),
          requestFor({ ...route, metadata }),
        ];
        nearest = { cost, violation: { state, decision, path, cause: failure.cause } };
      }
    });
    decisions += told.told * kinds.length;
    isComplete &&= told.isComplete && areAll;
  }
  if (nearest !== null) throw new PolicyViolationError((nearest as { readonly violation: Violation }).violation);
  const [unsettled] = space.routing.unsettled;
  if (unsettled !== undefined) {
    throw new RangeError(`assertPolicy(): ${unsettledText(unsettled)}; accepted: rules with fewer conditions`);
  }
  if (!isComplete) {
    throw new RangeError(
      `assertPolicy(): ${decisions.toLocaleString('en-US')} combinations hold, and there are more; accepted: a greater maxCombinations`,
    );
  }
  return decisions;
}

function failureOf(holds: () => unknown): { readonly cause: unknown } | null {
  let word: unknown;
  try {
    word = holds();
  } catch (cause) {
    return { cause };
  }
  if (typeof (word as PromiseLike<unknown> | null | undefined)?.then === 'function') {
    // Nobody waits for it, so that its rejection would end the process.
    Promise.resolve(word).catch(() => {});
    throw new TypeError(
      'assertPolicy(): the property gave a promise; accepted: one that says at once whether it holds',
    );
  }
  return word === false ? { cause: undefined } : null;
}

const stateOf = (route: Route, order: readonly string[], states: readonly ModelState[]): PolicyState => ({
  rule: route.rule?.name ?? null,
  class: route.class,
  metadata: route.metadata,
  candidates: order,
  models: Object.fromEntries(order.map((name, index) => [name, states[index]!.state])),
});

function inWords({ control, breaker, hasFreeProbe, queue, last, recovery, limit }: RoutingState): string {
  const words = [control, `breaker ${breaker}`, `queue ${queue}`];
  if (breaker === 'half_open') words.push(hasFreeProbe ? 'a probe is free' : 'no probe is free');
  if (last !== null) words.push(`last in line ${last.class}`);
  if (recovery !== 'none') words.push(`recovers ${recovery}`);
  if (limit !== 'none') words.push(`rate limit ends ${limit}`);
  return words.join(', ');
}

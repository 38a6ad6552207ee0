import type { Policy, PolicyRule } from '../../policy.ts';
import type { RequestKind } from '../policy-specification.ts';
import { meets } from './match.ts';
import type { ModelState } from './model-state.ts';
import type { PolicyState } from './policy-state.ts';

/** What a request is taken to need, as nothing says it. */
const PROMPT_TOKENS = 1;
const ANSWER_TOKENS = 500;

export interface Route {
  /** null: no rule matches, so that every model is a target. */
  readonly rule: PolicyRule | null;
  readonly targets: readonly string[];
  readonly fallback: readonly string[];
}

/** Of the first rule that matches. */
export function routeOf(policy: Pick<Policy, 'models' | 'rules'>, request: RequestKind): Route {
  const rule = policy.rules.find(({ match }) => meets(request, match)) ?? null;
  const targets = [...new Set(rule?.targets ?? policy.models.map(({ name }) => name))];
  return { rule, targets, fallback: [...new Set(rule?.fallback ?? [])].filter((name) => !targets.includes(name)) };
}

/** Its order is drawn at random, so that an event has to say it. */
export const isDrawn = ({ rule, targets }: Route): boolean =>
  targets.length > 1 && (rule?.strategy === 'weighted' || rule?.strategy === 'latency');

const loadOf = ({ options, waiting, calls }: ModelState): number =>
  (waiting.length + calls.length) / options.maxConcurrency;

/** Unknown prices come last. */
const priceOf = ({ options: { pricing } }: ModelState): number =>
  pricing === null
    ? Number.MAX_VALUE
    : PROMPT_TOKENS * pricing.inputPerMillion + ANSWER_TOKENS * pricing.outputPerMillion;

const isPermutation = (order: readonly string[], targets: readonly string[]): boolean =>
  order.length === targets.length && targets.every((name) => order.includes(name));

/** In which order the targets are asked. */
export function orderOf(
  policy: Policy,
  state: Pick<PolicyState, 'models' | 'turns'>,
  route: Route,
  given: readonly string[] | undefined,
): readonly string[] {
  const { rule, targets } = route;
  if (given !== undefined) {
    if (isPermutation(given, targets)) return given;
    throw new Error(`The order [${given.join(', ')}] is no permutation of the targets [${targets.join(', ')}].`);
  }
  if (isDrawn(route))
    throw new Error(`The request needs an order: rule '${rule?.name}' (${rule?.strategy}) draws it at random.`);
  const by = (figure: (model: ModelState) => number): readonly string[] => {
    const figures = new Map(state.models.map((model) => [model.options.name, figure(model)]));
    return targets.toSorted((a, b) => (figures.get(a) ?? 0) - (figures.get(b) ?? 0));
  };
  switch (rule?.strategy) {
    case 'least-busy':
      return by(loadOf);
    case 'cost':
      return by(priceOf);
    case 'round-robin': {
      const turn = state.turns[policy.rules.indexOf(rule)] ?? 0;
      return [...targets.slice(turn), ...targets.slice(0, turn)];
    }
    default:
      return targets;
  }
}

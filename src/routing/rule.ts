import type { PriorityClass } from '../queue/priority.ts';

/** Which requests a rule is for; empty: all. */
export interface RuleMatch {
  readonly priority?: PriorityClass;
}

/** Sends the requests it matches to `targets`, and on to `fallback` when no target serves them. */
export interface RoutingRule {
  readonly name: string;
  readonly match: RuleMatch;
  readonly targets: readonly string[];
  readonly fallback: readonly string[];
}

/** What routing looks at in a request. */
export interface RoutedRequest {
  readonly priority: PriorityClass;
  /** A model (only there), a rule (whatever it matches), or `auto`. Default `auto`. */
  readonly model?: string | undefined;
  /** `false`: the rule's targets only. Default true. */
  readonly fallback?: boolean | undefined;
}

export interface Itinerary {
  readonly rule: string | null;
  readonly candidates: readonly string[];
}

export const matches = (rule: RoutingRule, request: RoutedRequest): boolean =>
  rule.match.priority === undefined || rule.match.priority === request.priority;

/**
 * The candidates of a request, in the order in which they are asked: of the first rule that matches, in order of
 * declaration; every model, in order of registration, when none does. null when `model` names nothing.
 */
export function itinerary(
  rules: readonly RoutingRule[],
  models: readonly string[],
  request: RoutedRequest,
): Itinerary | null {
  const { model: wanted = 'auto' } = request;
  if (wanted !== 'auto') {
    if (models.includes(wanted)) return { rule: null, candidates: [wanted] };
    const named = rules.find((rule) => rule.name === wanted);
    return named === undefined ? null : along(named, request);
  }
  const rule = rules.find((candidate) => matches(candidate, request));
  return rule === undefined ? { rule: null, candidates: models } : along(rule, request);
}

const along = (rule: RoutingRule, request: RoutedRequest): Itinerary => ({
  rule: rule.name,
  candidates: request.fallback === false ? rule.targets : [...rule.targets, ...rule.fallback],
});

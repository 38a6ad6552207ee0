import { type MatchedRequest, matches, type RuleMatch } from './match.ts';
import type { OnStreamFailure, WhenUnavailable } from './slip.ts';
import type { Strategy } from './strategy.ts';

/** Sends the requests it matches to `targets`, and on to `fallback` when no target serves them. */
export interface RoutingRule {
  readonly name: string;
  readonly match: RuleMatch;
  readonly targets: readonly string[];
  readonly fallback: readonly string[];
  /** In which order the targets are asked. */
  readonly strategy: Strategy;
  /** null: the router's. */
  readonly timeoutMs: number | null;
  readonly whenUnavailable: WhenUnavailable;
  /** null: the router's. */
  readonly maxRetries: number | null;
  readonly onStreamFailure: OnStreamFailure;
}

/** What routing looks at in a request. */
export interface RoutedRequest extends MatchedRequest {
  /** A model (only there), a rule (whatever it matches), or `auto`. Default `auto`. */
  readonly model?: string | undefined;
  /** `false`: the rule's targets only. Default true. */
  readonly fallback?: boolean | undefined;
}

export interface Itinerary {
  readonly rule: RoutingRule | null;
  readonly candidates: readonly string[];
  /** How many of them are targets. */
  readonly targets: number;
}

/**
 * The candidates of a request, in the order in which they are declared: of the first rule that matches, in order of
 * declaration; every model, in order of registration, when none does. null when `model` names nothing.
 */
export function itinerary(
  rules: readonly RoutingRule[],
  models: readonly string[],
  request: RoutedRequest,
): Itinerary | null {
  const { model: wanted = 'auto' } = request;
  if (wanted !== 'auto') {
    if (models.includes(wanted)) return { rule: null, candidates: [wanted], targets: 1 };
    const named = rules.find((rule) => rule.name === wanted);
    return named === undefined ? null : along(named, request);
  }
  const rule = rules.find((candidate) => matches(candidate.match, request));
  return rule === undefined ? { rule: null, candidates: models, targets: models.length } : along(rule, request);
}

const along = (rule: RoutingRule, request: RoutedRequest): Itinerary => ({
  rule,
  candidates: request.fallback === false ? rule.targets : [...rule.targets, ...rule.fallback],
  targets: rule.targets.length,
});

import { type Route, routingOf } from '../check/routes.ts';
import type { Policy } from '../policy.ts';
import { meets } from './policy-model/match.ts';
import type { PolicyAlphabet, RequestKind } from './policy-specification.ts';

/**
 * What can happen under a policy, at its smallest: of each rule, and of what no rule takes, one request of the most and
 * one of the least important class, and one more for each other value that the rule names; every way for a call to end;
 * callers that leave; an operator who pauses, resumes, forces open and resets.
 */
export function alphabetOf(policy: Policy): PolicyAlphabet {
  const mayRetry = [policy, ...policy.rules].some(({ maxRetries }) => maxRetries !== null && maxRetries > 0);
  return {
    requests: requestsOf(policy),
    // What fails for good and what fails in passing differ only by the retry.
    outcomes: ['succeeded', 'failed', ...(mayRetry ? (['refused'] as const) : []), 'ignored', 'rate_limited'],
    cancels: true,
    operator: ['pause', 'resume', 'breaker.force_open', 'breaker.reset'],
  };
}

function requestsOf(policy: Policy): readonly RequestKind[] {
  const { routes } = routingOf(policy);
  const ends = [...policy.rules, null].flatMap((rule) => {
    const itsRoutes = routes.filter((route) => route.rule === rule);
    return itsRoutes.length === 0 ? [] : [{ first: itsRoutes[0]!, last: itsRoutes.at(-1)! }];
  });
  return [
    ...ends.flatMap(({ first, last }) => [...new Set([first, last])].map(kindOf)),
    ...ends.flatMap(({ first }) => kindsOfOtherValues(first, policy)),
  ];
}

const kindOf = ({ class: priority, metadata }: Pick<Route, 'class' | 'metadata'>): RequestKind =>
  Object.keys(metadata).length === 0 ? { priority } : { priority, metadata };

/** The same request with each other value of a list, where no earlier rule takes that. */
function kindsOfOtherValues({ rule, class: priority, metadata }: Route, { rules }: Policy): readonly RequestKind[] {
  return Object.entries(rule?.match.metadata ?? {})
    .flatMap(([key, wanted]) => (Array.isArray(wanted) ? wanted.map((value) => ({ ...metadata, [key]: value })) : []))
    .filter((other) => Object.entries(other).some(([key, value]) => value !== metadata[key]))
    .map((other) => kindOf({ class: priority, metadata: other }))
    .filter((kind) => rules.find(({ match }) => meets(kind, match)) === rule);
}

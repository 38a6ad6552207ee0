import { MAX_ATTEMPTS } from '../../../routing/slip.ts';
import type { Policy, PolicyModel } from '../../policy.ts';
import type { PolicyEvent } from '../../policy-events.ts';
import type { Finding } from '../finding.ts';
import { ordersAlong } from '../orders.ts';
import { requestFor } from '../request-for.ts';
import type { Route } from '../routes.ts';
import { finding, type Judge, nameOf, routeOfEachRule, ruleOf, whereOfRule } from '../subject.ts';

/** Retries multiply with fallbacks, and a request makes no more calls than it may. */
export const amplificationFindings: Judge = (subject) =>
  routeOfEachRule(subject).flatMap((route): Finding[] => {
    const { space, maxAttempts } = subject;
    const candidates = ordersAlong(space, route)[0]!;
    const calls = candidates.flatMap((name) => callsOf(space.modelOf(name), route.maxRetries));
    if (calls.length <= maxAttempts) return [];
    const asked = [...new Set(calls.slice(0, maxAttempts))];
    const unasked = candidates.slice(asked.length);
    const end = `When ${asked.join(', ')} ${asked.length === 1 ? 'fails' : 'fail'}, it ${
      unasked.length > 0 ? `gives up without having asked ${unasked.join(', ')}` : 'has made more calls than that'
    }.`;
    const fitting = Math.max(0, Math.floor(maxAttempts / candidates.length) - 1);
    return [
      finding(subject, 'attempts_exceed_bound', {
        where: whereOfRule(subject, route),
        message: `A request of ${nameOf(route)} would need ${calls.length} calls to try ${candidates.length} candidates with up to ${route.maxRetries} retries each, and may make ${maxAttempts}. ${end}`,
        remedy:
          fitting < route.maxRetries
            ? `Set maxRetries of the rule to ${fitting} or less.`
            : `Take candidates out of the rule: at most ${maxAttempts}.`,
        ...ruleOf(route),
        models: unasked.length > 0 ? unasked : candidates,
        path: failuresOf(space.policy, route, calls.slice(0, Math.min(maxAttempts + 1, MAX_ATTEMPTS))),
      }),
    ];
  });

/** Its name for each call that it has of a request before it is left: its breaker may open before the last retry. */
function callsOf({ name, breaker }: PolicyModel, maxRetries: number): readonly string[] {
  const isBounded = breaker !== null && breaker.policy === 'consecutive' && !breaker.observe;
  const most = isBounded ? Math.min(maxRetries + 1, breaker.failureThreshold) : maxRetries + 1;
  return Array.from({ length: most }, () => name);
}

/** A request whose calls all fail in passing. @param calls whose they are, in order */
function failuresOf({ backoff }: Policy, route: Route, calls: readonly string[]): PolicyEvent[] {
  const path: PolicyEvent[] = [requestFor(route)];
  calls.forEach((model, index) => {
    const tried = index - calls.indexOf(model);
    const longest = Math.min(backoff.maxMs, backoff.baseMs * 2 ** (tried - 1));
    if (tried > 0) path.push({ type: 'time.passed', ms: Math.ceil(longest) });
    path.push({ type: 'call.failed', request: 'r1', model });
  });
  return path;
}

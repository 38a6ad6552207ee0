import { MAX_ATTEMPTS } from '../../../routing/slip.ts';
import type { Policy } from '../../policy.ts';
import type { PolicyEvent } from '../../policy-events.ts';
import type { Finding } from '../finding.ts';
import { requestFor } from '../request-for.ts';
import { candidatesOf, type Route } from '../routes.ts';
import { finding, type Judge, nameOf, routeOfEachRule, whereOfRule } from '../subject.ts';

/** Retries multiply with fallbacks, and a request makes no more calls than it may. */
export const amplificationFindings: Judge = (subject) =>
  routeOfEachRule(subject).flatMap((route): Finding[] => {
    const candidates = candidatesOf(route);
    const each = route.maxRetries + 1;
    const calls = candidates.length * each;
    const { maxAttempts } = subject;
    if (calls <= maxAttempts) return [];
    const asked = candidates.slice(0, Math.ceil(Math.min(maxAttempts, MAX_ATTEMPTS) / each));
    const unasked = candidates.slice(asked.length);
    const end = `When ${asked.join(', ')} ${asked.length === 1 ? 'fails' : 'fail'}, it ${
      unasked.length > 0 ? `gives up without having asked ${unasked.join(', ')}` : 'has made more calls than that'
    }.`;
    const fitting = Math.max(0, Math.floor(maxAttempts / candidates.length) - 1);
    return [
      finding(subject, 'attempts_exceed_bound', {
        where: whereOfRule(subject, route),
        message: `A request of ${nameOf(route)} would need ${calls} calls to try ${candidates.length} candidates ${each} ${each === 1 ? 'time' : 'times'} each, and may make ${maxAttempts}. ${end}`,
        remedy:
          fitting < route.maxRetries
            ? `Set maxRetries of the rule to ${fitting} or less.`
            : `Take candidates out of the rule: at most ${maxAttempts}.`,
        ...(route.rule !== null && { rule: route.rule.name }),
        models: unasked.length > 0 ? unasked : candidates,
        path: failuresOf(subject.space.policy, route, Math.min(maxAttempts + 1, MAX_ATTEMPTS)),
      }),
    ];
  });

/** A request whose calls all fail in passing, as often as that. */
function failuresOf({ backoff }: Policy, route: Route, calls: number): PolicyEvent[] {
  const path: PolicyEvent[] = [requestFor(route)];
  const each = route.maxRetries + 1;
  for (let call = 0; call < calls; call++) {
    const tried = call % each;
    const longest = Math.min(backoff.maxMs, backoff.baseMs * 2 ** (tried - 1));
    if (tried > 0) path.push({ type: 'time.passed', ms: Math.ceil(longest) });
    path.push({ type: 'call.failed', request: 'r1', model: candidatesOf(route)[Math.floor(call / each)]! });
  }
  return path;
}

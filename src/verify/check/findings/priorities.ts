import type { PolicyEvent } from '../../policy-events.ts';
import type { Finding } from '../finding.ts';
import { candidatesOf, type Route } from '../routes.ts';
import { finding, type Judge, nameOf, ruleOf, type Subject, whereOfRule } from '../subject.ts';

/** Where `critical` and `low` take the same route, nothing but their places in a queue tells them apart. */
export const priorityFindings: Judge = (subject) => {
  const { space } = subject;
  const critical = space.routes.filter((route) => route.class === 'critical');
  return critical.flatMap((route): Finding[] => {
    const isShared = space.routes.some(({ rule, class: priority }) => rule === route.rule && priority === 'low');
    const { boosts } = space.policy;
    const isAhead = boosts.critical > boosts.low;
    const queues = candidatesOf(route).some((name) => canWait(subject, route, name));
    if (!isShared || (isAhead && queues)) return [];
    return [
      finding(subject, 'priority_without_effect', {
        where: isAhead ? whereOfRule(subject, route) : 'queue.boostMs',
        message: isAhead
          ? `Under ${nameOf(route)}, 'critical' is served no better than 'low': no candidate has a place where requests wait, so that none can be put first.`
          : `Under ${nameOf(route)}, 'critical' is served no better than 'low': its boost of ${boosts.critical} ms is not above ${boosts.low} ms.`,
        remedy: isAhead
          ? `Give a candidate a maxQueueDepth above its maxConcurrency, or 'critical' a rule of its own.`
          : `Set queue.boostMs.critical above queue.boostMs.low, or give 'critical' a rule of its own.`,
        ...ruleOf(route),
        class: 'critical',
        path: inTurn(subject, route, queues),
      }),
    ];
  });
};

const canWait = ({ space }: Subject, route: Route, model: string): boolean =>
  space.statesOf(model, route).some(({ state }) => state.queue === 'busy');

/** A low one and a critical one come while every slot is busy: they are told apart by nothing but who came first. */
function inTurn({ space }: Subject, route: Route, queues: boolean): PolicyEvent[] {
  const { name: model, maxConcurrency } = space.modelOf(candidatesOf(route)[0]!);
  const filling = Array.from(
    { length: maxConcurrency },
    (): PolicyEvent => ({ type: 'request', priority: 'low', model }),
  );
  const asks: PolicyEvent[] = [
    { type: 'request', priority: 'low', model },
    { type: 'request', priority: 'critical', model },
  ];
  return [...filling, ...asks, ...(queues ? [{ type: 'call.succeeded', request: 'r1', model } as const] : [])];
}

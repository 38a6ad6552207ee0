import type { Strategy } from '../../../routing/strategy.ts';
import type { PolicyEvent } from '../../policy-events.ts';
import type { Finding } from '../finding.ts';
import { candidatesOf, type Route } from '../routes.ts';
import { finding, type Judge, nameOf, ruleOf, type Subject, whereOfRule } from '../subject.ts';

/** Where `critical` has nobody to ask but whom `low` asks too, nothing but their places in a queue tells them apart. */
export const priorityFindings: Judge = (subject) => {
  const { routes, policy } = subject.space;
  const { boosts } = policy;
  const isAhead = boosts.critical > boosts.low;
  const of = (priority: Route['class']): readonly Route[] => routes.filter((route) => route.class === priority);
  return of('critical').flatMap((route): Finding[] => {
    // Its own rule is told before one that is like it.
    const alike = of('low').filter((low) => isNoBetter(route, low));
    const low = alike.find(({ rule }) => rule === route.rule) ?? alike[0];
    if (low === undefined || (isAhead && anybodyWaits(subject, route))) return [];
    const under = low.rule === route.rule ? '' : ` under ${nameOf(low)}`;
    const start = `Under ${nameOf(route)}, 'critical' is served no better than 'low'${under}`;
    return [
      finding(subject, 'priority_without_effect', {
        where: isAhead ? whereOfRule(subject, route) : 'queue.boostMs',
        message: isAhead
          ? `${start} when every slot is busy: no candidate has a place where requests wait for one, so that none can be put first.`
          : `${start}: its boost of ${boosts.critical} ms is not above ${boosts.low} ms.`,
        remedy: isAhead
          ? `Give a candidate a maxQueueDepth above its maxConcurrency, or 'critical' a rule with a model of its own.`
          : `Set queue.boostMs.critical above queue.boostMs.low, or give 'critical' a rule with a model of its own.`,
        ...ruleOf(route),
        class: 'critical',
        path: isAhead ? bothTurnedAway(subject, route) : inTurn(route),
      }),
    ];
  });
};

/** Whether it asks whom the other asks, in the same order, and nobody else; nor waits for a recovery where that fails. */
function isNoBetter(critical: Route, low: Route): boolean {
  const asked = candidatesOf(low);
  return (
    strategyOf(critical) === strategyOf(low) &&
    candidatesOf(critical).every((name, place) => asked[place] === name) &&
    (critical.whenUnavailable === 'fail' || low.whenUnavailable === 'wait')
  );
}

const strategyOf = ({ rule }: Route): Strategy => rule?.strategy ?? 'ordered';

/** Whether there is a place where requests wait, and are put in order: at a candidate, or outside every model. */
function anybodyWaits({ space }: Subject, route: Route): boolean {
  if (route.whenUnavailable === 'wait' && space.policy.maxParked > 0) return true;
  return candidatesOf(route).some((name) => space.statesOf(name, route).some(({ state }) => state.queue === 'busy'));
}

/** A low one waits for the end of its model's limit, and a critical one that comes then is not served before it. */
function inTurn(route: Route): PolicyEvent[] {
  const model = candidatesOf(route)[0]!;
  return [
    { type: 'request', priority: 'low', model },
    { type: 'call.rate_limited', request: 'r1', model, retryAfterMs: LIMIT_MS },
    { type: 'request', priority: 'critical', model },
    { type: 'time.passed', ms: LIMIT_MS },
  ];
}

const LIMIT_MS = 1;

/** A low one and a critical one come while every slot is busy. */
function bothTurnedAway({ space }: Subject, route: Route): PolicyEvent[] {
  const { name: model, maxConcurrency } = space.modelOf(candidatesOf(route)[0]!);
  const low: PolicyEvent = { type: 'request', priority: 'low', model };
  return [...Array.from({ length: maxConcurrency + 1 }, () => low), { type: 'request', priority: 'critical', model }];
}

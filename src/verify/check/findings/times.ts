import { UNSTREAMED_MS } from '../../../../machines/call-limits.ts';
import { pathText } from '../../../config/place.ts';
import { PRIORITY_CLASSES, type PriorityClass } from '../../../queue/priority.ts';
import { MAX_HINT_MS } from '../../../retry/retry-after.ts';
import type { PolicyModel } from '../../policy.ts';
import type { PolicyEvent } from '../../policy-events.ts';
import type { Finding } from '../finding.ts';
import { jointPath } from '../joint-path.ts';
import { ordersAlong } from '../orders.ts';
import { requestFor } from '../request-for.ts';
import { candidatesOf, type Route } from '../routes.ts';
import { finding, inMs, type Judge, nameOf, routeOfEachRule, ruleOf, type Subject, whereOfRule } from '../subject.ts';
import { trippedRun } from '../tripped-run.ts';

/** How long a call may be silent before its model is blamed and the request moves on. */
export const silenceLimitMs = ({ isStreamed, firstTokenTimeoutMs, attemptTimeoutMs }: PolicyModel): number =>
  isStreamed
    ? Math.min(firstTokenTimeoutMs, attemptTimeoutMs ?? Number.POSITIVE_INFINITY)
    : (attemptTimeoutMs ?? UNSTREAMED_MS);

/** A silent model is not asked again but left: each candidate costs its limit once. */
export const latencyFindings: Judge = (subject) =>
  routeOfEachRule(subject).flatMap((route): Finding[] => {
    const { before, last, limits, sum } = slowestOf(subject, route);
    if (before.length === 0 || sum < route.timeoutMs) return [];
    const isOne = before.length === 1;
    return [
      finding(subject, 'latency_exceeds_deadline', {
        where: whereOfRule(subject, route),
        message: `When ${before.join(', ')} ${isOne ? 'is silent up to its limit' : 'are silent up to their limits'}, a request of ${nameOf(route)} waits ${limits.map(inMs).join(' + ')} for ${isOne ? 'it' : 'them'} and has ${inMs(route.timeoutMs)}: its time is over before '${last}' is asked.`,
        remedy: `${route.rule === null ? 'Set timeoutMs' : 'Give the rule a timeoutMs'} above ${inMs(sum)}, or ${route.rule === null ? 'give the' : 'its'} models a shorter firstTokenTimeoutMs (of calls that are not streamed: attemptTimeoutMs).`,
        ...ruleOf(route),
        models: [last],
        path: [requestFor(route), { type: 'time.passed', ms: route.timeoutMs }],
      }),
    ];
  });

/** The order in which the silence of all but the last candidate takes longest: which of them is the last decides that. */
function slowestOf({ space }: Subject, route: Route) {
  let slowest: { before: readonly string[]; last: string; limits: readonly number[]; sum: number } | null = null;
  for (const order of ordersAlong(space, route)) {
    const before = order.slice(0, -1);
    const limits = before.map((name) => silenceLimitMs(space.modelOf(name)));
    const sum = limits.reduce((total, ms) => total + ms, 0);
    if (slowest === null || sum > slowest.sum) slowest = { before, last: order.at(-1)!, limits, sum };
  }
  return slowest!;
}

/**
 * A model that is given no more time than its own limit is cut off by the request's end, which is nobody's fault: of two
 * that come at once, the deadline is first.
 */
export const blamelessFindings: Judge = (subject) =>
  routeOfEachRule(subject).flatMap((route) =>
    candidatesOf(route)
      .map((name) => subject.space.modelOf(name))
      .filter((model) => model.isStreamed && route.timeoutMs <= silenceLimitMs(model))
      .map((model) => {
        const { name } = model;
        return finding(subject, 'deadline_below_first_token', {
          where: route.rule === null ? pathText(['models', name]) : whereOfRule(subject, route),
          message: `A request of ${nameOf(route)} has ${inMs(route.timeoutMs)}, and '${name}' may be silent for ${inMs(silenceLimitMs(model))} before it is blamed: a request whose time is over before that asks no fallback and counts against nobody.`,
          remedy: `Set firstTokenTimeoutMs of '${name}' below ${inMs(route.timeoutMs)}.`,
          ...ruleOf(route),
          models: [name],
          path: [requestFor(route), { type: 'time.passed', ms: route.timeoutMs }],
        });
      }),
  );

/** Whoever comes as the breaker opens can never see it recover. */
export const openTimeFindings: Judge = (subject) => {
  const { space } = subject;
  return space.policy.models.flatMap((model): Finding[] => {
    const { name, breaker } = model;
    const routes = space.routes.filter((route) => candidatesOf(route).includes(name));
    const longest = Math.max(...routes.map(({ timeoutMs }) => timeoutMs));
    const tripped = trippedRun(space, name);
    if (breaker === null || routes.length === 0 || breaker.recoveryTimeoutMs < longest || tripped === null) return [];
    const mostMs = longest / (1 + breaker.openJitter);
    return [
      finding(subject, 'open_longer_than_deadlines', {
        where: pathText(['models', name]),
        message: `The breaker of '${name}' stays open for ${inMs(breaker.recoveryTimeoutMs)}, and no request has more than ${inMs(longest)}: none that comes as it opens can wait for it.`,
        remedy: `Set its breaker's recoveryTimeoutMs below ${inMs(Math.floor(mostMs) || mostMs)}${breaker.openJitter > 0 ? `, which openJitter may lengthen to ${inMs(longest)}` : ''}.`,
        models: [name],
        path: jointPath([[name, tripped.run]]),
      }),
    ];
  });
};

/** A request can be passed over for as long as the boosts differ. */
export const boostFindings: Judge = (subject) => {
  const { boosts } = subject.space.policy;
  const [passer] = PRIORITY_CLASSES.toSorted((a, b) => boosts[b] - boosts[a]);
  return routeOfEachRule(subject).flatMap(({ rule }): Finding[] => {
    const routes = subject.space.routes.filter((route) => route.rule === rule);
    const [route] = routes.toSorted((a, b) => boosts[a.class] - boosts[b.class]) as [Route];
    const passedMs = boosts[passer!] - boosts[route.class];
    const models = candidatesOf(route)
      .map((name) => subject.space.modelOf(name))
      .filter((model) => model.maxQueueDepth > callsAfterLimit(model));
    // Who waits for the end of a limit is not passed over where all that wait begin at once.
    if (passedMs <= route.timeoutMs / 2 || models.length === 0) return [];
    return [
      finding(subject, 'boost_above_half_deadline', {
        where: whereOfRule(subject, route),
        message: `A ${route.class} request of ${nameOf(route)} has ${inMs(route.timeoutMs)}, and ${passer} ones pass over it for ${inMs(passedMs)}: more than half of it.`,
        remedy: `Give ${rule === null ? 'requests' : 'the rule'} a timeoutMs of ${inMs(2 * passedMs)} or more, or set queue.boostMs.${passer} lower.`,
        ...ruleOf(route),
        ...(routes.length === 1 && { class: route.class }),
        path: passedOver(subject, route, models, passer!, passedMs),
      }),
    ];
  });
};

/** With how many calls at once a model begins again when a rate limit ends; until then nothing runs. */
const callsAfterLimit = ({ breaker, maxConcurrency }: PolicyModel): number =>
  Math.min(breaker?.halfOpenMaxProbes ?? 1, maxConcurrency);

/**
 * One that waits at a limited model, and as many as it begins again with, which come half of its time later and are first
 * when the limit ends. Empty where no provider's word is believed for so long.
 */
function passedOver(
  { space }: Subject,
  route: Route,
  models: readonly PolicyModel[],
  passer: PriorityClass,
  passedMs: number,
): PolicyEvent[] {
  const halfMs = route.timeoutMs / 2;
  const lateMs = Math.min(Math.floor(halfMs) + 1, (halfMs + passedMs) / 2);
  const limitMs = Math.ceil(lateMs) + 1;
  const [believing] = models
    .filter(({ breaker }) => limitMs <= (breaker?.maxHintMs ?? MAX_HINT_MS))
    .toSorted((a, b) => callsAfterLimit(a) - callsAfterLimit(b));
  if (believing === undefined) return [];
  const model = believing.name;
  const others = candidatesOf(route).filter((name) => name !== model);
  return [
    // Who asks for the model by name has the router's time; with more than that, its rule has to leave it no other.
    ...(limitMs < space.policy.timeoutMs - 1
      ? [{ type: 'request', priority: route.class, model } as const]
      : [...others.map((name) => ({ type: 'pause', model: name }) as const), requestFor(route)]),
    { type: 'call.rate_limited', request: 'r1', model, retryAfterMs: limitMs },
    { type: 'time.passed', ms: lateMs },
    ...Array.from(
      { length: callsAfterLimit(believing) },
      () => ({ type: 'request', priority: passer, model }) as const,
    ),
    { type: 'time.passed', ms: limitMs - lateMs },
  ];
}

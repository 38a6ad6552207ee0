import { type Boosts, PRIORITY_CLASSES, type PriorityClass } from '../../../queue/priority.ts';
import type { PolicyModel } from '../../policy.ts';
import type { PolicyEvent } from '../../policy-events.ts';
import type { Finding } from '../finding.ts';
import { jointPath } from '../joint-path.ts';
import { ordersAlong } from '../orders.ts';
import { requestFor } from '../request-for.ts';
import { candidatesOf, classesOf, type Route } from '../routes.ts';
import { finding, inMs, type Judge, nameOf, routeOfEachRule, ruleOf, type Subject, whereOfRule } from '../subject.ts';
import { trippedRun } from '../tripped-run.ts';

const DEFAULT_ATTEMPT_TIMEOUT_MS = 60_000;

/** How long a call may be silent before its model is blamed and the request moves on. */
export const silenceLimitMs = ({ isStreamed, firstTokenTimeoutMs, attemptTimeoutMs }: PolicyModel): number =>
  isStreamed
    ? Math.min(firstTokenTimeoutMs, attemptTimeoutMs ?? Number.POSITIVE_INFINITY)
    : (attemptTimeoutMs ?? DEFAULT_ATTEMPT_TIMEOUT_MS);

/** A silent model is not asked again but left: each candidate costs its limit once. */
export const latencyFindings: Judge = (subject) =>
  routeOfEachRule(subject).flatMap((route): Finding[] => {
    const { before, last, limits, sum } = slowestOf(subject, route);
    if (before.length === 0 || sum < route.timeoutMs) return [];
    return [
      finding(subject, 'latency_exceeds_deadline', {
        where: whereOfRule(subject, route),
        message: `When ${before.join(', ')} ${before.length === 1 ? 'is' : 'are'} silent, a request of ${nameOf(route)} waits ${limits.map(inMs).join(' + ')} for them and has ${inMs(route.timeoutMs)}: its time is over before '${last}' is asked.`,
        remedy: `Give the rule a timeoutMs above ${inMs(sum)}, or its models a shorter firstTokenTimeoutMs (of calls that are not streamed: attemptTimeoutMs).`,
        ...ruleOf(route),
        models: [last],
        path: [requestFor(route), { type: 'time.passed', ms: route.timeoutMs }],
      }),
    ];
  });

/** The order in which the silence of all but the last candidate takes longest. */
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

/** A model that is given less time than its own limit is cut off by the request's end, which is nobody's fault. */
export const blamelessFindings: Judge = (subject) =>
  routeOfEachRule(subject).flatMap((route) =>
    candidatesOf(route)
      .map((name) => subject.space.modelOf(name))
      .filter((model) => model.isStreamed && route.timeoutMs < silenceLimitMs(model))
      .map(({ name, firstTokenTimeoutMs }) =>
        finding(subject, 'deadline_below_first_token', {
          where: route.rule === null ? `models.${name}` : whereOfRule(subject, route),
          message: `A request of ${nameOf(route)} has ${inMs(route.timeoutMs)}, and '${name}' may be silent for ${inMs(firstTokenTimeoutMs)} before it is blamed: its breaker never opens for it, and no fallback is asked.`,
          remedy: `Set firstTokenTimeoutMs of '${name}' below ${inMs(route.timeoutMs)}.`,
          ...ruleOf(route),
          models: [name],
          path: [requestFor(route), { type: 'time.passed', ms: route.timeoutMs }],
        }),
      ),
  );

/** Whoever meets the breaker as it opens can never see it recover. */
export const openTimeFindings: Judge = (subject) => {
  const { space } = subject;
  return space.policy.models.flatMap((model): Finding[] => {
    const { name, breaker } = model;
    const routes = space.routes.filter((route) => candidatesOf(route).includes(name));
    const longest = Math.max(...routes.map(({ timeoutMs }) => timeoutMs));
    const tripped = trippedRun(space, name);
    if (breaker === null || routes.length === 0 || breaker.recoveryTimeoutMs <= longest || tripped === null) return [];
    return [
      finding(subject, 'open_longer_than_deadlines', {
        where: `models.${name}`,
        message: `The breaker of '${name}' stays open for ${inMs(breaker.recoveryTimeoutMs)}, and no request has more than ${inMs(longest)}: whoever waits for it waits in vain.`,
        remedy: `Set its breaker's recoveryTimeoutMs to ${inMs(longest)} or less.`,
        models: [name],
        path: jointPath([[name, tripped.run]]),
      }),
    ];
  });
};

/** A request can be passed over for as long as the boosts differ. */
export const boostFindings: Judge = (subject) => {
  const { boosts } = subject.space.policy;
  const least = Math.min(...PRIORITY_CLASSES.map((priority) => boosts[priority]));
  return routeOfEachRule(subject).flatMap((route): Finding[] => {
    const classes = route.rule === null ? PRIORITY_CLASSES : classesOf(route.rule.match);
    const above = PRIORITY_CLASSES.filter((priority) => boosts[priority] - least > route.timeoutMs / 2);
    const model = candidatesOf(route)
      .map((name) => subject.space.modelOf(name))
      .find(({ maxConcurrency, maxQueueDepth }) => maxQueueDepth >= maxConcurrency + 2);
    // Who does not wait beside another is not passed over.
    if (above.length === 0 || model === undefined) return [];
    const [longest] = above.toSorted((a, b) => boosts[b] - boosts[a]);
    return [
      finding(subject, 'boost_above_half_deadline', {
        where: whereOfRule(subject, route),
        message: `A request of ${nameOf(route)} has ${inMs(route.timeoutMs)}, and one of class ${longest} passes over others for ${inMs(boosts[longest!] - least)}: more than half of it.`,
        remedy: `Give the rule a timeoutMs of ${inMs(2 * (boosts[longest!] - least))} or more, or set queue.boostMs.${longest} lower.`,
        ...ruleOf(route),
        ...(classes.length === 1 && { class: classes[0]! }),
        path: passedOver(subject, route, model, longest!),
      }),
    ];
  });
};

/**
 * One that waits, others that take each slot as it becomes free, and one that comes half of its time later and starts
 * before it.
 */
function passedOver({ space }: Subject, route: Route, model: PolicyModel, priority: PriorityClass): PolicyEvent[] {
  const { name, maxConcurrency } = model;
  const late: PolicyEvent = { type: 'request', priority, model: name };
  const path: PolicyEvent[] = Array.from({ length: maxConcurrency }, () => late);
  const running = path.map((_, index) => `r${index + 1}`);
  path.push({ type: 'request', priority: leastOf(space.policy.boosts), model: name });
  let requests = maxConcurrency + 1;
  /** The next takes the slot of the one that has run longest. */
  const relieve = (): void => {
    path.push(late, { type: 'call.succeeded', request: running.shift()!, model: name });
    running.push(`r${++requests}`);
  };
  let left = route.timeoutMs / 2 + 1;
  while (left > 0) {
    const ms = Math.min(left, silenceLimitMs(model) / 2);
    path.push({ type: 'time.passed', ms });
    left -= ms;
    if (left > 0) for (let slot = 0; slot < maxConcurrency; slot++) relieve();
  }
  relieve();
  return path;
}

const leastOf = (boosts: Boosts): PriorityClass => PRIORITY_CLASSES.toSorted((a, b) => boosts[a] - boosts[b])[0]!;

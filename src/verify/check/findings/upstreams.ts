import { pathText } from '../../../config/place.ts';
import type { PolicyModel } from '../../policy.ts';
import type { PolicyEvent } from '../../policy-events.ts';
import { decide } from '../decide.ts';
import type { Finding } from '../finding.ts';
import { jointPath, type NamedRun } from '../joint-path.ts';
import { ordersAlong } from '../orders.ts';
import type { PolicySpace } from '../policy-space.ts';
import type { Reached } from '../reach.ts';
import { requestFor } from '../request-for.ts';
import { candidatesOf, type Route } from '../routes.ts';
import { routingStateOf, viewOfState } from '../routing-state.ts';
import { stanceOf } from '../stance.ts';
import {
  finding,
  inApostrophes,
  inMs,
  type Judge,
  nameOf,
  routeOfEachRule,
  ruleOf,
  type Subject,
  whereOf,
  whereOfRule,
} from '../subject.ts';
import { fullRun, longestOpenMs, outRun, trippedRun } from '../tripped-run.ts';

/** One breaker opens, and whoever takes that route is rejected. */
export const singlePointFindings: Judge = (subject) =>
  routeOfEachRule(subject).flatMap((route) => {
    const classes = subject.space.routes.filter(({ rule }) => rule === route.rule).map((other) => other.class);
    return candidatesOf(route).flatMap((model): Finding[] => {
      const tripped = trippedRun(subject.space, model);
      if (tripped === null || !isRejected(subject, route, model)) return [];
      const openMs = longestOpenMs(subject.space.modelOf(model).breaker!);
      const longest = inMs(Math.ceil(openMs));
      const waits = route.whenUnavailable === 'wait';
      const isInVain = openMs >= route.timeoutMs;
      const [forHowLong, hasWhat] =
        waits && isInVain ? [` for up to ${longest}`, `, and a request has ${inMs(route.timeoutMs)}`] : ['', ''];
      const missing = [
        ...(waits ? [] : ['whenUnavailable: wait']),
        ...(isInVain ? [`a timeoutMs above ${longest}`] : []),
        ...(subject.space.policy.maxParked > 0 ? [] : ['a queue.maxParked above 0']),
      ];
      return [
        finding(subject, 'single_point_of_failure', {
          where: route.rule === null ? pathText(['models', model]) : whereOf(subject, indexOf(subject, route), model),
          message: `When the breaker of '${model}' is open${forHowLong}, ${nameOf(route)} rejects everything of ${classes.join(', ')}: it has nobody else to ask${hasWhat}.`,
          remedy: `${route.rule === null ? 'Add a rule with a fallback, or with' : 'Give it a fallback, or'} ${missing.join(' and ')}.`,
          ...ruleOf(route),
          ...(classes.length === 1 && { class: classes[0]! }),
          models: [model],
          path: [...jointPath([[model, tripped.run]]), requestFor(route)],
        }),
      ];
    });
  });

/** Whether a request fails while that model's breaker has just opened for as long as it may, and all others are well. */
function isRejected({ space }: Subject, route: Route, model: string): boolean {
  const { timeoutMs, whenUnavailable, class: priority } = route;
  const { boosts, maxParked } = space.policy;
  const stances = candidatesOf(route).map((name) => {
    const { run } = name === model ? trippedRun(space, name)! : space.reachedOf(name)[0]!;
    const view =
      name === model ? { ...run.view, openUntil: run.now + longestOpenMs(space.modelOf(name).breaker!) } : run.view;
    return stanceOf(viewOfState(routingStateOf(view, run.now, timeoutMs), timeoutMs, boosts), priority, route);
  });
  return decide({ timeoutMs, whenUnavailable, canPark: maxParked > 0 }, priority, stances).outcome === 'fail';
}

/** What takes a target down takes its fallback down too. */
export const sharedUpstreamFindings: Judge = (subject) =>
  routeOfEachRule(subject).flatMap((route) =>
    route.fallback.flatMap((model): Finding[] => {
      const { upstream } = subject.space.modelOf(model);
      const shared = route.targets.filter((target) => subject.space.modelOf(target).upstream === upstream);
      if (upstream === null || shared.length === 0) return [];
      const models = [...shared, model];
      const runs = models.flatMap((name) => named(name, trippedRun(subject.space, name)));
      return [
        finding(subject, 'shared_upstream', {
          where: whereOf(subject, indexOf(subject, route), model),
          message: `'${model}' stands in for ${inApostrophes(shared)}, and they share the upstream '${upstream}': what takes one down takes the other down.`,
          remedy: `Let a model with another upstream stand in.`,
          ...ruleOf(route),
          models,
          // Where one has no breaker that stays open, nothing shows that all are down.
          path: runs.length === models.length ? [...jointPath(runs), requestFor(route)] : [],
        }),
      ];
    }),
  );

/** Requests a second that a model serves, by Little's law. */
const capacityOf = ({ maxConcurrency, expectedLatencyMs }: PolicyModel): number =>
  (maxConcurrency * 1_000) / expectedLatencyMs;

/** When the target that carries most is out, the others have to carry it all. */
export const capacityFindings: Judge = (subject) =>
  routeOfEachRule(subject).flatMap((route): Finding[] => {
    const { space } = subject;
    const expected = route.rule?.expectedRps ?? null;
    const models = candidatesOf(route).map((name) => space.modelOf(name));
    const primary = primaryOf(space, route);
    const others = models.filter((model) => model !== primary);
    if (expected === null || others.length === 0) return [];
    const capacity = others.reduce((sum, model) => sum + capacityOf(model), 0);
    if (capacity >= expected) return [];
    const shown = others.map((model) => `'${model.name}' ${perSecond(capacityOf(model))}`).join(', ');
    return [
      finding(subject, 'fallback_capacity_short', {
        where: whereOfRule(subject, route),
        message: `Without '${primary.name}', ${nameOf(route)} has ${perSecond(capacity)} of the ${perSecond(expected)} that it is expected to need: ${shown} (maxConcurrency over expectedLatencyMs).`,
        remedy: `Add a fallback, or raise the maxConcurrency of one where its provider takes more.`,
        ...ruleOf(route),
        models: others.map(({ name }) => name),
        path: overloaded(subject, route, primary.name),
      }),
    ];
  });

/** Of the targets that may be asked first, the one that takes most. */
function primaryOf(space: PolicySpace, route: Route): PolicyModel {
  const first = new Set(ordersAlong(space, route).map(([name]) => name!));
  return [...first].map(space.modelOf).reduce((most, one) => (capacityOf(one) > capacityOf(most) ? one : most));
}

const perSecond = (requests: number): string => `${Number(requests.toPrecision(3)).toLocaleString('en-US')} a second`;

/** The primary is out, the others have filled up, and the next request is rejected. */
function overloaded({ space }: Subject, route: Route, primary: string): PolicyEvent[] {
  const runs = candidatesOf(route).flatMap((name) =>
    named(name, name === primary ? outRun(space, name) : fullRun(space, name)),
  );
  return [...jointPath(runs), requestFor(route)];
}

const named = (model: string, reached: Reached | null): readonly NamedRun[] =>
  reached === null ? [] : [[model, reached.run]];

const indexOf = ({ space }: Subject, { rule }: Route): number => space.policy.rules.indexOf(rule!);

import { dequeue, findWaiting, head, isServedBefore } from '../../src/queue/waiting.ts';
import { hasRoom, takes } from '../../src/routing/admission.ts';
import { parkedFor } from '../../src/routing/parking.ts';
import { fadedEwma } from '../../src/routing/peak-ewma.ts';
import { moveOn, outOfPark, passOver, type Selection, select } from '../../src/routing/select.ts';
import type { Slip, SlipKey } from '../../src/routing/slip.ts';
import type { StrategyMemory, TargetFigures } from '../../src/routing/strategies/ordering.ts';
import { orderTargets } from '../../src/routing/strategy.ts';
import type { ModelReportEvent, RequestEvent } from '../events.ts';
import { viewOf } from '../model/view.ts';
import type { Settlement } from '../settlement.ts';
import type { RouterContext, RouterEvent } from './events.ts';

// What becomes of a request that enters, or that its model reports: where it goes next, or how it ends.

export type Report = Extract<ModelReportEvent, { slip: Slip }>;

export interface Args {
  readonly context: RouterContext;
  readonly event: RouterEvent;
}

export const asReport = (event: RouterEvent): Report => event as Report;

/** A request that no model has had yet: it comes from its caller, or from the cache, which has no answer to it. */
export const enters = (event: RouterEvent): event is Extract<RouterEvent, { type: 'request' | 'cache.missed' }> =>
  event.type === 'request' || event.type === 'cache.missed';

/** What the guard of the present step has selected: its target and its message need the same again. */
let latest: {
  readonly context: RouterContext;
  readonly event: RouterEvent;
  readonly selection: Selection;
  /** What the strategies remember from then on. */
  readonly strategies: StrategyMemory;
} | null = null;

/** Selects where a request goes that enters, or that its model has given back. */
export const selectNext = (args: Args): Selection => decide(args).selection;

/** What `selectNext` has selected in this step. */
export const nextStop = (args: Args): Selection => decided(args).selection;

/** What the strategies remember once this step's request has been put in order. */
export const strategiesAfter = (args: Args): StrategyMemory => decided(args).strategies;

const decided = (args: Args) =>
  latest?.event === args.event && latest.context === args.context ? latest : decide(args);

function decide({ context, event }: Args) {
  const { at } = event as RequestEvent;
  const mayWait = event.type !== 'model.returned' || event.reason !== 'displaced';
  const given = slipBehind(event);
  const ordered = given.unordered === null ? null : orderOf(context, given, at);
  const selection = select(ordered?.slip ?? given, (name) => snapshotView(context, name), at, mayWait);
  latest = { context, event, selection, strategies: ordered?.memory ?? context.strategies };
  return latest;
}

export function snapshotView(context: RouterContext, name: string) {
  const ref = context.models[name];
  return ref === undefined ? undefined : viewOf(ref.getSnapshot());
}

/**
 * The parked request that is woken next, now that a model is available: the first in serving order that names it, behind
 * the one that was woken before, as long as the model has room for it. null: none.
 */
export function takerOf(context: RouterContext, { model, polled, at }: ModelAvailable): Slip | null {
  // Before it has been polled its snapshot may lack what is on its way to it.
  if (polled === undefined) return null;
  let waiting = parkedFor(context.parked, model);
  const view = snapshotView(context, model);
  if (view === undefined || !hasRoom(view, at)) return null;
  const { boosts } = context;
  for (let next = head(waiting, boosts); next !== null; next = head(waiting, boosts)) {
    const isBehind = polled.after === null || isServedBefore(polled.after, next, boosts);
    if (isBehind && takes(view, next, at)) return next;
    waiting = dequeue(waiting, next);
  }
  return null;
}

type ModelAvailable = Extract<ModelReportEvent, { type: 'model.available' }>;

/** What the strategy of a request's rule makes of its targets, and of its own memory. */
export function orderOf(context: RouterContext, slip: Slip, at: number): Ordering {
  const { strategy, targets, ...figures } = slip.unordered!;
  const { order, memory } = orderTargets(
    strategy,
    slip.rule ?? '',
    slip.candidates.slice(0, targets),
    (name) => figuresOf(context, name, at),
    figures,
    context.strategies,
  );
  return { slip: { ...slip, candidates: [...order, ...slip.candidates.slice(targets)], unordered: null }, memory };
}

export interface Ordering {
  readonly slip: Slip;
  readonly memory: StrategyMemory;
}

function figuresOf(context: RouterContext, name: string, at: number): TargetFigures | undefined {
  const ref = context.models[name];
  if (ref === undefined) return undefined;
  const { load, limits, profile } = ref.getSnapshot().context;
  return {
    weight: profile.weight,
    pricing: profile.pricing,
    waiting: load.waitingCount,
    running: load.running,
    limit: limits.maxConcurrency,
    ewmaMs: load.latency && fadedEwma(load.latency, at),
  };
}

/** Its caller has content already. */
const hasContent = (event: RouterEvent): event is Extract<Report, { interrupts: boolean }> =>
  'interrupts' in event && event.interrupts;

/** Its caller has content already, and it does not begin again elsewhere. */
export const interrupts = (event: RouterEvent): boolean => hasContent(event) && event.slip.streams?.restarts !== true;

/** Its caller has content already, and it begins again elsewhere. */
export const beginsAgain = (event: RouterEvent): boolean => hasContent(event) && event.slip.streams?.restarts === true;

/** The request's slip with the cursor behind the model that reports. */
function slipBehind(event: RouterEvent): Slip {
  if (enters(event) || event.type === 'request.displaced') return event.slip;
  const report = asReport(event);
  if (report.type !== 'model.returned') {
    const slip = moveOn(report.slip);
    return beginsAgain(report) ? { ...slip, deadline: deadlineOf(report) } : slip;
  }
  const { slip, model, reason, at, retryAfterMs } = report;
  const waitedMs = at - slip.enteredAt;
  return passOver(slip, { model, reason, waitedMs, ...(retryAfterMs !== undefined && { retryAfterMs }) });
}

/** When its time is over: of a stream that begins again behind its first content, anew within its total deadline. */
export function deadlineOf(event: RequestEvent | Report): number {
  const { slip, at } = event;
  if (!beginsAgain(event)) return slip.deadline;
  const { timeoutMs, totalDeadline } = slip.streams!;
  return Math.min(at + timeoutMs, totalDeadline ?? Number.POSITIVE_INFINITY);
}

/** How a request ends whose candidates have all been asked. */
export function settlement(args: Args): Settlement {
  const facts = factsOf(args);
  if (args.event.type === 'request.displaced') return facts;
  if (args.event.type === 'cache.settled') return facts;
  if (!enters(args.event) && facts.verdict !== 'unserved') return facts;
  if (facts.slip!.deadline <= facts.at) return { ...facts, verdict: 'deadline' };
  const { slip } = nextStop(args);
  const refused = slip.attempts.findLast(({ exceededWindow }) => exceededWindow !== undefined);
  const isRefused = refused !== undefined && slip.attempts.every(({ outcome }) => outcome === 'ignored');
  // It was too long, and no model that takes more has even tried.
  if (isRefused) return { ...facts, verdict: 'rejected', model: refused.model, slip };
  return { ...facts, verdict: 'unserved', slip };
}

/** How a request ends that a stopping router does not move on. */
export function conclusion(args: Args): Settlement {
  const facts = factsOf(args);
  const isUnserved = args.event.type === 'model.cancelled' && facts.verdict === 'unserved';
  return isUnserved ? { ...facts, verdict: 'stopped' } : facts;
}

function factsOf({ context, event }: Args): Settlement {
  if (event.type === 'request.cancelled') {
    const { type: _, at, reason, ...key } = event;
    const parked = parkedSlip(context, key);
    return { key, slip: parked && outOfPark(parked, at), at, verdict: reason };
  }
  if (enters(event)) return { key: event.slip, slip: event.slip, at: event.at, verdict: 'stopped' };
  if (event.type === 'cache.settled') {
    const { type: _, ...facts } = event;
    return { key: event.slip, ...facts };
  }
  if (event.type === 'request.displaced') {
    return { key: event.slip, slip: outOfPark(event.slip, event.at), at: event.at, verdict: 'unserved' };
  }
  const report = asReport(event);
  return {
    key: report.slip,
    slip: report.type === 'model.succeeded' ? report.slip : slipBehind(event),
    at: report.at,
    model: report.model,
    verdict: verdictOf(report),
    ...('retryAfterMs' in report && { retryAfterMs: report.retryAfterMs }),
  };
}

/** Its slip, when the request is parked. */
export const parkedSlip = (context: RouterContext, key: SlipKey): Slip | null =>
  context.parked.count === 0 ? null : findWaiting(context.parked.all, key);

function verdictOf(report: Report): Settlement['verdict'] {
  switch (report.type) {
    case 'model.succeeded':
      return 'served';
    case 'model.ignored':
      return interrupts(report) ? 'interrupted' : 'rejected';
    case 'model.cancelled':
      if (report.reason === 'removed') return interrupts(report) ? 'interrupted' : 'unserved';
      return report.reason === 'router_stopped' ? 'stopped' : report.reason;
    case 'model.returned':
      if (report.reason === 'deadline') return 'deadline';
      return report.reason === 'router_stopped' ? 'stopped' : 'unserved';
    default:
      return interrupts(report) ? 'interrupted' : 'unserved';
  }
}

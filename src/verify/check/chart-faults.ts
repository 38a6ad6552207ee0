import type { SnapshotFrom } from 'xstate';
import type { CallEvent, ModelEvent, ModelReportEvent, SlotCommand } from '../../../machines/events.ts';
import type { ModelContext } from '../../../machines/model/context.ts';
import type { modelMachine } from '../../../machines/model/model.machine.ts';
import type { BreakerOptions } from '../../breaker/options.ts';
import { isCurrent } from '../../breaker/permit.ts';
import { exceeds, tallyAt, tallyWith } from '../../breaker/window.ts';
import type { Boosts, PriorityClass } from '../../queue/priority.ts';
import { inServingOrder, type Waiting } from '../../queue/waiting.ts';
import { type Slip, termsOf } from '../../routing/slip.ts';
import type { PolicyModel } from '../policy.ts';
import { explore, type Step } from './explore.ts';
import { newcomer } from './newcomer.ts';

type Machine = typeof modelMachine;
type Snapshot = SnapshotFrom<Machine>;

/** What a chart can do wrong to a request, whatever the policy. */
export type ChartFaultCode = 'request_lost' | 'probe_stranded' | 'overtaking_unbounded';

export interface ChartFault {
  readonly code: ChartFaultCode;
  /** The shortest way there, the last event being the one that goes wrong. */
  readonly events: readonly ModelEvent[];
}

/** The size at which a chart is explored. */
export interface ChartSize {
  readonly maxConcurrency: number;
  readonly maxQueueDepth: number;
  readonly failureThreshold: number;
}

export interface ChartFindings {
  readonly faults: readonly ChartFault[];
  readonly states: number;
  readonly transitions: number;
  /** No state was left out. */
  readonly isComplete: boolean;
}

export interface ChartFaultsOptions {
  readonly machine: Machine;
  /** As it is explored: see `chartOf`. */
  readonly chart: Chart;
  readonly maxStates: number;
}

/** What a chart can be told apart by, as long as nobody looks at how long things take. */
export interface Chart {
  readonly size: ChartSize;
  readonly breaker: BreakerOptions | null;
  readonly boosts: Boosts;
  /** Further calls after one that failed. */
  readonly maxRetries: number;
}

/**
 * A model's chart at the smallest size at which every bound is met and passed: one slot, two that wait, two failures, two
 * successful probes, one retry. It counts up to its bounds and does nothing else with what it has counted.
 */
export function chartOf(
  { maxConcurrency, maxQueueDepth, breaker }: PolicyModel,
  boosts: Boosts,
  maxRetries: number,
): Chart {
  return {
    size: {
      maxConcurrency: Math.min(maxConcurrency, 1),
      maxQueueDepth: Math.min(maxQueueDepth, 3),
      failureThreshold: Math.min(breaker?.failureThreshold ?? 0, 2),
    },
    breaker: breaker && {
      ...breaker,
      failureThreshold: Math.min(breaker.failureThreshold, 2),
      windowSize: Math.min(breaker.windowSize, 2),
      minimumCalls: Math.min(breaker.minimumCalls, 2),
      successThreshold: Math.min(breaker.successThreshold, 2),
      halfOpenMaxProbes: 1,
      openJitter: 0,
      recoveryTimeoutMs: 1_000,
      maxOpenMs: 1_000,
    },
    boosts,
    maxRetries: Math.min(maxRetries, 1),
  };
}

/** Whether it is explored as it is. */
export const isWhole = (
  chart: Chart,
  { maxConcurrency, maxQueueDepth, breaker }: PolicyModel,
  maxRetries: number,
): boolean =>
  maxConcurrency === chart.size.maxConcurrency &&
  maxQueueDepth === chart.size.maxQueueDepth &&
  maxRetries === chart.maxRetries &&
  (breaker === null || BOUNDS[breaker.policy].every((bound) => breaker[bound] === chart.breaker?.[bound]));

/** What a breaker counts up to. */
const ALWAYS = ['failureThreshold', 'successThreshold', 'halfOpenMaxProbes'] as const;
const BOUNDS = {
  consecutive: ALWAYS,
  count: [...ALWAYS, 'windowSize', 'minimumCalls'],
  time: [...ALWAYS, 'minimumCalls'],
} as const;

/**
 * Takes every event that can happen in every state of a chart that can be reached, and looks for requests that are lost,
 * probes that are never given back, and requests that are passed over for too long.
 */
export function chartFaults({ machine, chart, maxStates }: ChartFaultsOptions): ChartFindings {
  const faults = new Map<ChartFaultCode, { readonly before: Snapshot; readonly event: ModelEvent }>();
  const note = (code: ChartFaultCode, { before, event }: Step<Machine>): void => {
    if (!faults.has(code)) faults.set(code, { before, event });
  };
  const { states, transitions, isComplete, pathTo } = explore<Machine>({
    machine,
    input: { name: 'm', breaker: chart.breaker, limits: limitsOf(chart) },
    maxStates,
    keyOf,
    eventsAt: (snapshot) => eventsAt(snapshot, chart.maxRetries),
    onStep(step) {
      if (loses(step) || forgets(step)) note('request_lost', step);
      if (strands(step)) note('probe_stranded', step);
      if (overtakes(step)) note('overtaking_unbounded', step);
    },
  });
  return {
    faults: [...faults].map(([code, { before, event }]) => ({ code, events: [...(pathTo(before) ?? []), event] })),
    states,
    transitions,
    isComplete,
  };
}

const limitsOf = ({ size: { maxConcurrency, maxQueueDepth }, boosts }: Chart) => ({
  maxConcurrency,
  maxQueueDepth,
  boosts,
  attemptTimeoutMs: null,
  abortGraceMs: 1_000,
});

/** A request that is held and not reported once it is gone, one that is reported twice, or one that nothing will move. */
function loses({ before, event, after, effects }: Step<Machine>): boolean {
  const had = idsIn(before.context);
  if (event.type === 'request') had.push(event.slip.id);
  const has = idsIn(after.context);
  for (const { event: sent } of effects.sent) if (settles(sent as Sent)) has.push((sent as Settling).slip.id);
  if (had.length !== has.length || !had.every((id) => has.includes(id))) return true;
  const { context, value } = after;
  const isHeld = value.control === 'paused' || context.rateLimit.until !== null;
  const { waitingCount, running, lingering } = context.load;
  return waitingCount > 0 && running + lingering === 0 && !isHeld;
}

type Sent = ModelReportEvent | SlotCommand;
type Settling = Extract<ModelReportEvent, { readonly slip: Slip }>;

const settles = (sent: Sent): boolean =>
  sent.type.startsWith('model.') && 'slip' in sent && sent.type !== 'model.started' && sent.type !== 'model.retrying';

function idsIn({ load, limits: { boosts } }: ModelContext): string[] {
  const ids: string[] = [];
  for (const call of load.calls) if (call !== null) ids.push(call.slip.id);
  for (const waiting of [load.waiting, load.retries.backingOff]) {
    for (const { id } of inOrder(waiting, boosts)) ids.push(id);
  }
  return ids;
}

const orders = new WeakMap<Waiting, readonly Slip[]>();

/** In the order of service; worked out once for each queue that there ever was. */
function inOrder(waiting: Waiting, boosts: Boosts): readonly Slip[] {
  let order = orders.get(waiting);
  if (order === undefined) {
    order = inServingOrder(waiting, boosts);
    orders.set(waiting, order);
  }
  return order;
}

/** What the chart has written down and told nobody: a call that nobody makes, or a time that nobody waits for. */
function forgets({ before, event, after, effects }: Step<Machine>): boolean {
  const sent = effects.sent.map((one) => one.event as Sent);
  const starts = new Set(sent.flatMap((one) => (one.type === 'call.start' ? [one.slip.id] : [])));
  const retries = new Set(sent.flatMap((one) => (one.type === 'model.retrying' ? [one.slip.id] : [])));
  const [from, to] = [before.context, after.context];
  const held = (slip: Slip, { load }: ModelContext): boolean => load.calls.some((call) => call?.slip.id === slip.id);
  const backsOff = ({ id }: Slip, { load, limits }: ModelContext): boolean =>
    inOrder(load.retries.backingOff, limits.boosts).some((slip) => slip.id === id);
  const isUnmade = to.load.calls.some((call) => call !== null && !held(call.slip, from) && !starts.has(call.slip.id));
  const isUntimed = inOrder(to.load.retries.backingOff, to.limits.boosts).some(
    (slip) => !backsOff(slip, from) && !retries.has(slip.id),
  );
  const until = to.rateLimit.until;
  const isUnended =
    until !== null && until !== from.rateLimit.until && !sent.some(({ type }) => type === 'model.limited');
  const isOverdue = event.type === 'limit.ended' && until !== null && until <= event.at;
  const isRipe =
    event.type === 'retry.due' &&
    inOrder(to.load.retries.backingOff, to.limits.boosts).some(({ id }) => id === event.id);
  return isUnmade || isUntimed || isUnended || isOverdue || isRipe;
}

/** More permits are out than calls hold one. */
function strands({ after: { value, context } }: Step<Machine>): boolean {
  if (value.breaker !== 'half_open') return false;
  const { breaker, load } = context;
  const inFlight = load.calls.filter((call) => call?.permit.probe && isCurrent(call.permit, breaker.generation));
  return breaker.probes > inFlight.length;
}

/** A request starts before one that waits and came so much earlier that the boosts do not allow it. */
function overtakes({ before, after }: Step<Machine>): boolean {
  const { boosts } = after.context.limits;
  // What backs off is not passed over: it is not its turn yet.
  const waits = inOrder(after.context.load.waiting, boosts);
  if (waits.length === 0) return false;
  const waited = inOrder(before.context.load.waiting, boosts);
  return after.context.load.calls.some(
    (call) =>
      call !== null &&
      waited.some(({ id }) => id === call.slip.id) &&
      waits.some(({ class: priority, arrival }) => {
        const bound = Math.max(0, boosts[call.slip.class] - boosts[priority]);
        return call.slip.arrival - arrival > bound;
      }),
  );
}

function keyOf({ value, context }: Snapshot): string {
  const { breaker, load, rateLimit, limits } = context;
  let key = `${value.breaker} ${value.queue} ${value.control} ${load.runningLimit} ${breaker.failures} ${breaker.successes} ${breaker.probes} ${rateLimit.until !== null}`;
  for (const call of load.calls) {
    if (call === null) continue;
    key += ` ${isCurrent(call.permit, breaker.generation)}${call.permit.probe}${call.slip.attempts.length}`;
  }
  for (const waiting of [load.waiting, load.retries.backingOff]) {
    key += '|';
    for (const { class: priority, attempts } of inOrder(waiting, limits.boosts))
      key += ` ${priority}${attempts.length}`;
  }
  return breaker.window === null ? key : key + windowKey(context);
}

/** Of a window that holds any number of results, what one more of them does. */
function windowKey(context: ModelContext): string {
  const { window, options } = context.breaker;
  if (options?.policy !== 'time') return JSON.stringify(window);
  const at = timeIn(context);
  const nextTrips = [true, false].map((isFailure) =>
    exceeds(tallyWith(window, options, { isFailure, isSlow: false }, at), options),
  );
  return `${Math.min(tallyAt(window, options, at).total, options.minimumCalls)} ${nextTrips}`;
}

/** The classes that are furthest apart: what the ones between do, one of these does as well. */
const CLASSES: readonly PriorityClass[] = ['critical', 'low'];

const OUTCOMES = ['call.succeeded', 'call.failed', 'call.ignored', 'call.rate_limited', 'call.cancelled'] as const;

let seq = 0;

function eventsAt({ context, value }: Snapshot, maxRetries: number): ModelEvent[] {
  const {
    load,
    rateLimit,
    limits: { boosts },
  } = context;
  const now = timeIn(context) + 1;
  const events: ModelEvent[] = [];
  const terms = termsOf('fail', maxRetries);
  // At once, and when even the greatest boost does not lead past who waits.
  const ages = load.waitingCount > 0 ? [0, boosts.critical - boosts.low + 1] : [0];
  for (const age of ages) {
    for (const priority of CLASSES) {
      const at = now + age;
      seq++;
      const asks = { class: priority, arrival: at, timeoutMs: Number.POSITIVE_INFINITY, candidates: [context.name] };
      const slip = newcomer({ ...asks, terms, id: `r${seq}`, seq });
      events.push({ type: 'request', slip, at });
      if (rateLimit.until !== null) events.push({ type: 'request', slip, at, waitsOutLimit: true });
    }
  }
  load.calls.forEach((call, slot) => {
    if (call === null) return;
    const { slip, permit } = call;
    const common = { slot, slip, permit, at: now, lingers: false, interrupts: false };
    for (const type of OUTCOMES) {
      events.push(
        (type === 'call.cancelled' ? { type, ...common, reason: 'aborted' } : { type, ...common }) as CallEvent,
      );
    }
  });
  const keyAt = ({ id, seq: place, class: priority, arrival }: Slip) => ({
    id,
    seq: place,
    class: priority,
    arrival,
    at: now,
  });
  const backingOff = inOrder(load.retries.backingOff, boosts);
  for (const slip of backingOff) events.push({ type: 'retry.due', ...keyAt(slip) });
  for (const slip of [...inOrder(load.waiting, boosts), ...backingOff]) {
    events.push({ type: 'request.cancel', ...keyAt(slip), reason: 'aborted' });
  }
  events.push({ type: value.control === 'active' ? 'pause' : 'resume', at: now }, { type: 'drain', at: now });
  events.push({ type: 'breaker.force_open', at: now }, { type: 'breaker.force_closed', at: now });
  events.push({ type: 'breaker.reset', at: now });
  if (rateLimit.until !== null) events.push({ type: 'limit.ended', at: rateLimit.until });
  if (value.breaker === 'open') events.push({ type: 'xstate.after.recovery.model.breaker.open' } as never);
  return events;
}

/** The chart remembers no present time; the latest that it has seen is in what it holds. */
function timeIn({ breaker, rateLimit, load, limits: { boosts } }: ModelContext): number {
  const seen = [0, breaker.closedAt, rateLimit.began, breaker.openUntil].filter(Number.isFinite);
  for (const call of load.calls) if (call !== null) seen.push(call.startedAt);
  for (const waiting of [load.waiting, load.retries.backingOff]) {
    for (const slip of inOrder(waiting, boosts)) seen.push(slip.arrival);
  }
  return Math.max(...seen);
}

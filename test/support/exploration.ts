import type { SnapshotFrom } from 'xstate';
import type { CallEvent, ModelEvent, ModelReportEvent, SlotCommand } from '../../machines/events.ts';
import type { Call, Load, ModelContext } from '../../machines/model/context.ts';
import type { ModelEmitted } from '../../machines/model/emitted.ts';
import { modelMachine } from '../../machines/model/model.machine.ts';
import { DEFAULT_BREAKER } from '../../src/breaker/options.ts';
import { DEFAULT_BOOSTS, PRIORITY_CLASSES, type PriorityClass } from '../../src/queue/priority.ts';
import { findWaiting, inServingOrder, isServedBefore, type Waiting } from '../../src/queue/waiting.ts';
import type { Slip } from '../../src/routing/slip.ts';
import * as chart from '../../src/verify/check/explore.ts';

export type ModelSnapshot = SnapshotFrom<typeof modelMachine>;

export interface Configuration {
  readonly maxConcurrency: number;
  readonly maxQueueDepth: number;
  readonly failureThreshold: number;
  /** Whether requests come whose calls are tried again. Only two classes come then: ageing is seen without it. */
  readonly retries?: true;
}

interface Told<Command> {
  readonly slot: number;
  readonly command: Command;
}

/** What a step sent and emitted. */
export interface Effects {
  /** What slots were told. */
  readonly told: readonly Told<SlotCommand>[];
  /** Those of them that start a call. */
  readonly starts: readonly Told<Extract<SlotCommand, { type: 'call.start' }>>[];
  readonly reports: readonly ModelReportEvent[];
  /** Those of them that give a request back. */
  readonly returns: readonly Extract<ModelReportEvent, { type: 'model.returned' }>[];
  readonly emitted: readonly ModelEmitted[];
}

/** One step of the running chart, as the predicates judge it. */
export interface Step {
  readonly before: ModelSnapshot;
  readonly event: ModelEvent;
  readonly after: ModelSnapshot;
  readonly effects: Effects;
}

export interface Exploration {
  readonly states: number;
  readonly steps: number;
}

/** How deep the queues are: three places show what the chart does; four take as long as all others together. */
const MOST_PLACES = Number(process.env['EXPLORE_PLACES'] ?? 3);

export const CONFIGURATIONS: readonly Configuration[] = [1, 2, 3].flatMap((maxConcurrency) =>
  [1, 2, 3, 4]
    .filter((maxQueueDepth) => maxQueueDepth >= maxConcurrency && maxQueueDepth <= MOST_PLACES)
    .flatMap((maxQueueDepth) =>
      [1, 2, 3].map((failureThreshold) => ({ maxConcurrency, maxQueueDepth, failureThreshold })),
    ),
);

export const RETRY_CONFIGURATIONS: readonly Configuration[] = [
  [1, 1],
  [1, 2],
  [1, 3],
  [2, 2],
  [2, 3],
]
  // With retries one place less takes as long.
  .filter(([, maxQueueDepth]) => maxQueueDepth! < MOST_PLACES)
  .map(([maxConcurrency, maxQueueDepth]) => ({
    maxConcurrency: maxConcurrency!,
    maxQueueDepth: maxQueueDepth!,
    failureThreshold: 2,
    retries: true,
  }));

/**
 * Runs every event that can happen in every reachable state of the very chart that serves, and hands each step to
 * `judge`. Two states are one when breaker, queue and control agree, the permits in flight agree, and the same classes
 * wait in the same order; newcomers arrive at once and after each difference of the boosts, so that ageing counts. Where
 * calls are tried again, who runs counts as well, because it may come back to its place.
 */
export function explore(
  configuration: Configuration,
  judge: { readonly state: (snapshot: ModelSnapshot) => void; readonly step: (step: Step) => void },
  machine: typeof modelMachine = modelMachine,
): Exploration {
  const { states, transitions } = chart.explore({
    machine,
    input: {
      name: 'm',
      limits: {
        maxConcurrency: configuration.maxConcurrency,
        maxQueueDepth: configuration.maxQueueDepth,
        attemptTimeoutMs: 60_000,
        abortGraceMs: 1_000,
      },
      breaker: breakerOf(configuration),
    },
    eventsAt: (snapshot) => eventsAt(snapshot, configuration),
    keyOf: (snapshot) => keyOf(snapshot, configuration),
    maxStates: Number.POSITIVE_INFINITY,
    onState: judge.state,
    onStep: ({ before, event, after, effects }) => {
      judge.step({ before, event, after, effects: effectsOf(effects) });
    },
  });
  return { states, steps: transitions };
}

const NOTHING: Effects = { told: [], starts: [], reports: [], returns: [], emitted: [] };

function effectsOf({ sent, emitted }: chart.Effects<typeof modelMachine>): Effects {
  if (sent.length === 0) return emitted.length === 0 ? NOTHING : { ...NOTHING, emitted };
  const told: Told<SlotCommand>[] = [];
  const reports: ModelReportEvent[] = [];
  for (const { to, event } of sent) {
    if (to?.startsWith('slot:')) told.push({ slot: Number(to.slice(5)), command: event as SlotCommand });
    else reports.push(event as ModelReportEvent);
  }
  return {
    told,
    starts: told.flatMap(({ slot, command }) => (command.type === 'call.start' ? [{ slot, command }] : [])),
    reports,
    returns: reports.filter((report) => report.type === 'model.returned'),
    emitted,
  };
}

const breakerOf = ({ failureThreshold }: Configuration) => ({
  ...DEFAULT_BREAKER,
  failureThreshold,
  successThreshold: 2,
  recoveryTimeoutMs: 1_000,
});

/** Who is there. */
interface Roster {
  readonly load: Load;
  readonly running: readonly Slip[];
  /** In the order of service. */
  readonly waiting: readonly Slip[];
  /** Who waits or backs off, in the order of service. */
  readonly placed: readonly Slip[];
}

/** Of the two loads that were asked for last: in the main, of those before and after a step. */
let recent: readonly Roster[] = [];

function rosterOf({ load }: ModelContext): Roster {
  const [last, other] = recent;
  if (last?.load === load) return last;
  const roster = other?.load === load ? other : newRoster(load);
  recent = last === undefined ? [roster] : [roster, last];
  return roster;
}

function newRoster(load: Load): Roster {
  const { calls, waiting: queue, retries } = load;
  const { backingOff } = retries;
  const running: Slip[] = [];
  for (const call of calls) if (call !== null) running.push(call.slip);
  const known = recent.find((roster) => roster.load.waiting === queue);
  const waiting = known?.waiting ?? inServingOrder(queue, DEFAULT_BOOSTS);
  if (isNone(backingOff)) return { load, running, waiting, placed: waiting };
  const placed =
    known?.load.retries.backingOff === backingOff ? known.placed : inServingOrder(queue, DEFAULT_BOOSTS, backingOff);
  return { load, running, waiting, placed };
}

const isNone = (waiting: Waiting): boolean => PRIORITY_CLASSES.every((priority) => waiting[priority] === null);

export const runningSlips = (context: ModelContext): readonly Slip[] => rosterOf(context).running;

/** Who waits, in the order of service. */
export const waitingSlips = (context: ModelContext): readonly Slip[] => rosterOf(context).waiting;

/** Who waits or backs off, in the order of service. */
export const placedSlips = (context: ModelContext): readonly Slip[] => rosterOf(context).placed;

export const backsOff = ({ load: { retries } }: ModelContext, slip: Slip): boolean =>
  findWaiting(retries.backingOff, slip) !== null;

/**
 * How a permit stands to the breaker now. Those of earlier generations count as one, because the chart takes them as
 * one: whatever they were, their results move nothing.
 */
const permitKey = ({ permit, isSilent }: Call, generation: number): string => {
  if (permit.generation !== generation) return 'stale';
  return `current${permit.probe ? '+probe' : ''}${permit.spent ? '+spent' : ''}${isSilent ? '+silent' : ''}`;
};

function keyOf({ context, value }: ModelSnapshot, { retries }: Configuration): string {
  const { breaker, load, limits, rateLimit } = context;
  const at = timeAt(context);
  const permits: string[] = [];
  for (const call of load.calls) if (call !== null) permits.push(permitKey(call, breaker.generation));
  const who = retries ? retryKey(context, at) : waitingSlips(context).map((slip) => slipKey(slip, at));
  const states = `${value.breaker} ${value.queue} ${value.control}`;
  const isOff = `${breaker.options === null} ${retries && limits.backoff === null} ${rateLimit.until !== null}`;
  const counts = `${load.lingering} ${load.runningLimit} ${breaker.failures} ${breaker.successes} ${breaker.probes}`;
  return `${states} ${isOff} ${counts} [${permits.sort()}] [${who}]`;
}

const slipKey = (slip: Slip, at: number): string => `${slip.class}${slip.deadline <= at + 1 ? '!' : ''}`;

/** Who is there, in the order of service: what it does, and whether it has been tried. */
function retryKey(context: ModelContext, at: number): string[] {
  const { calls, retries } = context.load;
  const running = new Map(calls.flatMap((call) => (call === null ? [] : [[call.slip, call] as const])));
  return [...running.keys(), ...placedSlips(context)]
    .sort((a, b) => (isServedBefore(a, b, DEFAULT_BOOSTS) ? -1 : 1))
    .map((slip) => {
      const call = running.get(slip);
      const what = call ? permitKey(call, context.breaker.generation) : backsOff(context, slip) ? 'backs off' : 'waits';
      const tried = `${slip.attempts.length}${retries.ids.includes(slip.id) ? '+retried' : ''}`;
      return `${slipKey(slip, at)} ${what} ${tried}`;
    });
}

/** The chart remembers no present time; the latest it has seen is in what it holds. */
function timeAt(context: ModelContext): number {
  const { openUntil, closedAt } = context.breaker;
  let latest = Number.NEGATIVE_INFINITY;
  const see = (at: number): void => {
    if (at > latest && at !== Number.POSITIVE_INFINITY) latest = at;
  };
  see(openUntil);
  see(closedAt);
  see(context.rateLimit.began);
  for (const call of context.load.calls) {
    if (call === null) continue;
    see(call.startedAt);
    see(call.slip.arrival);
  }
  for (const slip of placedSlips(context)) see(slip.arrival);
  return latest;
}

const BOOSTS = PRIORITY_CLASSES.map((priority) => DEFAULT_BOOSTS[priority]);
/** None, and a little more than each difference of two boosts. */
const AGES = [...new Set([0, ...BOOSTS.flatMap((a) => BOOSTS.filter((b) => b < a).map((b) => a - b + 1))])];

/**
 * What multiplies the states or the steps, and needs no deep queue to be seen, is left to the smaller configurations:
 * requests that expire, calls whose silence is noticed and a breaker that is switched off (two places); a model that
 * drains or is paused and limited at once, a breaker that is forced closed or given options, and what is asked of any
 * state alike (three, two where calls are tried again).
 */
const isSmall = ({ maxQueueDepth }: Configuration): boolean => maxQueueDepth <= 2;
const isMiddling = ({ maxQueueDepth, retries }: Configuration): boolean => maxQueueDepth <= (retries ? 2 : 3);

const OUTCOMES: readonly CallEvent['type'][] = [
  'call.succeeded',
  'call.failed',
  'call.ignored',
  'call.rate_limited',
  'call.cancelled',
];

let seq = 0;

const RETRIED_CLASSES: readonly PriorityClass[] = ['critical', 'low'];

function newcomer(priority: PriorityClass, at: number, deadline: number, maxRetries = 0): Slip {
  seq++;
  return {
    id: `r${seq}`,
    seq,
    class: priority,
    arrival: at,
    deadline,
    rule: null,
    candidates: ['m'],
    cursor: 0,
    attempts: [],
    skipped: [],
    enteredAt: at,
    waitedBeforeMs: 0,
    streams: null,
    terms: { whenUnavailable: 'fail', maxRetries, cache: null },
    unordered: null,
    parked: null,
  };
}

function eventsAt(snapshot: ModelSnapshot, configuration: Configuration): ModelEvent[] {
  const { context, value } = snapshot;
  const now = timeAt(context) + 1;
  const events: ModelEvent[] = [];

  const waiting = placedSlips(context);
  const maxRetries = configuration.retries ? 1 : 0;
  const { until } = context.rateLimit;
  // A door that is closed to all is closed to each of them in the same way.
  const isDoorOpen = value.control === 'active' && (value.breaker === 'closed' || value.breaker === 'forced_closed');
  const places = new Set<string>();
  for (const age of waiting.length > 0 && isDoorOpen ? AGES : [0]) {
    for (const priority of configuration.retries ? RETRIED_CLASSES : PRIORITY_CLASSES) {
      const at = now + age;
      const slip = newcomer(priority, at, Number.POSITIVE_INFINITY, maxRetries);
      // A class that would be served in the same place is the same newcomer, whatever its age.
      const place = `${priority} ${waiting.filter((other) => isServedBefore(other, slip, DEFAULT_BOOSTS)).length}`;
      if (places.has(place)) continue;
      places.add(place);
      if (age === 0 || until === null) events.push({ type: 'request', slip, at });
      // With no other candidate, one waits for the limit's end.
      if (until !== null) events.push({ type: 'request', slip, at, waitsOutLimit: true });
    }
  }
  // One that will have expired when its turn comes.
  if (isSmall(configuration)) events.push({ type: 'request', slip: newcomer('critical', now, now + 1), at: now });

  const seen = new Set<string>();
  context.load.calls.forEach((call, slot) => {
    if (call === null) return;
    const who = configuration.retries ? ` ${call.slip.class} ${call.slip.attempts.length} ${call.slip.id}` : '';
    const key = permitKey(call, context.breaker.generation) + who;
    if (seen.has(key)) return;
    seen.add(key);
    const common = { slot, slip: call.slip, permit: call.permit, at: now, interrupts: false };
    for (const type of OUTCOMES) {
      for (const lingers of type === 'call.failed' || type === 'call.cancelled' ? [false, true] : [false]) {
        const event = { type, ...common, lingers };
        events.push(type === 'call.cancelled' ? { ...event, type, reason: 'aborted' } : (event as CallEvent));
      }
    }
    events.push({ type: 'call.ignored', provesHealth: true, ...common, lingers: false });
    events.push({ type: 'request.cancel', ...keyOfSlip(call.slip), reason: 'aborted', at: now });
    if (isMiddling(configuration)) events.push({ type: 'stream.started', slot, slip: call.slip, at: now });
    if (isSmall(configuration) && !configuration.retries && !call.permit.probe) {
      // No call has shown life since it began; one has.
      for (const lastSignAt of [Number.NEGATIVE_INFINITY, now]) {
        events.push({ type: 'silence.noticed', slot, slip: call.slip, lastSignAt, at: now });
      }
    }
    if (call.permit.probe && call.permit.spent !== true) {
      events.push({ type: 'probe.proved', slot, slip: call.slip, permit: call.permit, at: now });
    }
  });

  for (const slot of lingeringSlots(context).slice(0, 1)) {
    events.push({ type: 'slot.freed', slot, abandoned: false, at: now });
  }
  for (const slip of waiting) {
    if (backsOff(context, slip)) events.push({ type: 'retry.due', ...keyOfSlip(slip), at: now });
    events.push({ type: 'request.cancel', ...keyOfSlip(slip), reason: 'deadline', at: now });
  }
  events.push({ type: 'resume', at: now }, { type: 'breaker.force_open', at: now }, { type: 'breaker.reset', at: now });
  if (until === null || value.control === 'paused' || isMiddling(configuration))
    events.push({ type: 'pause', at: now });
  if (until !== null) {
    events.push({ type: 'limit.ended', at: until - 1 }, { type: 'limit.ended', at: until });
  }
  if (value.breaker === 'open') events.push({ type: 'xstate.after.recovery.model.breaker.open' } as never);
  if (isMiddling(configuration)) {
    const nobody = { id: 'nobody', seq: -1, class: 'low', arrival: -1, at: now } as const;
    events.push({ type: 'request.cancel', ...nobody, reason: 'aborted' });
    if (configuration.retries) events.push({ type: 'retry.due', ...nobody });
    events.push({ type: 'drain', at: now });
    // Forced closed, no threshold is asked: what follows is the same for each.
    if (configuration.failureThreshold === 1 || configuration.retries) {
      events.push({ type: 'breaker.force_closed', at: now });
    }
    events.push({ type: 'poll', after: keyOfSlip(newcomer('low', now, now)), at: now });
    events.push({ type: 'breaker.configure', breaker: breakerOf(configuration), at: now });
  }
  if (isSmall(configuration) && configuration.failureThreshold === 1) {
    events.push({ type: 'breaker.configure', breaker: null, at: now });
  }
  events.push({ type: 'release', reason: 'router_stopped', at: now });
  events.push({ type: 'evict', reason: 'removed', at: now });
  return events;
}

const keyOfSlip = ({ id, seq: number, class: priority, arrival }: Slip) => ({
  id,
  seq: number,
  class: priority,
  arrival,
});

export function idleSlots(context: ModelContext): number[] {
  const slots: number[] = [];
  for (let idle = context.load.idle; idle !== null; idle = idle.next) slots.push(idle.slot);
  return slots;
}

export function lingeringSlots(context: ModelContext): number[] {
  const idle = idleSlots(context);
  return context.load.calls.flatMap((call, slot) => (call === null && !idle.includes(slot) ? [slot] : []));
}

import type { modelMachine } from '../../../machines/model/model.machine.ts';
import { type Boosts, PRIORITY_CLASSES, type PriorityClass } from '../../queue/priority.ts';
import { DEFAULT_BACKOFF } from '../../retry/backoff.ts';
import { MAX_HINT_MS } from '../../retry/retry-after.ts';
import type { ModelView } from '../../routing/model-view.ts';
import type { PolicyModel } from '../policy.ts';
import type { OperatorEventType } from '../policy-events.ts';
import { type CallEnd, type ModelRun, ModelRunner, nextDue, slotOf } from './model-run.ts';
import { routingStateOf } from './routing-state.ts';

/** A state of a model that routing can tell from others, and the shortest way there. */
export interface Reached {
  readonly run: ModelRun;
  /** Events on the way; each of an operator counts for many, because nobody has to do it. */
  readonly cost: number;
}

const COMMANDS: readonly OperatorEventType[] = [
  'pause',
  'resume',
  'drain',
  'breaker.force_open',
  'breaker.force_closed',
  'breaker.reset',
];
const OPERATOR_COST = 1_000;

export interface ReachOptions {
  readonly machine: typeof modelMachine;
  readonly model: Omit<PolicyModel, 'name'>;
  readonly boosts: Boosts;
  /** What requests may have, in milliseconds: what tells an ending in time from a late one. */
  readonly timeouts: readonly number[];
  /** Whether failed calls are tried again. */
  readonly retries: boolean;
}

/**
 * Every state of a model that routing can tell from others, each with the shortest way there, by the model's own chart
 * at its own size. Dijkstra's algorithm over steps that routing can notice: a slot or a place is taken, all of them are,
 * a call ends, the breaker trips, time passes, an operator speaks. Of runs that routing cannot tell apart, the shortest
 * goes on.
 */
export function reach({ machine, model, boosts, timeouts, retries }: ReachOptions): readonly Reached[] {
  const runner = new ModelRunner(machine, inputOf(model, boosts, retries));
  const steps = stepsOf(runner, model, Math.max(...timeouts));
  const keyOf = keyBy(timeouts);
  const best = new Map<string, Reached>();
  const open: Reached[] = [{ run: runner.start, cost: 0 }];
  while (open.length > 0) {
    const nearest = open.reduce((least, entry) => (entry.cost < least.cost ? entry : least));
    open.splice(open.indexOf(nearest), 1);
    const key = keyOf(nearest.run);
    if (best.has(key)) continue;
    best.set(key, nearest);
    for (const step of steps) {
      const run = step(nearest.run);
      if (run === null || best.has(keyOf(run))) continue;
      open.push({ run, cost: nearest.cost + costBetween(nearest.run, run) });
    }
  }
  return [...best.values()];
}

/** Jitter lengthens: with the longest time, what waits for it has waited long enough. */
function inputOf(model: ReachOptions['model'], boosts: Boosts, retries: boolean) {
  const { breaker, maxConcurrency, maxQueueDepth, attemptTimeoutMs, firstTokenTimeoutMs, abortGraceMs } = model;
  const longer = 1 + (breaker?.openJitter ?? 0);
  return {
    breaker: breaker && {
      ...breaker,
      openJitter: 0,
      recoveryTimeoutMs: breaker.recoveryTimeoutMs * longer,
      maxOpenMs: breaker.maxOpenMs * longer,
    },
    limits: {
      maxConcurrency,
      maxQueueDepth,
      attemptTimeoutMs,
      firstTokenTimeoutMs,
      abortGraceMs,
      boosts,
      backoff: retries ? DEFAULT_BACKOFF : null,
    },
  };
}

type Step = (run: ModelRun) => ModelRun | null;

/** Each gives null where it cannot be taken or would lead nowhere. */
function stepsOf(runner: ModelRunner, { breaker }: ReachOptions['model'], longestTimeoutMs: number): readonly Step[] {
  const lateHintMs = longestTimeoutMs + 1;
  const canBeLate = lateHintMs <= (breaker?.maxHintMs ?? MAX_HINT_MS);
  const lateHints = canBeLate ? [lateHintMs] : [];
  const ends =
    (isOfNow: boolean, end: CallEnd, hintMs?: number): Step =>
    (run) => {
      const slot = slotOf(run, isOfNow);
      return slot === undefined ? null : runner.end(run, slot, end, hintMs);
    };
  return [
    ...PRIORITY_CLASSES.map(
      (priority): Step =>
        (run) =>
          takesNewcomers(run) ? runner.ask(run, priority) : null,
    ),
    (run) => askUntil(runner, run, 'normal', ({ hasFreeSlot }) => !hasFreeSlot),
    ...PRIORITY_CLASSES.map(
      (priority): Step =>
        (run) =>
          askUntil(runner, run, priority, ({ isFull }) => isFull),
    ),
    ends(true, 'succeeded'),
    ends(false, 'succeeded'),
    ends(true, 'failed'),
    ends(true, 'rate_limited'),
    ...lateHints.map((hintMs) => ends(true, 'rate_limited', hintMs)),
    (run) => tripped(runner, run),
    ...lateHints.map(
      (hintMs): Step =>
        (run) =>
          tripped(runner, run, hintMs),
    ),
    (run) => closed(runner, run),
    (run) => waitUntil(runner, run, 0),
    // In time for every request, however little it has.
    (run) => waitUntil(runner, run, 1),
    ...COMMANDS.map(
      (command): Step =>
        (run) =>
          runner.command(run, command),
    ),
  ];
}

/** Whoever comes is let in: what it meets is for the queue to say. */
const takesNewcomers = ({ view }: ModelRun): boolean => {
  if (view.control !== 'active' || view.limitedUntil !== null) return false;
  return view.breaker === 'closed' || view.breaker === 'forced_closed' || view.hasFreeProbe;
};

/** Newcomers until it is so; null: it is so already, nobody is let in, or it never comes to it. */
function askUntil(
  runner: ModelRunner,
  run: ModelRun,
  priority: PriorityClass,
  isSo: (view: ModelView) => boolean,
): ModelRun | null {
  const queues = run.view.breaker !== 'half_open' && takesNewcomers(run);
  if (!queues || isSo(run.view)) return null;
  let next = run;
  // A chart that is faulty may take any number.
  for (let left = run.snapshot.context.limits.maxQueueDepth; left > 0 && !isSo(next.view); left--) {
    next = runner.ask(next, priority);
  }
  return isSo(next.view) ? next : null;
}

/** No breaker that opens or closes at all needs more results for it. */
function mostResults({ snapshot }: ModelRun): number {
  const { options } = snapshot.context.breaker;
  // One that only observes opens for nothing.
  if (options === null || options.observe) return 0;
  const { failureThreshold, successThreshold, windowSize, minimumCalls } = options;
  return 2 * Math.max(failureThreshold, successThreshold, windowSize, minimumCalls);
}

/** So many failures that the breaker opens, the last one with the provider's hint. */
function tripped(runner: ModelRunner, run: ModelRun, hintMs?: number): ModelRun | null {
  const { breaker } = run.view;
  if (breaker !== 'closed' && breaker !== 'half_open') return null;
  let next = run;
  for (let results = mostResults(run); results > 0 && next.view.breaker === breaker; results--) {
    if (slotOf(next, true) === undefined) {
      if (!takesNewcomers(next) || next.view.isFull) return null;
      next = runner.ask(next, 'normal');
    }
    const slot = slotOf(next, true);
    if (slot === undefined) return null;
    const last = hintMs === undefined ? null : runner.end(next, slot, 'failed', hintMs);
    next = last?.view.breaker === 'open' ? last : runner.end(next, slot, 'refused');
  }
  return next.view.breaker === 'open' ? next : null;
}

/** So many successful probes that the breaker closes. */
function closed(runner: ModelRunner, run: ModelRun): ModelRun | null {
  if (run.view.breaker !== 'half_open') return null;
  let next = run;
  for (let results = mostResults(run); results > 0 && next.view.breaker === 'half_open'; results--) {
    if (slotOf(next, true) === undefined) {
      if (!takesNewcomers(next)) return null;
      next = runner.ask(next, 'normal');
    }
    const slot = slotOf(next, true);
    if (slot === undefined) return null;
    next = runner.end(next, slot, 'succeeded');
  }
  return next.view.breaker === 'half_open' ? null : next;
}

/**
 * Until the next thing that comes of itself, or so much short of it. A call that runs would not last as long, and what
 * backs off would come back meanwhile.
 */
function waitUntil(runner: ModelRunner, run: ModelRun, shortMs: number): ModelRun | null {
  const due = nextDue(run);
  const { load } = run.snapshot.context;
  if (due === null || load.running > 0 || load.retries.count > 0) return null;
  const ms = due.at - run.now - shortMs;
  return ms < 0 ? null : runner.wait(run, ms);
}

/**
 * Two runs with the same key are one to routing, and may go on alike: what a run holds besides (calls of earlier
 * generations, what waits where nobody is let in) leads to no state that is not reached without it.
 */
function keyBy(timeouts: readonly number[]): (run: ModelRun) => string {
  return (run) => {
    const { load, limits } = run.snapshot.context;
    return JSON.stringify([
      timeouts.map((timeoutMs) => routingStateOf(run.view, run.now, timeoutMs)),
      slotOf(run, true) !== undefined,
      load.runningLimit < limits.maxConcurrency,
    ]);
  };
}

function costBetween(from: ModelRun, to: ModelRun): number {
  let cost = to.now > from.now ? 1 : 0;
  for (let link = to.last; link !== from.last && link !== null; link = link.before) {
    cost += COMMANDS.includes(link.timed.event.type as OperatorEventType) ? OPERATOR_COST : 1;
  }
  return cost;
}

import { type Boosts, PRIORITY_CLASSES, type PriorityClass } from '../../queue/priority.ts';
import { MAX_HINT_MS } from '../../retry/retry-after.ts';
import type { ModelView } from '../../routing/model-view.ts';
import type { PolicyModel } from '../policy.ts';
import type { OperatorEventType } from '../policy-events.ts';
import { type CallEnd, type ModelRun, type ModelRunner, nextDue, slotOf } from './model-run.ts';

/** What can happen to a model that routing may notice; null: it cannot happen there, or would lead nowhere. */
export type Step = (run: ModelRun) => ModelRun | null;

const COMMANDS: readonly OperatorEventType[] = [
  'pause',
  'resume',
  'drain',
  'breaker.force_open',
  'breaker.force_closed',
  'breaker.reset',
];

export const isCommand = (type: string): boolean => (COMMANDS as readonly string[]).includes(type);

export interface StepsOptions {
  readonly model: Omit<PolicyModel, 'name'>;
  readonly boosts: Boosts;
  /** What requests may have, in milliseconds. */
  readonly timeouts: readonly number[];
}

export function stepsOf(runner: ModelRunner, { model, boosts, timeouts }: StepsOptions): readonly Step[] {
  const { breaker } = model;
  const longestTimeoutMs = Math.max(...timeouts);
  const jitter = breaker?.openJitter ?? 0;
  const brink = brinkOf(runner);
  /** Late for as many as may be, and still for who comes a moment later. */
  const lateMs = Math.min(longestTimeoutMs + 1, breaker?.maxHintMs ?? MAX_HINT_MS);
  const hints = lateMs >= Math.min(...timeouts) ? [undefined, lateMs] : [undefined];
  const ends =
    (isOfNow: boolean, end: CallEnd, hintMs?: number): Step =>
    (run) => {
      const slot = slotOf(run, isOfNow);
      return slot === undefined ? null : runner.end(run, slot, end, hintMs);
    };
  return [
    ...PRIORITY_CLASSES.flatMap((priority): Step[] => [
      (run) => (takesNewcomers(runner, run) ? runner.ask(run, priority) : null),
      (run) => askUntil(runner, run, priority, ({ isFull }) => isFull),
      (run) => backsOffUntilFull(runner, run, priority),
    ]),
    (run) => askUntil(runner, run, 'normal', ({ hasFreeSlot }) => !hasFreeSlot),
    ends(true, 'succeeded'),
    ends(false, 'succeeded'),
    ends(true, 'failed'),
    ...hints.flatMap((hintMs): Step[] => [
      ends(true, 'rate_limited', hintMs),
      (run) => trips(runner, brink(run), hintMs),
      ...hints.map(
        (limitMs): Step =>
          (run) =>
            tripsLimited(runner, brink(run), hintMs, limitMs),
      ),
    ]),
    // What no provider's word makes late, its own open time may, and limits that grow.
    ...(lateMs < longestTimeoutMs ? [(run: ModelRun) => tripsForLongest(runner, brink, run, jitter)] : []),
    ...timeouts
      .filter((ms) => lateMs < ms)
      .map(
        (ms): Step =>
          (run) =>
            limitsFor(runner, run, ms),
      ),
    (run) => closes(runner, run),
    (run) => recovers(runner, run, jitter),
    // In time for every request, however little it has.
    (run) => waits(runner, run, 1),
    ...agesOf(boosts).map(
      (ms): Step =>
        (run) =>
          run.view.isFull && takesNewcomers(runner, run) ? runner.wait(run, ms) : null,
    ),
    ...COMMANDS.map(
      (command): Step =>
        (run) =>
          runner.command(run, command),
    ),
  ];
}

/**
 * After how long who waits gives way to others than before. Where no class is served ahead of a more important one, what
 * has aged gives way to the same as one of a more important class that has not.
 */
function agesOf(boosts: Boosts): readonly number[] {
  const falling = PRIORITY_CLASSES.every(
    (name, index) => index === 0 || boosts[name] <= boosts[PRIORITY_CLASSES[index - 1]!],
  );
  if (falling) return [];
  const all = PRIORITY_CLASSES.map((name) => boosts[name]);
  return [...new Set(all.flatMap((one) => all.map((other) => one - other)).filter((ms) => ms > 0))];
}

/** Whoever comes is let in: what it meets is for the queue to say. */
const takesNewcomers = (runner: ModelRunner, run: ModelRun): boolean =>
  startsNewcomers(run) || queuesNewcomers(runner, run);

/** Nothing but slots and places keeps who comes from being called at once. */
const startsNewcomers = ({ view }: ModelRun): boolean =>
  view.control === 'active' && view.limitedUntil === null && (isClosed(view) || view.hasFreeProbe);

/** Whoever comes may wait, be it for the end of a rate limit. */
const queuesNewcomers = (runner: ModelRunner, run: ModelRun): boolean =>
  run.view.control === 'active' && isClosed(run.view) && runner.isInTime(run);

const isClosed = ({ breaker }: ModelView): boolean => breaker === 'closed' || breaker === 'forced_closed';

/** Newcomers until it is so; null: it is so already, nobody is let in, or it never comes to it. */
function askUntil(
  runner: ModelRunner,
  run: ModelRun,
  priority: PriorityClass,
  isSo: (view: ModelView) => boolean,
): ModelRun | null {
  if (!queuesNewcomers(runner, run) || isSo(run.view)) return null;
  let next = run;
  // A chart that is faulty may take any number.
  for (let left = run.snapshot.context.limits.maxQueueDepth; left > 0 && !isSo(next.view); left--) {
    next = runner.ask(next, priority);
  }
  return isSo(next.view) ? next : null;
}

/** As many back off as may, so that a slot is free when every place is taken: others succeed between, lest it trips. */
function backsOffUntilFull(runner: ModelRunner, run: ModelRun, priority: PriorityClass): ModelRun | null {
  if (!startsNewcomers(run) || !isClosed(run.view) || run.snapshot.context.load.running > 0) return null;
  let next = run;
  for (let before = -1; before < backingOff(next) && !next.view.isFull; ) {
    before = backingOff(next);
    const failed = endOne(runner, runner.ask(next, priority), 'failed');
    if (failed === null || backingOff(failed) === before) break;
    next = failed.view.isFull ? failed : (endOne(runner, runner.ask(failed, 'normal'), 'succeeded') ?? failed);
  }
  if (backingOff(next) === 0) return null;
  const full = next.view.isFull ? next : askUntil(runner, next, priority, ({ isFull }) => isFull);
  return full?.view.hasFreeSlot ? full : null;
}

const backingOff = ({ snapshot }: ModelRun): number => snapshot.context.load.retries.count;

function endOne(runner: ModelRunner, run: ModelRun, end: CallEnd): ModelRun | null {
  const slot = slotOf(run, true);
  return slot === undefined ? null : runner.end(run, slot, end);
}

/** A call that runs is there, of a newcomer when there is none; null: nobody is let in, or nothing starts. */
function withCall(runner: ModelRunner, run: ModelRun): ModelRun | null {
  if (slotOf(run, true) !== undefined) return run;
  if (!startsNewcomers(run) || run.view.isFull) return null;
  const asked = runner.ask(run, 'normal');
  return slotOf(asked, true) === undefined ? null : asked;
}

/** No breaker that opens or closes at all needs more results for it. */
function mostResults({ snapshot }: ModelRun): number {
  const { options } = snapshot.context.breaker;
  // One that only observes opens for nothing.
  if (options === null || options.observe) return 0;
  const { failureThreshold, successThreshold, windowSize, minimumCalls } = options;
  return 2 * Math.max(failureThreshold, successThreshold, windowSize, minimumCalls);
}

/** A run with a call whose failure opens the breaker; null: there is none. */
type Brink = (run: ModelRun) => ModelRun | null;

/** So many failures that one more opens the breaker. Every step that trips it begins there, so it is sought once a run. */
function brinkOf(runner: ModelRunner): Brink {
  const known = new WeakMap<ModelRun, ModelRun | null>();
  return (run) => {
    if (!known.has(run)) known.set(run, soughtBrink(runner, run));
    return known.get(run)!;
  };
}

function soughtBrink(runner: ModelRunner, run: ModelRun): ModelRun | null {
  const { breaker } = run.view;
  if (breaker !== 'closed' && breaker !== 'half_open') return null;
  let next = run;
  for (let left = mostResults(run); left > 0; left--) {
    const asked = withCall(runner, next);
    if (asked === null) return null;
    next = trip(runner, asked);
    if (next.view.breaker !== breaker) return next.view.breaker === 'open' ? asked : null;
  }
  return null;
}

/** One more failure, of a call that runs. */
const trip = (runner: ModelRunner, run: ModelRun, hintMs?: number): ModelRun =>
  runner.end(run, slotOf(run, true)!, hintMs === undefined ? 'refused' : 'failed', hintMs);

const ifOpen = (run: ModelRun): ModelRun | null => (run.view.breaker === 'open' ? run : null);

/** The breaker opens, by a failure with the provider's hint. */
const trips = (runner: ModelRunner, brink: ModelRun | null, hintMs?: number): ModelRun | null =>
  brink && ifOpen(trip(runner, brink, hintMs));

/** Of two calls at once, the one meets a 429 and the other is the failure that opens the breaker. */
function tripsLimited(runner: ModelRunner, brink: ModelRun | null, hintMs?: number, limitMs?: number): ModelRun | null {
  if (brink === null) return null;
  const { running } = brink.snapshot.context.load;
  const isAlone = running < 2 && startsNewcomers(brink) && brink.view.hasFreeSlot;
  const both = isAlone ? runner.ask(brink, 'normal') : brink;
  const limited = runner.end(both, slotOf(both, true)!, 'rate_limited', limitMs);
  return slotOf(limited, true) === undefined ? null : ifOpen(trip(runner, limited, hintMs));
}

/** The breaker opens, and again after each probe, until it stays open no longer than the time before. */
function tripsForLongest(runner: ModelRunner, brink: Brink, run: ModelRun, jitter: number): ModelRun | null {
  const openMs = ({ view, now }: ModelRun): number => view.openUntil - now;
  let next = trips(runner, brink(run));
  while (next !== null) {
    const recovered = recovers(runner, next, jitter);
    const again = recovered && trips(runner, brink(recovered));
    if (again === null || openMs(again) <= openMs(next)) return next;
    next = again;
  }
  return null;
}

/** One rate limit after another, each longer than the one before, until one lasts so long; null: they grow no more. */
function limitsFor(runner: ModelRunner, run: ModelRun, ms: number): ModelRun | null {
  let lasted = 0;
  for (let next: ModelRun | null = run; next !== null; next = waits(runner, next, 0)) {
    next = withCall(runner, next);
    if (next === null) return null;
    next = runner.end(next, slotOf(next, true)!, 'rate_limited');
    const lasts: number = (next.view.limitedUntil ?? next.now) - next.now;
    if (lasts >= ms) return next;
    if (lasts <= lasted) return null;
    lasted = lasts;
  }
  return null;
}

/** So many successful probes that the breaker closes. */
function closes(runner: ModelRunner, run: ModelRun): ModelRun | null {
  let next: ModelRun | null = run;
  for (let left = mostResults(run); left > 0 && next.view.breaker === 'half_open'; left--) {
    next = withCall(runner, next);
    if (next === null) return null;
    next = runner.end(next, slotOf(next, true)!, 'succeeded');
  }
  return next === run || next.view.breaker === 'half_open' ? null : next;
}

/** Until the next thing that comes of itself has come, however much jitter has lengthened it. */
function recovers(runner: ModelRunner, run: ModelRun, jitter: number): ModelRun | null {
  const isOpen = run.view.breaker === 'open';
  const recovered = waits(runner, run, 0);
  if (recovered === null || !isOpen || recovered.view.breaker === 'open') return recovered;
  return runner.wait(recovered, Math.ceil((recovered.now - run.now) * jitter));
}

/**
 * Until so much short of the next thing that comes of itself. A call that runs would not last as long, and what backs off
 * would come back meanwhile.
 */
function waits(runner: ModelRunner, run: ModelRun, shortMs: number): ModelRun | null {
  const due = nextDue(run);
  const { load } = run.snapshot.context;
  if (due === null || load.running > 0 || load.retries.count > 0) return null;
  const ms = due.at - run.now - shortMs;
  return ms < 0 ? null : runner.wait(run, ms);
}

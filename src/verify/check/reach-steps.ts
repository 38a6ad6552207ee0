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
  readonly longestTimeoutMs: number;
}

export function stepsOf(runner: ModelRunner, { model, boosts, longestTimeoutMs }: StepsOptions): readonly Step[] {
  const { breaker } = model;
  /** Late for everybody, and still for who comes a moment later. */
  const lateMs = Math.min(longestTimeoutMs + 1, breaker?.maxHintMs ?? MAX_HINT_MS);
  const hints = lateMs >= longestTimeoutMs ? [undefined, lateMs] : [undefined];
  const ends =
    (isOfNow: boolean, end: CallEnd, hintMs?: number): Step =>
    (run) => {
      const slot = slotOf(run, isOfNow);
      return slot === undefined ? null : runner.end(run, slot, end, hintMs);
    };
  return [
    ...PRIORITY_CLASSES.flatMap((priority): Step[] => [
      (run) => (takesNewcomers(run) ? runner.ask(run, priority) : null),
      (run) => askUntil(runner, run, priority, ({ isFull }) => isFull),
      (run) => backsOffUntilFull(runner, run, priority),
    ]),
    (run) => askUntil(runner, run, 'normal', ({ hasFreeSlot }) => !hasFreeSlot),
    ends(true, 'succeeded'),
    ends(false, 'succeeded'),
    ends(true, 'failed'),
    ...hints.flatMap((hintMs): Step[] => [
      ends(true, 'rate_limited', hintMs),
      (run) => trips(runner, run, hintMs),
      ...hints.map(
        (limitMs): Step =>
          (run) =>
            tripsLimited(runner, run, hintMs, limitMs),
      ),
    ]),
    (run) => closes(runner, run),
    (run) => recovers(runner, run, breaker?.openJitter ?? 0),
    // In time for every request, however little it has.
    (run) => waits(runner, run, 1),
    ...agesOf(boosts).map(
      (ms): Step =>
        (run) =>
          run.view.isFull && takesNewcomers(run) ? runner.wait(run, ms) : null,
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
const takesNewcomers = ({ view }: ModelRun): boolean => {
  if (view.control !== 'active' || view.limitedUntil !== null) return false;
  return view.breaker === 'closed' || view.breaker === 'forced_closed' || view.hasFreeProbe;
};

const queuesNewcomers = (run: ModelRun): boolean => run.view.breaker !== 'half_open' && takesNewcomers(run);

/** Newcomers until it is so; null: it is so already, nobody is let in, or it never comes to it. */
function askUntil(
  runner: ModelRunner,
  run: ModelRun,
  priority: PriorityClass,
  isSo: (view: ModelView) => boolean,
): ModelRun | null {
  if (!queuesNewcomers(run) || isSo(run.view)) return null;
  let next = run;
  // A chart that is faulty may take any number.
  for (let left = run.snapshot.context.limits.maxQueueDepth; left > 0 && !isSo(next.view); left--) {
    next = runner.ask(next, priority);
  }
  return isSo(next.view) ? next : null;
}

/** As many back off as may, so that a slot is free when every place is taken: others succeed between, lest it trips. */
function backsOffUntilFull(runner: ModelRunner, run: ModelRun, priority: PriorityClass): ModelRun | null {
  if (!queuesNewcomers(run) || run.snapshot.context.load.running > 0) return null;
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
  if (!takesNewcomers(run) || run.view.isFull) return null;
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

/** So many failures that the breaker opens, the last one with the provider's hint. */
function trips(runner: ModelRunner, run: ModelRun, hintMs?: number): ModelRun | null {
  const { breaker } = run.view;
  if (breaker !== 'closed' && breaker !== 'half_open') return null;
  let next: ModelRun | null = run;
  for (let left = mostResults(run); left > 0; left--) {
    next = withCall(runner, next);
    if (next === null) return null;
    const tripped = trip(runner, next, hintMs);
    if (tripped.view.breaker !== breaker) return tripped.view.breaker === 'open' ? tripped : null;
    next = runner.end(next, slotOf(next, true)!, 'refused');
  }
  return null;
}

/** One more failure, of a call that runs. */
const trip = (runner: ModelRunner, run: ModelRun, hintMs: number | undefined): ModelRun =>
  runner.end(run, slotOf(run, true)!, hintMs === undefined ? 'refused' : 'failed', hintMs);

/** Of two calls at once, the one meets a 429 and the other is the failure that opens the breaker. */
function tripsLimited(runner: ModelRunner, run: ModelRun, hintMs?: number, limitMs?: number): ModelRun | null {
  const { breaker } = run.view;
  if (breaker !== 'closed' && breaker !== 'half_open') return null;
  let next: ModelRun | null = run;
  for (let left = mostResults(run); left > 0; left--) {
    const one = withCall(runner, next);
    if (one === null) return null;
    const both =
      one.snapshot.context.load.running > 1 || !takesNewcomers(one) || !one.view.hasFreeSlot
        ? one
        : runner.ask(one, 'normal');
    const limited = runner.end(both, slotOf(both, true)!, 'rate_limited', limitMs);
    if (slotOf(limited, true) !== undefined) {
      const tripped = trip(runner, limited, hintMs);
      if (tripped.view.breaker === 'open') return tripped;
    }
    next = runner.end(one, slotOf(one, true)!, 'refused');
    if (next.view.breaker !== breaker) return null;
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

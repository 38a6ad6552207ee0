import type { modelMachine } from '../../../machines/model/model.machine.ts';
import type { Boosts } from '../../queue/priority.ts';
import { DEFAULT_BACKOFF } from '../../retry/backoff.ts';
import type { PolicyModel } from '../policy.ts';
import { type ModelRun, ModelRunner, slotOf } from './model-run.ts';
import { isCommand, stepsOf } from './reach-steps.ts';
import { routingStateOf } from './routing-state.ts';

/** A state of a model that routing can tell from others, and the shortest way there. */
export interface Reached {
  readonly run: ModelRun;
  /** Events on the way; each of an operator counts for many, because nobody has to do it. */
  readonly cost: number;
}

const OPERATOR_COST = 1_000;

export interface ReachOptions {
  readonly machine: typeof modelMachine;
  readonly model: Omit<PolicyModel, 'name'>;
  readonly boosts: Boosts;
  /** What requests may have, in milliseconds: what tells an ending in time from a late one. */
  readonly timeouts: readonly number[];
  /** What a request has that asks for this model by name. */
  readonly pinnedTimeoutMs: number;
  /** Whether failed calls are tried again. */
  readonly retries: boolean;
}

/**
 * The states of a model that routing can tell from others, each with the shortest way there, by the model's own chart at
 * its own size. Dijkstra's algorithm over steps that routing can notice: a slot or a place is taken, all of them are, a
 * call ends, the breaker trips, time passes, an operator speaks. Of runs that routing cannot tell apart, the shortest
 * goes on.
 */
export function reach(options: ReachOptions): readonly Reached[] {
  const { machine, model, boosts, timeouts, pinnedTimeoutMs } = options;
  const runner = new ModelRunner(machine, inputOf(options), pinnedTimeoutMs);
  const steps = stepsOf(runner, { model, boosts, timeouts });
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

/** Without jitter, which only lengthens: who waits for a recovery waits for the longest, and sees the shortest. */
function inputOf({ model, boosts, retries }: ReachOptions) {
  const { breaker, maxConcurrency, maxQueueDepth, attemptTimeoutMs, firstTokenTimeoutMs, abortGraceMs } = model;
  return {
    breaker: breaker && { ...breaker, openJitter: 0 },
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

/** Two runs with the same key are one to routing, and are taken to go on alike. */
function keyBy(timeouts: readonly number[]): (run: ModelRun) => string {
  return (run) => {
    const { load, limits } = run.snapshot.context;
    const states = timeouts.map((timeoutMs) => {
      const state = routingStateOf(run.view, run.now, timeoutMs);
      // For how long it has waited shows in whom it gives way to.
      return { ...state, last: state.last?.class };
    });
    return JSON.stringify([states, slotOf(run, true) !== undefined, load.runningLimit < limits.maxConcurrency]);
  };
}

function costBetween(from: ModelRun, to: ModelRun): number {
  let cost = to.now > from.now ? 1 : 0;
  for (let link = to.last; link !== from.last && link !== null; link = link.before) {
    cost += isCommand(link.timed.event.type) ? OPERATOR_COST : 1;
  }
  return cost;
}

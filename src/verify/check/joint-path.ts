import type { PolicyEvent } from '../policy-events.ts';
import { eventsOf, type ModelRun, type TimedEvent } from './model-run.ts';

/** A model, and how far it has come. */
export type NamedRun = readonly [model: string, run: ModelRun];

/**
 * What has to happen to a router so that each of its models has come as far as its run, all at the same moment: their
 * events merged by time, the ends of the runs aligned, requests numbered anew. Models do not touch each other, because
 * every request of a run is pinned.
 */
export function jointPath(runs: readonly NamedRun[]): PolicyEvent[] {
  const longest = Math.max(0, ...runs.map(([, { now }]) => now));
  const timed = runs
    .flatMap(([model, run]) => {
      const numbers: string[] = [];
      return eventsOf(run).map(({ at, event }) => ({ at: at + longest - run.now, event, model, numbers }));
    })
    // Stable: what happens to one model at one instant keeps its order.
    .sort((a, b) => a.at - b.at);
  const path: PolicyEvent[] = [];
  let now = timed[0]?.at ?? longest;
  const waitUntil = (at: number): void => {
    if (at > now) path.push({ type: 'time.passed', ms: at - now });
    now = at;
  };
  let requests = 0;
  for (const { at, event, model, numbers } of timed) {
    waitUntil(at);
    if (event.type === 'request') numbers.push(`r${++requests}`);
    path.push(renamed(event, model, numbers));
  }
  waitUntil(longest);
  return path;
}

/** @param numbers what the requests of its run are called here, in the order in which they were made */
function renamed(event: TimedEvent['event'], model: string, numbers: readonly string[]): PolicyEvent {
  if (event.type === 'request.cancel') return { ...event, request: numbers[Number(event.request.slice(1)) - 1]! };
  if (!('request' in event)) return { ...event, model } as PolicyEvent;
  return { ...event, model, request: numbers[Number(event.request.slice(1)) - 1]! } as PolicyEvent;
}

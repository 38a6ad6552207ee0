import type { PolicyEvent } from '../policy-events.ts';
import { eventsOf, type ModelRun, type TimedEvent } from './model-run.ts';

/**
 * What has to happen to a router so that each of its models has come as far as its run, all at the same moment: their
 * events merged by time, the ends of the runs aligned, requests numbered anew. Models do not touch each other, because
 * every request of a run is pinned.
 */
export function jointPath(runs: readonly ModelRun[]): PolicyEvent[] {
  const longest = Math.max(0, ...runs.map(({ now }) => now));
  const timed = runs
    .flatMap((run, index) => eventsOf(run).map((entry) => ({ ...entry, at: entry.at + longest - run.now, index })))
    // Stable: what happens to one model at one instant keeps its order.
    .sort((a, b) => a.at - b.at);
  const path: PolicyEvent[] = [];
  const numbers = new Map<string, string>();
  let now = timed[0]?.at ?? longest;
  const waitUntil = (at: number): void => {
    if (at > now) path.push({ type: 'time.passed', ms: at - now });
    now = at;
  };
  for (const { at, event, index } of timed) {
    waitUntil(at);
    path.push(renamed(event, index, numbers));
  }
  waitUntil(longest);
  return path;
}

/** Requests are numbered within each run as they are made. */
function renamed(event: TimedEvent['event'], run: number, numbers: Map<string, string>): PolicyEvent {
  if (event.type === 'request') {
    const own = [...numbers.keys()].filter((key) => key.startsWith(`${run} `)).length + 1;
    numbers.set(`${run} r${own}`, `r${numbers.size + 1}`);
    return event;
  }
  return 'request' in event ? { ...event, request: numbers.get(`${run} ${event.request}`)! } : event;
}

/** Requests on a path: the next one's number is one more. */
export const requestsOn = (path: readonly PolicyEvent[]): number =>
  path.filter(({ type }) => type === 'request').length;

import type { ModelEvent } from '../../../machines/events.ts';
import type { PolicyModel } from '../policy.ts';
import type { PolicyEvent } from '../policy-events.ts';
import { longestOpenMs } from './tripped-run.ts';

/**
 * What has to happen to a router so that the chart of one of its models sees these events. The chart was explored with
 * an open time of its own: the router's breaker stays open for as long as its model says.
 */
export function pathOf({ name, breaker }: PolicyModel, events: readonly ModelEvent[]): PolicyEvent[] {
  const path: PolicyEvent[] = [];
  /** What a path calls them: in the chart, a request may have the id of one that has gone. */
  const names = new Map<string, string>();
  let requests = 0;
  let now: number | null = null;
  let recoveries = 0;
  for (const event of events) {
    if (!('at' in event)) {
      path.push({ type: 'time.passed', ms: Math.ceil(longestOpenMs(breaker!, recoveries++)) });
      now = null;
      continue;
    }
    if (now !== null && event.at > now) path.push({ type: 'time.passed', ms: event.at - now });
    now = event.at;
    if (event.type === 'request') names.set(event.slip.id, `r${++requests}`);
    path.push(...wordsFor(event, name, names));
  }
  return path;
}

function wordsFor(event: ModelEvent, model: string, names: ReadonlyMap<string, string>): readonly PolicyEvent[] {
  switch (event.type) {
    case 'request':
      return [{ type: 'request', priority: event.slip.class, model }];
    case 'call.succeeded':
    case 'call.failed':
    case 'call.ignored':
    case 'call.rate_limited':
      return [{ type: event.type, request: names.get(event.slip.id)!, model }];
    case 'call.cancelled':
      return [{ type: 'request.cancel', request: names.get(event.slip.id)! }];
    case 'request.cancel':
      return [{ type: 'request.cancel', request: names.get(event.id)! }];
    case 'pause':
    case 'resume':
    case 'drain':
    case 'breaker.force_open':
    case 'breaker.force_closed':
    case 'breaker.reset':
      return [{ type: event.type, model }];
    // The others are times that come.
    default:
      return [];
  }
}

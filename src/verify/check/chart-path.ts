import type { ModelEvent } from '../../../machines/events.ts';
import type { PolicyEvent } from '../policy-events.ts';

/** What has to happen to a router so that one of its models' charts sees these events. */
export function pathOf(model: string, events: readonly ModelEvent[]): PolicyEvent[] {
  const path: PolicyEvent[] = [];
  const names = new Map<string, string>();
  let now: number | null = null;
  for (const event of events) {
    const at: number | null = 'at' in event ? event.at : null;
    if (now !== null && at !== null && at > now) path.push({ type: 'time.passed', ms: at - now });
    now = at ?? now;
    path.push(...wordsFor(event, model, names));
  }
  return path;
}

function wordsFor(event: ModelEvent, model: string, names: Map<string, string>): readonly PolicyEvent[] {
  switch (event.type) {
    case 'request':
      names.set(event.slip.id, `r${names.size + 1}`);
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

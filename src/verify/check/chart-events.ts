import type { SnapshotFrom } from 'xstate';
import type { CallEvent, ModelEvent } from '../../../machines/events.ts';
import type { ModelContext } from '../../../machines/model/context.ts';
import type { modelMachine } from '../../../machines/model/model.machine.ts';
import { isCurrent } from '../../breaker/permit.ts';
import { exceeds, tallyAt, tallyWith } from '../../breaker/window.ts';
import type { PriorityClass } from '../../queue/priority.ts';
import { type Slip, termsOf } from '../../routing/slip.ts';
import { inOrder } from './in-order.ts';
import { RECOVERY_DUE } from './model-run.ts';
import { newcomer } from './newcomer.ts';

type Snapshot = SnapshotFrom<typeof modelMachine>;

/** Two snapshots with the same key are one state of the chart. */
export function keyOf({ value, context }: Snapshot): string {
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

/** Everything that can happen in a state. @param maxRetries further calls of a newcomer after one that failed */
export function eventsAt({ context, value }: Snapshot, maxRetries: number): ModelEvent[] {
  const {
    load,
    rateLimit,
    limits: { boosts },
  } = context;
  const now = timeIn(context) + 1;
  const events: ModelEvent[] = [];
  const terms = termsOf('fail', maxRetries);
  const waiting = inOrder(load.waiting, boosts);
  const backingOff = inOrder(load.retries.backingOff, boosts);
  const running = load.calls.flatMap((call) => call?.slip ?? []);
  // Behind all that are held, whoever came before and has gone: one state has the same events whenever it is asked.
  const seq = 1 + Math.max(0, ...[...running, ...waiting, ...backingOff].map((slip) => slip.seq));
  // At once, and when even the greatest boost does not lead past who waits.
  const ages = load.waitingCount > 0 ? [0, boosts.critical - boosts.low + 1] : [0];
  for (const age of ages) {
    for (const priority of CLASSES) {
      const at = now + age;
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
  for (const slip of backingOff) events.push({ type: 'retry.due', ...keyAt(slip) });
  for (const slip of [...waiting, ...backingOff]) {
    events.push({ type: 'request.cancel', ...keyAt(slip), reason: 'aborted' });
  }
  events.push({ type: value.control === 'active' ? 'pause' : 'resume', at: now }, { type: 'drain', at: now });
  events.push({ type: 'breaker.force_open', at: now }, { type: 'breaker.force_closed', at: now });
  events.push({ type: 'breaker.reset', at: now });
  if (rateLimit.until !== null) events.push({ type: 'limit.ended', at: rateLimit.until });
  if (value.breaker === 'open') events.push(RECOVERY_DUE);
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

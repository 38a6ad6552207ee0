import type { SnapshotFrom } from 'xstate';
import type { BreakerState } from '../../src/breaker/state.ts';
import { median } from '../../src/queue/service-times.ts';
import type { ControlState, ModelView } from '../../src/routing/model-view.ts';
import { hasFreeProbe, hasFreeSlot, isFull, probeDueAt } from './context.ts';
import type { modelMachine } from './model.machine.ts';

/** A model's snapshot as selection sees it. */
export function viewOf(snapshot: SnapshotFrom<typeof modelMachine>): ModelView {
  const { context, value } = snapshot;
  const { breaker, load, limits, profile } = context;
  const isHalfOpen = value.breaker === 'half_open';
  return {
    control: value.control as ControlState,
    breaker: value.breaker as BreakerState,
    openUntil: breaker.openUntil,
    hasFreeProbe: isHalfOpen && hasFreeProbe(context),
    probeDueAt: isHalfOpen ? probeDueAt(context) : null,
    limitedUntil: context.rateLimit.until,
    isFull: isFull(context),
    hasFreeSlot: hasFreeSlot(context),
    runningLimit: load.runningLimit,
    calls: load.calls,
    medianMs: median(load.serviceTimes),
    waiting: load.waiting,
    backingOff: load.retries.backingOff,
    boosts: limits.boosts,
    contextWindow: profile.contextWindow,
    since: limits.since,
  };
}

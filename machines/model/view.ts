import type { SnapshotFrom } from 'xstate';
import type { ModelView } from '../../src/routing/model-view.ts';
import { depthOf, probeDueAt } from './context.ts';
import type { BreakerState } from './emitted.ts';
import type { modelMachine } from './model.machine.ts';

/** A model's snapshot as selection sees it. */
export function viewOf(snapshot: SnapshotFrom<typeof modelMachine>): ModelView {
  const { context, value } = snapshot;
  const isHalfOpen = value.breaker === 'half_open';
  return {
    control: value.control,
    breaker: value.breaker as BreakerState,
    openUntil: context.openUntil,
    hasFreeProbe: isHalfOpen && context.idle !== null && context.probes < context.breaker!.halfOpenMaxProbes,
    probeDueAt: isHalfOpen ? probeDueAt(context) : null,
    isFull: depthOf(context) >= context.limits.maxQueueDepth,
    waiting: context.waiting,
    boosts: context.limits.boosts,
  };
}

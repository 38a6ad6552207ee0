import type { SnapshotFrom } from 'xstate';
import type { ModelView } from '../../src/routing/model-view.ts';
import { hasFreeProbe, isFull, probeDueAt } from './context.ts';
import type { BreakerState } from './emitted.ts';
import type { modelMachine } from './model.machine.ts';

/** A model's snapshot as selection sees it. */
export function viewOf(snapshot: SnapshotFrom<typeof modelMachine>): ModelView {
  const { context, value } = snapshot;
  const { breaker, load, limits } = context;
  const isHalfOpen = value.breaker === 'half_open';
  return {
    control: value.control,
    breaker: value.breaker as BreakerState,
    openUntil: breaker.openUntil,
    hasFreeProbe: isHalfOpen && hasFreeProbe(context),
    probeDueAt: isHalfOpen ? probeDueAt(context) : null,
    isFull: isFull(context),
    waiting: load.waiting,
    boosts: limits.boosts,
  };
}

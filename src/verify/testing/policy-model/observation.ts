import { PRIORITY_CLASSES, type PriorityClass } from '../../../queue/priority.ts';
import type { ModelObservation, PolicyObservation, PolicyOutcome } from '../../policy-events.ts';
import { failuresOf } from './breaker.ts';
import type { ModelState } from './model-state.ts';
import type { PolicyState } from './policy-state.ts';

/** What can be seen of the state from outside. */
export const observationOf = ({ now, models, parked, settled }: PolicyState): PolicyObservation => ({
  models: Object.fromEntries(models.map((model) => [model.options.name, modelObservation(model, now)])),
  settled: outcomes(settled),
  parked: parked.length,
});

function modelObservation(model: ModelState, now: number): ModelObservation {
  const { control, breaker, limit, waiting, backingOff, calls } = model;
  const isIdle = waiting.length === 0 && calls.length === 0;
  return {
    control: control === 'draining' && isIdle ? 'drained' : control,
    breaker,
    failures: failuresOf(model, now),
    isLimited: limit !== null,
    running: calls.toSorted((a, b) => a.request.seq - b.request.seq).map(({ request }) => request.name),
    waiting: Object.fromEntries(
      PRIORITY_CLASSES.map((priority) => [priority, waiting.filter((request) => request.priority === priority).length]),
    ) as Record<PriorityClass, number>,
    backingOff: backingOff.length,
  };
}

function outcomes(settled: PolicyState['settled']): Record<string, PolicyOutcome> {
  const all: [string, PolicyOutcome][] = [];
  for (let last = settled; last !== null; last = last.earlier) all.push([last.request, last.outcome]);
  return Object.fromEntries(all.reverse());
}

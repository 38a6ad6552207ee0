import type { OperatorEventType } from '../../policy-events.ts';
import { closedByHand, forcedOpen } from './breaker.ts';
import { opensKey } from './key.ts';
import { isCurrent, type ModelState, queueOf, withoutQueued } from './model-state.ts';
import { moveTogether, startWaiting, unparkHopeless, wake } from './moves.ts';
import { type Draft, modelAt } from './policy-state.ts';
import { type RequestState, told } from './request-state.ts';

/** What an operator says to a model. What is so already stays as it is. Whom the model lets go goes on together. */
export function command(draft: Draft, index: number, type: OperatorEventType): void {
  const model = modelAt(draft, index);
  switch (type) {
    case 'pause':
      moveTogether(draft, handedOver(draft, index, { ...model, control: 'paused' }));
      break;
    case 'drain': {
      // Nobody knows an end of it: who is parked for this model learns so.
      const hopeless = model.control === 'draining' ? [] : unparkHopeless(draft, index, Number.POSITIVE_INFINITY);
      moveTogether(draft, [...handedOver(draft, index, { ...model, control: 'draining' }), ...hopeless]);
      break;
    }
    case 'resume':
      if (model.control !== 'active') reopen(draft, index, { ...model, control: 'active' });
      break;
    case 'breaker.force_open': {
      if (model.breaker === 'forced_open') return;
      const queue = queueOf(model);
      draft.models[index] = withoutQueued(forcedOpen(model), queue);
      moveTogether(
        draft,
        queue.map((request) => told(request, index, 'circuit_open')),
      );
      break;
    }
    case 'breaker.force_closed':
      if (model.breaker !== 'forced_closed') reopen(draft, index, closedByHand(model, 'forced_closed', draft.now));
      break;
    case 'breaker.reset': {
      const home = homeOf(model);
      const after = closedByHand(model, home, draft.now);
      if (model.breaker !== home) {
        reopen(draft, index, after);
        return;
      }
      draft.models[index] = after;
      startWaiting(draft, index);
      break;
    }
  }
}

/** Whether it changes anything. */
export function isNoticed(model: ModelState, type: OperatorEventType, now: number): boolean {
  switch (type) {
    case 'pause':
      return model.control !== 'paused';
    case 'drain':
      return model.control !== 'draining';
    case 'resume':
      return model.control !== 'active';
    case 'breaker.force_open':
      return model.breaker !== 'forced_open';
    case 'breaker.force_closed':
      return model.breaker !== 'forced_closed';
    case 'breaker.reset':
      return !isPristine(model, now);
  }
}

/** There is nothing to forget, and no permit that would go stale. */
const isPristine = (model: ModelState, now: number): boolean =>
  model.breaker === homeOf(model) &&
  model.failures === 0 &&
  model.results.length === 0 &&
  model.runningLimit === model.options.maxConcurrency &&
  opensKey(model, now) === '' &&
  (model.options.breaker === null || !model.calls.some((call) => isCurrent(model, call)));

/** Where a reset leads. */
const homeOf = ({ options: { breaker } }: ModelState): 'closed' | 'forced_closed' =>
  breaker === null ? 'forced_closed' : 'closed';

/** Newcomers skip it now; who waits stays, and starts unless it is paused. @returns who backs off there: it goes on */
function handedOver(
  draft: Draft,
  index: number,
  model: ModelState & { readonly control: 'paused' | 'draining' },
): readonly RequestState[] {
  const backingOff = queueOf({ ...model, waiting: [] });
  draft.models[index] = withoutQueued(model, backingOff);
  startWaiting(draft, index);
  return backingOff.map((request) => told(request, index, model.control));
}

function reopen(draft: Draft, index: number, model: ModelState): void {
  draft.models[index] = model;
  startWaiting(draft, index);
  wake(draft, index);
}

import { PRIORITY_CLASSES } from '../../queue/priority.ts';
import type { PolicyState } from './policy-model/policy-state.ts';
import type { RequestState } from './policy-model/request-state.ts';

/**
 * What paths go through as one state: where requests are, which class and itinerary they have and whether they are tried
 * again, and in which state the models are. Left out is what only shows later (times, how long the next limit or opening
 * lasts, why earlier candidates refused), which would make far more states, with windows of time no end of them. A path
 * goes through one of those that are alike.
 */
export function coverageKey({ models, parked, turns }: PolicyState): string {
  return [
    ...models.map((model) =>
      [
        model.control,
        model.breaker,
        model.failures,
        model.results.map(({ isFailure }) => Number(isFailure)).join(''),
        model.successes,
        Number(model.limit !== null),
        model.runningLimit,
        model.waiting.map(describe).join(' '),
        model.backingOff.map(({ request }) => describe(request)).join(' '),
        model.calls
          .map(({ request, generation }) => `${describe(request)}${generation === model.generation ? '' : '-'}`)
          .sort()
          .join(' '),
      ].join(),
    ),
    parked.map(describe).join(' '),
    turns.join(),
  ].join('|');
}

const describe = ({ priority, candidates, isRetrying }: RequestState): string =>
  `${PRIORITY_CLASSES.indexOf(priority)}${candidates.join('')}${isRetrying ? '+' : ''}`;

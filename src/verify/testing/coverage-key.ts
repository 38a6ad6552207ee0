import { PRIORITY_CLASSES } from '../../queue/priority.ts';
import type { PolicyState } from './policy-model/policy-state.ts';
import type { RequestState } from './policy-model/request-state.ts';

/**
 * What paths go through as one state: where requests are, which class and itinerary they have and whether they are tried
 * again, and in which state the models are. That is all that decides what the next event does at once, but for ties.
 *
 * Merged are states that differ only in what shows later: which of two timers is due first, how long the next limit or
 * opening lasts, what earlier candidates said (which decides who may park, and with which code a request fails), and who
 * would be overtaken by age. Each of these multiplies the states without end to be seen: of two models with two places
 * there are 360 states so, and over 60,000 otherwise. A transition is thus an event in a state that can be seen; a path
 * goes through one of those that are alike, and random walks through others.
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

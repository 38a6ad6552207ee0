import type { PolicyEvent } from '../policy-events.ts';
import type { PolicySpecification } from './policy-specification.ts';

/** A binary fraction of a millisecond, so that sums of it stay exact. */
export const MOMENT_MS = 1 / 256;

/** What comes later is not waited for: by then calls are timed out. */
const HORIZON_MS = 5e8;

/**
 * Before a request and before a call ends a moment passes: of calls that began at the same instant nobody says which one
 * is timed out first.
 */
export const isSpaced = ({ type }: PolicyEvent): boolean => type === 'request' || type.startsWith('call.');

/** The specification of a router to which nothing happens at the same instant. */
export function spaced<State>(specification: PolicySpecification<State>): PolicySpecification<State> {
  const later = (state: State): State => specification.reduce(state, { type: 'time.passed', ms: MOMENT_MS });
  return {
    ...specification,
    reduce: (state, event) => specification.reduce(isSpaced(event) ? later(state) : state, event),
    events: (state, alphabet) => [
      // What has passed in that moment cannot happen any more.
      ...specification.events(later(state), { ...alphabet, cancels: false, operator: [] }).filter(isSpaced),
      ...specification
        .events(state, { ...alphabet, requests: [], outcomes: [] })
        .filter((event) => !isSpaced(event) && !(event.type === 'time.passed' && event.ms > HORIZON_MS)),
    ],
  };
}

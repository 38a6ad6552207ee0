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
  let latest: { readonly state: State; readonly later: State } | null = null;
  /** A state is asked for its events, and then for what one of them makes of it. */
  const later = (state: State): State => {
    if (latest?.state !== state)
      latest = { state, later: specification.reduce(state, { type: 'time.passed', ms: MOMENT_MS }) };
    return latest.later;
  };
  const isInTime = (event: PolicyEvent): boolean => !(event.type === 'time.passed' && event.ms > HORIZON_MS);
  return {
    ...specification,
    reduce: (state, event) => specification.reduce(isSpaced(event) ? later(state) : state, event),
    events(state, alphabet) {
      const isAnySpaced = alphabet.requests.length > 0 || alphabet.outcomes.length > 0;
      return [
        // What has passed in that moment cannot happen any more.
        ...(isAnySpaced
          ? specification.events(later(state), { ...alphabet, cancels: false, operator: [] }).filter(isSpaced)
          : []),
        ...specification.events(state, { ...alphabet, requests: [], outcomes: [] }).filter(isInTime),
      ];
    },
  };
}

import { PRIORITY_CLASSES } from '../../../queue/priority.ts';
import { attemptsOf, errorCode, type LastWord, type RequestState } from './request-state.ts';

/** All that decides what becomes of a request that this model holds (none: it is parked), but when it came. */
export function requestKey(request: RequestState, holder: number | undefined): string {
  const { priority, candidates, cursor, attempts, maxRetries, canPark } = request;
  const isParked = holder === undefined;
  return [
    PRIORITY_CLASSES.indexOf(priority),
    candidates.join('.'),
    // Who is parked begins anew: of this pass only the code counts with which it would give up its place.
    isParked ? errorCode(request) : cursor,
    isParked ? '' : candidates.map((model, index) => (model === holder ? '' : wordKey(request, index))).join('.'),
    attemptsOf(request),
    maxRetries,
    // Further attempts than these make no difference to a candidate.
    maxRetries === 0 ? '' : attempts.map((n) => Math.min(n, maxRetries + 1)).join('.'),
    metKey(request),
    [canPark, request.wasDisplaced, request.isRetrying].map(Number).join(''),
  ].join();
}

const metKey = ({ hasFailed, wasLimited }: RequestState): string =>
  hasFailed ? 'failed' : wasLimited ? 'limited' : '';

const CLASSES: Readonly<Record<LastWord, string>> = {
  circuit_open: 'passes',
  half_open: 'passes',
  paused: 'passes',
  rate_limited: 'limited',
  draining: 'draining',
  queue_full: 'full',
  displaced: 'displaced',
  failed: 'failed',
};

/** A last word counts for who may park, for the code when no attempt was made, and for whose limit is waited out. */
function wordKey(request: RequestState, index: number): string {
  const word = request.lastWords[index] ?? null;
  if (word === null) return '';
  const mayPark = request.canPark && !request.wasDisplaced;
  const wasTried = metKey(request) !== '';
  return mayPark || !wasTried || word === 'rate_limited' ? CLASSES[word] : '';
}

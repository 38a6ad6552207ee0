import { longestWait, predictedWait } from '../queue/predicted-wait.ts';
import { countAhead, victim } from '../queue/waiting.ts';
import type { ModelView } from './model-view.ts';
import type { SkipReason, Slip } from './slip.ts';

export interface Refusal {
  readonly reason: SkipReason;
  /** Milliseconds after which it could be otherwise, where that is known. */
  readonly retryAfterMs?: number;
  readonly predictedWaitMs?: number;
}

/** What admission looks at in a request. */
export type Applicant = Pick<Slip, 'id' | 'seq' | 'class' | 'arrival' | 'deadline' | 'attempts'>;

/** Nobody is told to come back to a half-open model sooner than this. */
const MIN_HALF_OPEN_RETRY_MS = 1_000;

type Hint = { readonly retryAfterMs: number } | undefined;

/** Forced open, a breaker has no time to come back. */
export const retryAfterOpen = (openUntil: number, at: number): Hint =>
  openUntil === Number.POSITIVE_INFINITY ? undefined : { retryAfterMs: Math.max(0, openUntil - at) };

/** When the probe in flight is decided at the latest. */
export const retryAfterHalfOpen = (probeDueAt: number | null, at: number): Hint => ({
  retryAfterMs: Math.max(MIN_HALF_OPEN_RETRY_MS, (probeDueAt ?? at) - at),
});

export const retryAfterLimit = (limitedUntil: number | null, at: number): Hint => ({
  retryAfterMs: Math.max(0, (limitedUntil ?? at) - at),
});

/** Why a model takes no request now, whichever it is; null when it takes some. */
function closedDoor(view: ModelView, at: number): Refusal | null {
  if (view.control === 'paused') return { reason: 'paused' };
  if (view.control !== 'active') return { reason: 'draining' };
  if (view.breaker === 'open' || view.breaker === 'forced_open') {
    return { reason: 'circuit_open', ...retryAfterOpen(view.openUntil, at) };
  }
  if (view.breaker === 'half_open' && !view.hasFreeProbe) {
    return { reason: 'half_open', ...retryAfterHalfOpen(view.probeDueAt, at) };
  }
  if (view.limitedUntil !== null) return { reason: 'rate_limited', ...retryAfterLimit(view.limitedUntil, at) };
  return null;
}

/** Whether a model that takes as much as this one has refused the request as too long. Unknown is not larger. */
const isTooLongFor = ({ contextWindow }: ModelView, { attempts }: Applicant): boolean =>
  attempts.some(
    ({ exceededWindow }) => exceededWindow !== undefined && (contextWindow === null || contextWindow <= exceededWindow),
  );

/** Why a model is not for this request at any time, or null. */
function unfit(view: ModelView, request: Applicant): Refusal | null {
  if (request.arrival < view.since) return { reason: 'removed' };
  return isTooLongFor(view, request) ? { reason: 'context_too_small' } : null;
}

/** Why a model does not take a request now, or null when it does. */
export function refusal(view: ModelView, request: Applicant, at: number): Refusal | null {
  const misfit = unfit(view, request);
  if (misfit !== null) return misfit;
  const closed = closedDoor(view, at);
  if (closed !== null || view.breaker === 'half_open') return closed;
  if (!hasPlaceFor(view, request)) return { reason: 'queue_full' };
  return view.hasFreeSlot ? null : untimely(view, request, at);
}

/** Whether it has a free place, if only to wait out a rate limit, or a free permit, for whoever has waited elsewhere. */
export function hasRoom(view: ModelView, at: number): boolean {
  if (view.isFull) return false;
  return closedDoor(view, at) === null || (view.limitedUntil !== null && queues(view));
}

/** Whether the room that it has is for this request. */
export const takes = (view: ModelView, request: Applicant, at: number): boolean =>
  hasRoom(view, at) &&
  unfit(view, request) === null &&
  (view.limitedUntil === null || view.limitedUntil < request.deadline);

/** Whether requests can wait there. */
const queues = ({ control, breaker }: ModelView): boolean =>
  control === 'active' && (breaker === 'closed' || breaker === 'forced_closed');

/** Whether the model would take the request for the sole price of waiting until its rate limit ends. */
export const waitsOutLimit = (view: ModelView, request: Applicant): boolean =>
  view.limitedUntil !== null &&
  queues(view) &&
  view.limitedUntil < request.deadline &&
  unfit(view, request) === null &&
  hasPlaceFor(view, request);

/** How long the request would wait for a slot at a model that admits it, in milliseconds. */
export const waitAt = (view: ModelView, request: Applicant, at: number): number =>
  view.hasFreeSlot || view.breaker === 'half_open'
    ? 0
    : predictedWait(view, countAhead(view.waiting, request, view.boosts), at);

const hasPlaceFor = (view: ModelView, request: Applicant): boolean =>
  !view.isFull || victim(view.waiting, request, view.boosts, view.backingOff) !== null;

function untimely(view: ModelView, request: Applicant, at: number): Refusal | null {
  if (view.medianMs === null) return null;
  const remaining = request.deadline - at;
  // Nearly every deadline is far enough at a glance: the calls are looked at only when it is not.
  if (longestWait(view, countAhead(view.waiting, request, view.boosts)) <= remaining) return null;
  const predictedWaitMs = waitAt(view, request, at);
  return predictedWaitMs > remaining
    ? { reason: 'deadline_unreachable', predictedWaitMs: Math.round(predictedWaitMs) }
    : null;
}

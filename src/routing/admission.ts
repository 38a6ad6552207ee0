import { victim } from '../queue/waiting.ts';
import type { ModelView } from './model-view.ts';
import type { SkipReason, SlipKey } from './slip.ts';

export interface Refusal {
  readonly reason: SkipReason;
  readonly retryAfterMs?: number;
}

/** Nobody is told to come back to a half-open model sooner than this. */
const MIN_HALF_OPEN_RETRY_MS = 1_000;

export const retryAfterOpen = (openUntil: number, at: number): number => Math.max(0, openUntil - at);

/** When the probe in flight is decided at the latest. */
export const retryAfterHalfOpen = (probeDueAt: number | null, at: number): number =>
  Math.max(MIN_HALF_OPEN_RETRY_MS, (probeDueAt ?? at) - at);

/** Why a model does not take a request now, or null when it does. */
export function refusal(view: ModelView, request: SlipKey, at: number): Refusal | null {
  if (view.control !== 'active') return { reason: 'draining' };
  if (view.breaker === 'open') return { reason: 'circuit_open', retryAfterMs: retryAfterOpen(view.openUntil, at) };
  if (view.breaker === 'half_open') {
    if (view.hasFreeProbe) return null;
    return { reason: 'half_open', retryAfterMs: retryAfterHalfOpen(view.probeDueAt, at) };
  }
  if (view.isFull && victim(view.waiting, request, view.boosts) === null) return { reason: 'queue_full' };
  return null;
}

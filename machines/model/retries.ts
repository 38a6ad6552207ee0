import { dequeue, enqueue, findWaiting, NONE_WAITING } from '../../src/queue/waiting.ts';
import { backoff } from '../../src/retry/backoff.ts';
import { hasBudget } from '../../src/retry/budget.ts';
import { blame } from '../../src/retry/classify.ts';
import { hasFurtherCandidate, MAX_ATTEMPTS, type Slip, type SlipKey } from '../../src/routing/slip.ts';
import type { CallEvent } from '../events.ts';
import { type Load, type ModelContext, maxHintMsOf, type Retries } from './context.ts';

// Which failed calls are tried again, and how what a model tries again changes.

/** When a request is tried again, and the state of the generator that has drawn it. */
export interface Retry {
  readonly due: number;
  readonly seed: number;
}

/** When the model tries a request again whose call has just ended; null: it moves on. */
export function retryOf(context: ModelContext, event: CallEvent): Retry | null {
  const { name, limits, load } = context;
  const { slip, at } = event;
  // A backend that has not let go was silent, and is asked nothing more.
  if (event.type !== 'call.failed' || event.interrupts || event.lingers || limits.backoff === null) return null;
  const calls = slip.attempts.reduce((count, { model }) => (model === name ? count + 1 : count), 1);
  if (calls > slip.terms.maxRetries || slip.attempts.length + 1 >= MAX_ATTEMPTS) return null;
  if (!blame(event).retryable) return null;
  const others = load.retries.ids.length - (load.retries.ids.includes(slip.id) ? 1 : 0);
  if (!hasBudget(others, load.running)) return null;
  const hintMs = Math.min(event.retryAfterMs ?? 0, maxHintMsOf(context));
  // Another model answers sooner than one that asks for more time than any back-off.
  if (hintMs > limits.backoff.maxMs && hasFurtherCandidate(slip)) return null;
  const { ms, seed } = backoff(calls, limits.backoff, load.retries.seed, hintMs);
  return at + ms < slip.deadline ? { due: at + ms, seed } : null;
}

/** The request backs off. */
export const begun = ({ backingOff, count, ids }: Retries, slip: Slip, seed: number): Retries => ({
  backingOff: enqueue(backingOff, slip),
  count: count + 1,
  ids: [...ids, slip.id],
  seed,
});

/** The request backs off no longer, but is still tried again. */
export const ripened = (retries: Retries, key: SlipKey): Retries => ({
  ...retries,
  backingOff: dequeue(retries.backingOff, key),
  count: retries.count - 1,
});

/** The request is no longer this model's, or its call is over. */
export function ended(retries: Retries, { id }: SlipKey): Retries {
  if (retries.ids.length === 0 || !retries.ids.includes(id)) return retries;
  return { ...retries, ids: retries.ids.filter((other) => other !== id) };
}

/** Nothing backs off any more, and of what it tries again only what runs is left. */
export const cleared = (retries: Retries, calls: Load['calls']): Retries => ({
  backingOff: NONE_WAITING,
  count: 0,
  ids: retries.ids.filter((id) => calls.some((call) => call?.slip.id === id)),
  seed: retries.seed,
});

/** The request, where it backs off. */
export const findBackingOff = ({ load: { retries } }: ModelContext, key: SlipKey): Slip | null =>
  retries.count === 0 ? null : findWaiting(retries.backingOff, key);

/** What a model remembers of its provider's 429s. */
export interface RateLimit {
  /** Until when nothing is sent; null when no limit holds. */
  readonly until: number | null;
  /** When the latest limit began; calls that were under way by then tell nothing new. */
  readonly began: number;
  /** Limits in a row without a success between them. */
  readonly strikes: number;
}

export const NO_LIMIT: RateLimit = { until: null, began: Number.NEGATIVE_INFINITY, strikes: 0 };

const BASE_MS = 1_000;
const MAX_MS = 60_000;

/** How a call met its 429. */
export interface Limited {
  readonly startedAt: number;
  readonly at: number;
  /** What the provider asks for, in milliseconds; 0 is no hint. */
  readonly hintMs: number | undefined;
}

/**
 * A provider has answered 429. A call that began after the latest limit begins the next one: for the provider's hint,
 * or without one for a second that doubles with each limit in a row, up to a minute. The others were under way when
 * that limit began: they can only lengthen it by their hint, else 32 concurrent calls would count as 32 in a row.
 */
export function limited(limit: RateLimit, call: Limited, maxHintMs: number): RateLimit {
  const hintMs = Math.min(call.hintMs ?? 0, maxHintMs);
  if (call.startedAt <= limit.began) {
    const until = call.at + hintMs;
    return hintMs > 0 && until > (limit.until ?? 0) ? { ...limit, until } : limit;
  }
  const strikes = limit.strikes + 1;
  // The exponent is bounded so that the product stays finite after any number of limits.
  const ms = hintMs > 0 ? hintMs : Math.min(BASE_MS * 2 ** Math.min(strikes - 1, 16), MAX_MS);
  return { until: later(limit, call.at + ms), began: call.at, strikes };
}

const later = ({ until }: RateLimit, other: number): number => Math.max(until ?? other, other);

export const limitEnded = (limit: RateLimit): RateLimit => ({ ...limit, until: null });

/** Whether a success of a call that began then breaks the row of limits. */
export const isForgivenBy = (limit: RateLimit, startedAt: number): boolean =>
  limit.strikes > 0 && startedAt > limit.began;

export const forgiven = (limit: RateLimit): RateLimit => ({ ...limit, strikes: 0 });

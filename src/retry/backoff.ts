import { nextRandom } from '../random.ts';

/** How long a request backs off before it is sent to the same model again. */
export interface Backoff {
  /** The longest wait before the first retry, in milliseconds; it doubles with each further one. */
  readonly baseMs: number;
  /** The longest wait before any, unless the provider asks for a longer one. */
  readonly maxMs: number;
}

export const DEFAULT_BACKOFF: Backoff = { baseMs: 500, maxMs: 8_000 };

/**
 * How long a request waits before its n-th retry: drawn evenly from nothing to `baseMs` doubled with each retry, at most
 * `maxMs`, because whoever failed together must not come back together ("full jitter": Brooker, "Exponential Backoff
 * And Jitter", AWS Architecture Blog, 2015); or the provider's hint when that is longer.
 */
export function backoff(
  retry: number,
  { baseMs, maxMs }: Backoff,
  seed: number,
  hintMs: number,
): { readonly ms: number; readonly seed: number } {
  // The exponent is bounded so that the product stays finite after any number of retries.
  const longest = Math.min(maxMs, baseMs * 2 ** Math.min(retry - 1, 52));
  const draw = nextRandom(seed);
  return { ms: Math.max(longest * draw.value, hintMs), seed: draw.seed };
}

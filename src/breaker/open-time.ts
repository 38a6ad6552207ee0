import { nextRandom } from '../random.ts';
import type { BreakerOptions } from './options.ts';

/**
 * Openings that still count: one is forgiven for each `recoveryTimeoutMs` spent closed, so that a provider that falls
 * over every few minutes is not met with the shortest wait each time.
 */
export function rememberedOpens(
  history: { readonly opens: number; readonly closedAt: number },
  options: BreakerOptions,
  at: number,
): number {
  if (options.recoveryTimeoutMs === 0) return 0;
  return Math.max(0, history.opens - Math.floor((at - history.closedAt) / options.recoveryTimeoutMs));
}

/**
 * How long the breaker stays open now: `recoveryTimeoutMs` doubled for each earlier opening, at most `maxOpenMs`,
 * lengthened by up to `openJitter` of itself and never shortened; or exactly the provider's hint when that is longer.
 */
export function openTime(
  opens: number,
  options: BreakerOptions,
  seed: number,
  hintMs: number | undefined,
): { readonly ms: number; readonly seed: number } {
  // The exponent is bounded so that the product stays finite after any number of openings.
  const base = Math.min(options.recoveryTimeoutMs * 2 ** Math.min(opens - 1, 52), options.maxOpenMs);
  const draw = nextRandom(seed);
  const lengthened = base * (1 + options.openJitter * draw.value);
  const hint = Math.min(hintMs ?? 0, options.maxHintMs);
  return { ms: hint > lengthened ? hint : lengthened, seed: draw.seed };
}

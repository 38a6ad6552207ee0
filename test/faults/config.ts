import type { ModelOptions } from '../../src/model-options.ts';
import type { RouterOptions } from '../../src/router-options.ts';

/** How every router of the wall is set up. */
export const ROUTER = {
  timeoutMs: 30_000,
  retries: { maxRetries: 2 },
  breaker: { recoveryTimeoutMs: 10_000, maxOpenMs: 30_000 },
} as const satisfies RouterOptions;

/** How both of its models are: the one that has the fault, and its one fallback. */
export const MODEL = {
  connectTimeoutMs: 2_000,
  firstTokenTimeoutMs: 8_000,
  idleTimeoutMs: 8_000,
  attemptTimeoutMs: 12_000,
} as const satisfies ModelOptions;

/** How long a caller may wait before it counts as a hang: its own time, and one attempt that began just before its end. */
export const HANG_MS = ROUTER.timeoutMs + MODEL.attemptTimeoutMs + 3_000;

/** What of it differs from the defaults, as the scorecard names it. */
export const NOT_DEFAULT = [
  ['timeoutMs', ROUTER.timeoutMs, 120_000],
  ['connectTimeoutMs', MODEL.connectTimeoutMs, 5_000],
  ['firstTokenTimeoutMs', MODEL.firstTokenTimeoutMs, 60_000],
  ['idleTimeoutMs', MODEL.idleTimeoutMs, 30_000],
  ['attemptTimeoutMs', MODEL.attemptTimeoutMs, 60_000],
  ['recoveryTimeoutMs', ROUTER.breaker.recoveryTimeoutMs, 60_000],
  ['maxOpenMs', ROUTER.breaker.maxOpenMs, 300_000],
] as const;

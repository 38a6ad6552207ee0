import type { BreakerOptions } from '../../../breaker/options.ts';

/** One result of a closed breaker that trips by rate. */
export interface WindowResult {
  readonly at: number;
  readonly isFailure: boolean;
  readonly isSlow: boolean;
}

/** A window of time is forgotten slice by slice. */
const SLICES = 10;

export const sliceMs = (options: BreakerOptions): number => options.windowMs / SLICES;

const sliceOf = (at: number, options: BreakerOptions): number => Math.floor(at / sliceMs(options));

/** How many slices ago it was. */
export const sliceAge = (result: WindowResult, options: BreakerOptions, now: number): number =>
  sliceOf(now, options) - sliceOf(result.at, options);

/** Those that count now. */
export const inWindow = (
  results: readonly WindowResult[],
  options: BreakerOptions,
  now: number,
): readonly WindowResult[] =>
  options.policy === 'count'
    ? results.slice(-options.windowSize)
    : results.filter((result) => sliceAge(result, options, now) < SLICES);

/** Whether failures or slow calls are too great a share of the window. */
export function exceedsRate(window: readonly WindowResult[], options: BreakerOptions): boolean {
  if (window.length < options.minimumCalls) return false;
  const share = (counts: (result: WindowResult) => boolean): number => window.filter(counts).length / window.length;
  return (
    share((result) => result.isFailure) >= options.failureRate ||
    (options.slowCallMs !== null && share((result) => result.isSlow) >= options.slowCallRate)
  );
}

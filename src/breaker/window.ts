import * as count from './count-window.ts';
import type { BreakerOptions } from './options.ts';
import { EMPTY_TALLY, plus, type Result, type Tally } from './tally.ts';
import * as time from './time-window.ts';

/** What a breaker with a window has seen; null for `consecutive`, which counts failures in a row. */
export type Window = count.CountWindow | time.TimeWindow | null;

export function emptyWindow(options: BreakerOptions | null): Window {
  if (options?.policy === 'count') return count.EMPTY_COUNT_WINDOW;
  return options?.policy === 'time' ? time.EMPTY_TIME_WINDOW : null;
}

export function withResult(window: Window, options: BreakerOptions, result: Result, at: number): Window {
  if (window === null) return null;
  return window.kind === 'count'
    ? count.withResult(window, options.windowSize, result)
    : time.withResult(window, options.windowMs, result, at);
}

/** What it comes to with one more result, without building the window that has it. */
export function tallyWith(window: Window, options: BreakerOptions, result: Result, at: number): Tally {
  return window?.kind === 'count'
    ? count.tallyWith(window, options.windowSize, result)
    : plus(tallyAt(window, options, at), result);
}

export function tallyAt(window: Window, options: BreakerOptions, at: number): Tally {
  if (window === null) return EMPTY_TALLY;
  return window.kind === 'count' ? window.tally : time.tallyAt(window, options.windowMs, at);
}

/** Whether so many results, and so many of them failed or slow, are too many. */
export function exceeds({ total, failures, slow }: Tally, options: BreakerOptions): boolean {
  if (total < options.minimumCalls) return false;
  if (failures >= options.failureRate * total) return true;
  return options.slowCallMs !== null && slow >= options.slowCallRate * total;
}

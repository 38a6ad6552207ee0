import type { BreakerOptions } from './options.ts';
import { emptyWindow, tallyAt, type Window } from './window.ts';

export type TripCause = 'failures' | 'failure_rate' | 'slow_call_rate' | 'probe_failed' | 'silence';

/** Why a breaker has opened: what it counted, the deciding result among it. Of `silence`: silent calls among those in flight. */
export interface Trip {
  readonly cause: TripCause;
  readonly failures: number;
  readonly slow: number;
  readonly total: number;
}

/** All that a breaker remembers; which state it is in is the chart's to know. */
export interface BreakerMemory {
  /** null: the breaker is switched off and judges nothing. */
  readonly options: BreakerOptions | null;
  /** Forced closed, it judges nothing. */
  readonly isForcedClosed: boolean;
  /** Grows with each change of the breaker. */
  readonly generation: number;
  /** Failures in a row while closed, when no window counts them. */
  readonly failures: number;
  readonly window: Window;
  /** Successful probes in a row while half-open. */
  readonly successes: number;
  /** Probes in flight. */
  readonly probes: number;
  /** Openings that still lengthen the next one. */
  readonly opens: number;
  /** When it last closed, on the router's clock. */
  readonly closedAt: number;
  /** When it turns half-open; meaningful while it is open. Infinite while it is forced open. */
  readonly openUntil: number;
  /** From when the recovery timer that runs now counts. */
  readonly timerFrom: number;
  /** Why it opened last; null before the first time. */
  readonly lastTrip: Trip | null;
  /** State of the generator that draws the jitter. */
  readonly seed: number;
}

export const newMemory = (options: BreakerOptions | null, seed: number): BreakerMemory => ({
  options,
  isForcedClosed: false,
  generation: 1,
  failures: 0,
  window: emptyWindow(options),
  successes: 0,
  probes: 0,
  opens: 0,
  closedAt: 0,
  openUntil: 0,
  timerFrom: 0,
  lastTrip: null,
  seed,
});

/** Failures that count against it now: in a row, or in its window. */
export const failureCount = ({ window, options, failures }: BreakerMemory, at: number): number =>
  window === null || options === null ? failures : tallyAt(window, options, at).failures;

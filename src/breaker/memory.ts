import type { RestoredBreaker } from './memo.ts';
import { openTime, rememberedOpens } from './open-time.ts';
import type { BreakerOptions } from './options.ts';
import { type Judged, resultOf, tripOf, verdict } from './verdict.ts';
import { emptyWindow, tallyAt, type Window, withResult } from './window.ts';

export type TripCause = 'failures' | 'failure_rate' | 'slow_call_rate' | 'probe_failed';

/** Why a breaker has opened: what it counted, the deciding result among it. */
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

/** Every change of the breaker begins a new generation with clean counts. */
const newGeneration = (memory: BreakerMemory): BreakerMemory => ({
  ...memory,
  isForcedClosed: false,
  generation: memory.generation + 1,
  failures: 0,
  window: emptyWindow(memory.options),
  successes: 0,
  probes: 0,
});

/** Opens after the result that tripped it: while closed, time has forgiven earlier openings; while half-open, none. */
export function opened(memory: BreakerMemory, call: Judged, hintMs: number | undefined): BreakerMemory {
  const options = memory.options!;
  const { permit, at } = call;
  const opens = (permit.probe ? memory.opens : rememberedOpens(memory, options, at)) + 1;
  const { ms, seed } = openTime(opens, options, memory.seed, hintMs);
  return {
    ...newGeneration(memory),
    opens,
    seed,
    openUntil: at + ms,
    timerFrom: at,
    lastTrip: tripOf(memory, call),
  };
}

export const halfOpened = (memory: BreakerMemory): BreakerMemory => newGeneration(memory);

export const closed = (memory: BreakerMemory, at: number): BreakerMemory => ({
  ...newGeneration(memory),
  closedAt: at,
});

/** Forced open by an operator: for ever, as far as it knows. Earlier openings are remembered. */
export const forcedOpen = (memory: BreakerMemory): BreakerMemory => ({
  ...newGeneration(memory),
  openUntil: Number.POSITIVE_INFINITY,
});

export const forcedClosed = (memory: BreakerMemory): BreakerMemory => ({
  ...newGeneration(memory),
  isForcedClosed: true,
  openUntil: 0,
});

/** As if it had never seen a failure. */
export const reset = (memory: BreakerMemory, at: number): BreakerMemory => ({
  ...newGeneration(memory),
  opens: 0,
  closedAt: at,
  openUntil: 0,
});

/** As a memo remembers it. */
export const restored = (memory: BreakerMemory, memo: RestoredBreaker, at: number): BreakerMemory => ({
  ...newGeneration(memory),
  isForcedClosed: memo.state === 'forced_closed',
  failures: memo.state === 'closed' ? memo.failures : 0,
  window: memo.state === 'closed' ? memo.window : emptyWindow(memory.options),
  opens: memo.opens,
  closedAt: memo.closedAt,
  openUntil: memo.state === 'forced_open' ? Number.POSITIVE_INFINITY : memo.openUntil,
  timerFrom: at,
  lastTrip: memo.lastTrip,
});

/** New options forget the past. */
export const configured = (memory: BreakerMemory, options: BreakerOptions | null, at: number): BreakerMemory =>
  reset({ ...memory, options }, at);

/**
 * With what a result leaves behind while closed. Where it would open but only observes, all is forgotten, so that it is
 * announced anew the next time.
 */
export function remembered(memory: BreakerMemory, call: Judged): BreakerMemory {
  const word = verdict(memory, call);
  if (word === 'would_trip') return { ...memory, failures: 0, window: emptyWindow(memory.options) };
  if (word !== 'record') return memory;
  if (memory.window === null) return { ...memory, failures: call.outcome === 'failure' ? memory.failures + 1 : 0 };
  return { ...memory, window: withResult(memory.window, memory.options!, resultOf(memory, call), call.at) };
}

/** Failures that count against it now: in a row, or in its window. */
export const failureCount = ({ window, options, failures }: BreakerMemory, at: number): number =>
  window === null || options === null ? failures : tallyAt(window, options, at).failures;

export const probeGranted = (memory: BreakerMemory): BreakerMemory => ({ ...memory, probes: memory.probes + 1 });

export const probePassed = (memory: BreakerMemory): BreakerMemory => ({
  ...memory,
  successes: memory.successes + 1,
  probes: memory.probes - 1,
});

export const probeReleased = (memory: BreakerMemory): BreakerMemory => ({ ...memory, probes: memory.probes - 1 });

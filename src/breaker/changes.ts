import type { RestoredBreaker } from './memo.ts';
import type { BreakerMemory, Trip } from './memory.ts';
import { openTime, rememberedOpens } from './open-time.ts';
import type { BreakerOptions } from './options.ts';
import { type Judged, resultOf, verdict } from './verdict.ts';
import { emptyWindow, withResult } from './window.ts';

// What each change of a breaker makes of its memory.

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

/** Opens: while closed, time has forgiven earlier openings; while half-open, none. */
export function opened(memory: BreakerMemory, trip: Trip, at: number, hintMs?: number): BreakerMemory {
  const options = memory.options!;
  const opens = (trip.cause === 'probe_failed' ? memory.opens : rememberedOpens(memory, options, at)) + 1;
  const { ms, seed } = openTime(opens, options, memory.seed, hintMs);
  return { ...newGeneration(memory), opens, seed, openUntil: at + ms, timerFrom: at, lastTrip: trip };
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

export const probeGranted = (memory: BreakerMemory): BreakerMemory => ({ ...memory, probes: memory.probes + 1 });

export const probePassed = (memory: BreakerMemory): BreakerMemory => ({
  ...memory,
  successes: memory.successes + 1,
  probes: memory.probes - 1,
});

export const probeReleased = (memory: BreakerMemory): BreakerMemory => ({ ...memory, probes: memory.probes - 1 });

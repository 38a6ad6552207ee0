import { openTime, rememberedOpens } from './open-time.ts';
import type { BreakerOptions } from './options.ts';
import type { Permit } from './permit.ts';

/** All that a breaker remembers; which state it is in is the chart's to know. */
export interface BreakerMemory {
  /** null: the breaker is switched off and judges nothing. */
  readonly options: BreakerOptions | null;
  /** Grows with each change of the breaker. */
  readonly generation: number;
  /** Failures in a row while closed. */
  readonly failures: number;
  /** Successful probes in a row while half-open. */
  readonly successes: number;
  /** Probes in flight. */
  readonly probes: number;
  /** Openings that still lengthen the next one. */
  readonly opens: number;
  /** When it last closed, on the router's clock. */
  readonly closedAt: number;
  /** When it turns half-open; meaningful while it is open. */
  readonly openUntil: number;
  /** From when the recovery timer that runs now counts. */
  readonly timerFrom: number;
  /** State of the generator that draws the jitter. */
  readonly seed: number;
}

export const newMemory = (options: BreakerOptions | null, seed: number): BreakerMemory => ({
  options,
  generation: 1,
  failures: 0,
  successes: 0,
  probes: 0,
  opens: 0,
  closedAt: 0,
  openUntil: 0,
  timerFrom: 0,
  seed,
});

/** Every change of the breaker begins a new generation with clean counts. */
const newGeneration = (memory: BreakerMemory): BreakerMemory => ({
  ...memory,
  generation: memory.generation + 1,
  failures: 0,
  successes: 0,
  probes: 0,
});

/** Opens after a failure: while closed, time has forgiven earlier openings; while half-open, none. */
export function opened(memory: BreakerMemory, permit: Permit, at: number, hintMs: number | undefined): BreakerMemory {
  const options = memory.options!;
  const opens = (permit.probe ? memory.opens : rememberedOpens(memory, options, at)) + 1;
  const { ms, seed } = openTime(opens, options, memory.seed, hintMs);
  return { ...newGeneration(memory), opens, seed, openUntil: at + ms, timerFrom: at };
}

export const halfOpened = (memory: BreakerMemory): BreakerMemory => newGeneration(memory);

export const closed = (memory: BreakerMemory, at: number): BreakerMemory => ({
  ...newGeneration(memory),
  closedAt: at,
});

/** New options forget the past. */
export const configured = (memory: BreakerMemory, options: BreakerOptions | null, at: number): BreakerMemory => ({
  ...newGeneration(memory),
  options,
  opens: 0,
  closedAt: at,
});

export const failureCounted = (memory: BreakerMemory): BreakerMemory => ({ ...memory, failures: memory.failures + 1 });

export const failuresCleared = (memory: BreakerMemory): BreakerMemory => ({ ...memory, failures: 0 });

export const probeGranted = (memory: BreakerMemory): BreakerMemory => ({ ...memory, probes: memory.probes + 1 });

export const probePassed = (memory: BreakerMemory): BreakerMemory => ({
  ...memory,
  successes: memory.successes + 1,
  probes: memory.probes - 1,
});

export const probeReleased = (memory: BreakerMemory): BreakerMemory => ({ ...memory, probes: memory.probes - 1 });

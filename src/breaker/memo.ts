import { limitEnded, NO_LIMIT, type RateLimit } from '../retry/rate-limit.ts';
import type { BreakerMemory, Trip } from './memory.ts';
import { type BreakerOptions, DEFAULT_BREAKER } from './options.ts';
import type { BreakerState } from './state.ts';
import type { Tally } from './tally.ts';
import { sliceFrom, startOf } from './time-window.ts';
import { emptyWindow, type Window } from './window.ts';

/** What a model's breaker takes along over a restart. Times in milliseconds since the Unix epoch. */
export interface BreakerMemo {
  readonly state: BreakerState;
  /** Failures in a row. */
  readonly failures: number;
  readonly window: WindowMemo | null;
  readonly opens: number;
  readonly closedAt: number;
  /** When it turns half-open; null unless it is open. */
  readonly reopenAt: number | null;
  /** Until when its provider wants to be left alone; null when no rate limit holds. */
  readonly limitedUntil: number | null;
  /** Rate limits in a row. */
  readonly limits: number;
  readonly lastTrip: Trip | null;
}

export type WindowMemo =
  | {
      readonly kind: 'count';
      readonly size: number;
      readonly tally: Tally;
      readonly words: readonly number[];
      readonly next: number;
    }
  | {
      readonly kind: 'time';
      readonly windowMs: number;
      readonly slices: readonly { readonly at: number; readonly tally: Tally }[];
    };

/** A memo on the router's clock, as the chart takes it. */
export interface RestoredBreaker {
  readonly state: BreakerState;
  readonly failures: number;
  readonly window: Window;
  readonly opens: number;
  readonly closedAt: number;
  readonly openUntil: number;
  readonly limit: RateLimit;
  readonly lastTrip: Trip | null;
}

/** @param shift from the router's clock to the wall's */
export function memoOf(memory: BreakerMemory, state: BreakerState, limit: RateLimit, shift: number): BreakerMemo {
  return {
    // Switched off is an option, which the next process may have changed; forced closed is an operator's word.
    state: memory.options === null && state === 'forced_closed' ? 'closed' : state,
    failures: memory.failures,
    window: windowMemoOf(memory, shift),
    opens: memory.opens,
    closedAt: memory.closedAt + shift,
    reopenAt: state === 'open' ? memory.openUntil + shift : null,
    limitedUntil: limit.until === null ? null : limit.until + shift,
    limits: limit.strikes,
    lastTrip: memory.lastTrip,
  };
}

function windowMemoOf({ window, options }: BreakerMemory, shift: number): WindowMemo | null {
  if (window === null || options === null) return null;
  if (window.kind === 'count') {
    const { kind, tally, words, next } = window;
    return { kind, size: options.windowSize, tally, words, next };
  }
  const { windowMs } = options;
  const slices = window.slices.map(({ index, tally }) => ({ at: startOf(index, windowMs) + shift, tally }));
  return { kind: 'time', windowMs, slices };
}

/**
 * A memo as it holds now: an open time that is over has become half-open, a limit that is over is none. What the wall
 * clock would stretch beyond the longest open time is cut, because the clock may have been set meanwhile.
 */
export function restoredFrom(
  memo: BreakerMemo,
  options: BreakerOptions | null,
  now: number,
  shift: number,
): RestoredBreaker {
  const { failures, opens, lastTrip, limits } = memo;
  const { maxHintMs, maxOpenMs, openJitter } = options ?? DEFAULT_BREAKER;
  const longest = now + Math.max(maxHintMs, maxOpenMs * (1 + openJitter));
  const openUntil = Math.min((memo.reopenAt ?? Number.NEGATIVE_INFINITY) - shift, longest);
  const until = memo.limitedUntil === null ? null : Math.min(memo.limitedUntil - shift, longest);
  const limit = { ...NO_LIMIT, until, strikes: limits };
  return {
    state: stateFrom(memo.state, options, openUntil <= now),
    failures: options?.policy === 'consecutive' ? failures : 0,
    window: windowFrom(memo.window, options, now, shift),
    opens,
    closedAt: Math.min(memo.closedAt - shift, now),
    openUntil,
    limit: until !== null && until <= now ? limitEnded(limit) : limit,
    lastTrip,
  };
}

function stateFrom(state: BreakerState, options: BreakerOptions | null, isOver: boolean): BreakerState {
  // Switched off in the meantime, it judges nothing; what an operator took out stays out.
  if (options === null) return state === 'forced_open' ? state : 'forced_closed';
  // What only observes never opens.
  if (options.observe && (state === 'open' || state === 'half_open')) return 'closed';
  return state === 'open' && isOver ? 'half_open' : state;
}

/** Another policy or another size begins anew. */
function windowFrom(memo: WindowMemo | null, options: BreakerOptions | null, now: number, shift: number): Window {
  if (memo === null || options === null || memo.kind !== options.policy) return emptyWindow(options);
  if (memo.kind === 'count') {
    if (memo.size !== options.windowSize) return emptyWindow(options);
    const { kind, tally, words, next } = memo;
    return { kind, tally, words, next };
  }
  if (memo.windowMs !== options.windowMs) return emptyWindow(options);
  const slices = memo.slices
    .map(({ at, tally }) => ({ index: sliceFrom(at - shift, memo.windowMs), tally }))
    // The wall clock was set back meanwhile: what now lies ahead would never grow old.
    .filter(({ index }) => index <= sliceFrom(now, memo.windowMs));
  return { kind: 'time', slices };
}

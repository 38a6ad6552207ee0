import type { BreakerMemory, Trip } from './memory.ts';
import type { Outcome } from './outcome.ts';
import { isCurrent, type Permit } from './permit.ts';
import type { Result } from './tally.ts';
import { exceeds, tallyWith } from './window.ts';

/**
 * What a result does to a breaker: `trip` opens it, `would_trip` would if it did not only observe, `record` is
 * remembered, `close` closes it, `pass` counts a successful probe, `release` gives a probe's permit back, `stale` moves
 * nothing because the permit is from an earlier generation, `none` moves nothing.
 */
export type Verdict = 'trip' | 'would_trip' | 'record' | 'close' | 'pass' | 'release' | 'stale' | 'none';

/** How a call ended, as far as its breaker cares. */
export interface Judged {
  readonly outcome: Outcome;
  readonly permit: Permit;
  /** How long it took; of a stream, until its first content. Milliseconds. */
  readonly ms: number;
  readonly at: number;
}

/**
 * The one judge of results. Both the breaker and the queue ask it, so that no call starts in the very step that opens
 * the breaker. While half-open the first failure trips and `successThreshold` successes in a row close, whatever the
 * policy.
 */
export function verdict(memory: BreakerMemory, call: Judged): Verdict {
  const { permit, outcome } = call;
  if (isStale(memory, call)) return 'stale';
  const { options } = memory;
  if (options === null || memory.isForcedClosed || !isCurrent(permit, memory.generation)) return 'none';
  if (permit.probe) {
    if (outcome === 'failure') return 'trip';
    if (outcome !== 'success') return 'release';
    return memory.successes + 1 >= options.successThreshold ? 'close' : 'pass';
  }
  if (outcome !== 'failure' && outcome !== 'success') return 'none';
  if (!trips(memory, call)) return moves(memory, outcome) ? 'record' : 'none';
  return options.observe ? 'would_trip' : 'trip';
}

/** Whether the result is of an earlier generation of a breaker that judges, and news. */
export function isStale({ options, isForcedClosed, generation }: BreakerMemory, { permit, outcome }: Judged): boolean {
  if (options === null || isForcedClosed || isCurrent(permit, generation)) return false;
  // A streaming probe has been counted as a success already: that it also ends well is no news.
  return permit.spent !== true || outcome !== 'success';
}

/** A success can trip too: it may be the result that makes enough of them, or a slow one. */
function trips(memory: BreakerMemory, call: Judged): boolean {
  const options = memory.options!;
  if (memory.window === null) return call.outcome === 'failure' && memory.failures + 1 >= options.failureThreshold;
  return exceeds(tallyWith(memory.window, options, resultOf(memory, call), call.at), options);
}

/** Why a result trips the breaker, and on what count. */
export function tripOf(memory: BreakerMemory, call: Judged): Trip {
  const options = memory.options!;
  if (call.permit.probe) return { cause: 'probe_failed', failures: 1, slow: 0, total: memory.successes + 1 };
  if (memory.window === null) {
    const failures = memory.failures + 1;
    return { cause: 'failures', failures, slow: 0, total: failures };
  }
  const tally = tallyWith(memory.window, options, resultOf(memory, call), call.at);
  return { cause: tally.failures >= options.failureRate * tally.total ? 'failure_rate' : 'slow_call_rate', ...tally };
}

const moves = (memory: BreakerMemory, outcome: Outcome): boolean =>
  memory.window !== null || outcome === 'failure' || memory.failures > 0;

export const resultOf = ({ options }: BreakerMemory, { outcome, ms }: Pick<Judged, 'outcome' | 'ms'>): Result => ({
  isFailure: outcome === 'failure',
  isSlow: options !== null && options.slowCallMs !== null && ms > options.slowCallMs,
});

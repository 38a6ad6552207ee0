import type { BreakerMemory } from './memory.ts';
import type { Outcome } from './outcome.ts';
import { isCurrent, type Permit } from './permit.ts';

/**
 * What a result does to a breaker: `trip` opens it, `count` remembers a failure, `clear` forgets the failures, `close`
 * closes it, `pass` counts a successful probe, `release` gives a probe's permit back, `stale` moves nothing because the
 * permit is from an earlier generation, `none` moves nothing.
 */
export type Verdict = 'trip' | 'count' | 'clear' | 'close' | 'pass' | 'release' | 'stale' | 'none';

/**
 * The one judge of results. Both the breaker and the queue ask it, so that no call starts in the very step that opens
 * the breaker. Policy `consecutive`: `failureThreshold` failures in a row trip; while half-open the first failure
 * trips and `successThreshold` successes in a row close.
 */
export function verdict(
  memory: Pick<BreakerMemory, 'options' | 'generation' | 'failures' | 'successes'>,
  permit: Permit,
  outcome: Outcome,
): Verdict {
  const { options } = memory;
  if (options === null) return 'none';
  // A streaming probe has been counted as a success already: that it also ends well is no news.
  if (permit.spent === true && outcome === 'success') return 'none';
  if (!isCurrent(permit, memory.generation)) return 'stale';
  if (permit.probe) {
    if (outcome === 'failure') return 'trip';
    if (outcome !== 'success') return 'release';
    return memory.successes + 1 >= options.successThreshold ? 'close' : 'pass';
  }
  if (outcome === 'failure') return memory.failures + 1 >= options.failureThreshold ? 'trip' : 'count';
  if (outcome === 'success' && memory.failures > 0) return 'clear';
  return 'none';
}

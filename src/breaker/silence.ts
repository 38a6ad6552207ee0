import type { Trip } from './memory.ts';
import type { BreakerOptions } from './options.ts';
import { isCurrent, type Permit } from './permit.ts';

// A provider that accepts and never answers trips no count of results, because there are none. Calls that are silent for
// much longer than calls ever are, while no other call shows life either, are evidence all the same.

/** How long the latest calls took to their first content; of calls that are not streamed, to their end. Milliseconds. */
export interface FirstTokenTimes {
  readonly streamed: Times;
  readonly whole: Times;
}

interface Times {
  readonly latest: readonly number[];
  /** Reckoned when one is added: calls begin at least as often as they succeed. */
  readonly p99: number;
}

const NONE: Times = { latest: [], p99: 0 };
export const NO_FIRST_TOKENS: FirstTokenTimes = { streamed: NONE, whole: NONE };

/** So many of each kind are remembered. */
const REMEMBERED = 100;
/** With fewer, nothing is known of what is usual. */
const ENOUGH = 20;

export const withFirstToken = (times: FirstTokenTimes, ms: number, isStreamed: boolean): FirstTokenTimes =>
  isStreamed
    ? { streamed: appended(times.streamed, ms), whole: times.whole }
    : { streamed: times.streamed, whole: appended(times.whole, ms) };

function appended({ latest }: Times, ms: number): Times {
  const times = latest.slice(latest.length < REMEMBERED ? 0 : 1);
  times.push(ms);
  return { latest: times, p99: p99(times) };
}

/** How old a call has to be, without any sign of life, to be evidence; null: it never is, or too little is known. */
export function silentAfterMs(
  times: FirstTokenTimes,
  isStreamed: boolean,
  options: BreakerOptions | null,
): number | null {
  if (options === null || options.silenceFactor === null) return null;
  const known = isStreamed ? times.streamed : times.whole;
  return known.latest.length < ENOUGH ? null : Math.max(options.silenceFloorMs, options.silenceFactor * known.p99);
}

/** By nearest rank: of at most a hundred, the largest but one of a hundred, else the largest. */
function p99(times: readonly number[]): number {
  let largest = 0;
  let second = 0;
  for (const ms of times) {
    if (ms > largest) {
      second = largest;
      largest = ms;
    } else if (ms > second) second = ms;
  }
  return times.length < REMEMBERED ? largest : second;
}

/** A call in flight. */
export interface Waited {
  readonly startedAt: number;
  readonly permit: Permit;
  readonly isSilent?: true;
}

/**
 * What trips a breaker that has heard of one more silent call; null: nothing does. Those count that have begun since any
 * call showed life: a provider that answers others is no silent one.
 * @param calls in flight, the one that has just been noticed marked as silent already
 * @param lastSignAt when any call of the model last showed life
 */
export function silenceTrip(
  calls: readonly (Waited | null)[],
  lastSignAt: number,
  { failureThreshold }: BreakerOptions,
  generation: number,
): Trip | null {
  let silent = 0;
  let total = 0;
  for (const call of calls) {
    if (call === null) continue;
    total++;
    const { permit, startedAt, isSilent } = call;
    if (isSilent && !permit.probe && isCurrent(permit, generation) && startedAt >= lastSignAt) silent++;
  }
  return silent < failureThreshold ? null : { cause: 'silence', failures: silent, slow: 0, total };
}

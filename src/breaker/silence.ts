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

/** The latest ninety to hundred, in blocks of ten: a call costs a comparison, and the percentile is at hand. */
interface Times {
  readonly full: readonly Largest[];
  readonly current: Largest;
  /** By nearest rank: of a hundred the largest but one, of fewer the largest. */
  readonly p99: number;
}

interface Largest {
  readonly first: number;
  readonly second: number;
  readonly count: number;
}

const EMPTY: Largest = { first: 0, second: 0, count: 0 };
const NONE: Times = { full: [], current: EMPTY, p99: 0 };
export const NO_FIRST_TOKENS: FirstTokenTimes = { streamed: NONE, whole: NONE };

const BLOCK = 10;
/** With the current one: a hundred calls. */
const BLOCKS = 10;
/** With fewer, nothing is known of what is usual. */
const ENOUGH = 20;

export const withFirstToken = (times: FirstTokenTimes, ms: number, isStreamed: boolean): FirstTokenTimes =>
  isStreamed
    ? { streamed: appended(times.streamed, ms), whole: times.whole }
    : { streamed: times.streamed, whole: appended(times.whole, ms) };

function appended({ full, current, p99 }: Times, ms: number): Times {
  if (current.count === BLOCK) {
    const kept = [...full.slice(full.length < BLOCKS - 1 ? 0 : 1), current];
    const begun = withTime(EMPTY, ms);
    return { full: kept, current: begun, p99: p99Of(kept, begun) };
  }
  const next = withTime(current, ms);
  const isNews = ms > current.second || countOf({ full, current: next }) === BLOCK * BLOCKS;
  return { full, current: next, p99: isNews ? p99Of(full, next) : p99 };
}

function withTime({ first, second, count }: Largest, ms: number): Largest {
  if (ms > first) return { first: ms, second: first, count: count + 1 };
  return { first, second: Math.max(second, ms), count: count + 1 };
}

function p99Of(full: readonly Largest[], current: Largest): number {
  let { first, second } = current;
  for (const block of full) {
    second = Math.max(Math.min(first, block.first), second, block.second);
    first = Math.max(first, block.first);
  }
  return countOf({ full, current }) < BLOCK * BLOCKS ? first : second;
}

const countOf = ({ full, current }: Pick<Times, 'full' | 'current'>): number => full.length * BLOCK + current.count;

/** How old a call has to be, without any sign of life, to be evidence; null: it never is, or too little is known. */
export function silentAfterMs(
  times: FirstTokenTimes,
  isStreamed: boolean,
  options: BreakerOptions | null,
): number | null {
  if (options === null || options.silenceFactor === null) return null;
  const known = isStreamed ? times.streamed : times.whole;
  return countOf(known) < ENOUGH ? null : Math.max(options.silenceFloorMs, options.silenceFactor * known.p99);
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

/** How long calls of a model have taken lately: what a prediction of its queue rests on. */
export interface ServiceTimes {
  /** The latest first calls in a ring, in milliseconds. */
  readonly ring: readonly number[];
  readonly next: number;
  /** The same, in ascending order. */
  readonly sorted: readonly number[];
}

/** Odd, so that the median is one of them. */
const REMEMBERED = 21;
/** With fewer, nothing is predicted. */
const ENOUGH = 5;

export const NO_SERVICE_TIMES: ServiceTimes = { ring: [], next: 0, sorted: [] };

export function withServiceTime({ ring, next, sorted }: ServiceTimes, ms: number): ServiceTimes {
  const ordered = sorted.slice();
  const oldest = ring[next];
  if (oldest !== undefined) ordered.splice(ordered.indexOf(oldest), 1);
  ordered.splice(placeOf(ms, ordered), 0, ms);
  return {
    ring: oldest === undefined ? [...ring, ms] : ring.with(next, ms),
    next: (next + 1) % REMEMBERED,
    sorted: ordered,
  };
}

/** null: too few calls to tell. */
export function median({ sorted }: ServiceTimes): number | null {
  if (sorted.length < ENOUGH) return null;
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

function placeOf(ms: number, sorted: readonly number[]): number {
  let place = sorted.length;
  while (place > 0 && sorted[place - 1]! > ms) place--;
  return place;
}

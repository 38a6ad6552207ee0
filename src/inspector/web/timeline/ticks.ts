const MINUTE = 60_000;
const STEPS = [5_000, 10_000, 15_000, 30_000, MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE];

export interface Tick {
  readonly at: number;
  /** A time of day: `14:05`, `14:05:30`. */
  readonly label: string;
}

/**
 * Round times of day in a piece of time, as close as there is room.
 * @param leastMs between two of them
 * @param offsetMinutes how far the viewer's zone is behind UTC, as `Date.getTimezoneOffset` says it
 */
export function ticksOf(from: number, to: number, leastMs: number, offsetMinutes: number): Tick[] {
  const step = STEPS.find((ms) => ms >= leastMs) ?? STEPS.at(-1)!;
  const behind = offsetMinutes * MINUTE;
  const ticks: Tick[] = [];
  for (let at = Math.ceil((from - behind) / step) * step + behind; at <= to; at += step) {
    const time = new Date(at - behind).toISOString();
    ticks.push({ at, label: time.slice(11, step < MINUTE ? 19 : 16) });
  }
  return ticks;
}

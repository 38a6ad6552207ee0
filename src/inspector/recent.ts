import type { Percentiles } from '../telemetry/distribution.ts';

const MOST = 512;
const NOTHING: Percentiles = { p50: null, p95: null, p99: null };

/** The durations of the last minute; of the last 512, when there were more. Constant memory. */
export class RecentDurations {
  readonly #at = new Float64Array(MOST);
  readonly #ms = new Float64Array(MOST);
  #next = 0;

  record(at: number, ms: number): void {
    this.#at[this.#next % MOST] = at;
    this.#ms[this.#next % MOST] = ms;
    this.#next++;
  }

  /** Of those since then. */
  percentilesSince(since: number): Percentiles {
    const known = Math.min(this.#next, MOST);
    const durations = this.#ms.subarray(0, known).filter((_, index) => this.#at[index]! >= since);
    if (durations.length === 0) return NOTHING;
    durations.sort();
    // Nearest rank.
    const at = (share: number): number => durations[Math.ceil(share * durations.length) - 1]!;
    return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
  }
}

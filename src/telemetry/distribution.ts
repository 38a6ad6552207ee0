import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';

/** Percentiles of durations in milliseconds; null before the first. */
export interface Percentiles {
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
}

const MICROSECONDS = 1_000;
/** A day. Whatever takes longer counts as a day. */
const HIGHEST = 24 * 60 * 60 * 1_000 * MICROSECONDS;

/** A distribution of durations in constant memory: Node's own HDR histogram, two significant figures. */
export class Distribution {
  readonly #histogram: RecordableHistogram = createHistogram({ lowest: 1, highest: HIGHEST, figures: 2 });
  #sum = 0;
  /** Until the next is recorded: whoever looks at all models looks more often than calls end. */
  #percentiles: Percentiles | null = null;

  record(ms: number): void {
    this.#sum += ms;
    this.#percentiles = null;
    this.#histogram.record(Math.min(HIGHEST, Math.max(1, Math.round(ms * MICROSECONDS))));
  }

  get count(): number {
    return this.#histogram.count;
  }

  /** 0 before the first. */
  get mean(): number {
    return this.count === 0 ? 0 : this.#sum / this.count;
  }

  percentiles(): Percentiles {
    const at = (percentile: number): number | null =>
      this.count === 0 ? null : this.#histogram.percentile(percentile) / MICROSECONDS;
    this.#percentiles ??= Object.freeze({ p50: at(50), p95: at(95), p99: at(99) });
    return this.#percentiles;
  }
}

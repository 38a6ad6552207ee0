/** An average of latencies. */
export interface PeakEwma {
  readonly ewmaMs: number;
  /** When its last sample came, on the router's clock. */
  readonly at: number;
}

/** Mean lifetime of a sample: after it, a sample counts for 1/e of what it did. */
const DEFAULT_TAU_MS = 10_000;

/**
 * The average with one more sample: a sample above it replaces it at once, one below draws it down by as much as time
 * has passed, so that a target that turns slow is left at once and trusted again only step by step. Samples come when
 * they come, so the weight of the past is exp(−Δt/τ) and not a constant per sample. After `PeakEwma` in Twitter's
 * Finagle and Eckner, "Algorithms for Unevenly Spaced Time Series", 2012.
 * @param previous null: this is the first sample
 * @param tauMs above 0
 */
export function peakEwma(previous: PeakEwma | null, sampleMs: number, at: number, tauMs = DEFAULT_TAU_MS): PeakEwma {
  if (previous === null || sampleMs > previous.ewmaMs) return { ewmaMs: sampleMs, at };
  const weight = weightAt(previous, at, tauMs);
  return { ewmaMs: previous.ewmaMs * weight + sampleMs * (1 - weight), at };
}

/**
 * What the average counts for at a later time: without samples it fades towards 0, in milliseconds. A target that was
 * slow once is not chosen, hence not measured; if its average stood still, it would never be tried again. (Finagle
 * does so at each look at the load.)
 */
export const fadedEwma = (average: PeakEwma, at: number, tauMs = DEFAULT_TAU_MS): number =>
  average.ewmaMs * weightAt(average, at, tauMs);

const weightAt = (average: PeakEwma, at: number, tauMs: number): number =>
  Math.exp(-Math.max(0, at - average.at) / tauMs);

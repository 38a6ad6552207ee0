/**
 * What makes a breaker open: `consecutive` failures in a row; or the share of failures, or of slow calls, among the last
 * `windowSize` calls (`count`) or the calls of the last `windowMs` (`time`).
 */
export type TripPolicy = 'consecutive' | 'count' | 'time';

export const TRIP_POLICIES: readonly TripPolicy[] = ['consecutive', 'count', 'time'];

/** How a breaker trips and recovers. Times in milliseconds. */
export interface BreakerOptions {
  /** Default `consecutive`. Choose `time` for much traffic with some harmless errors, `count` for little traffic. */
  readonly policy: TripPolicy;
  /**
   * `consecutive`: failures in a row that open it; with any policy: calls in flight whose silence does. Default 5. Raise
   * it for a provider with rare, harmless errors.
   */
  readonly failureThreshold: number;
  /** `count`: how many of the last results are looked at. Default 100. */
  readonly windowSize: number;
  /** `time`: how far back results are looked at. Default 60,000. */
  readonly windowMs: number;
  /** `count` and `time`: the share of failures that opens it, above 0 to 1. Default 0.5. */
  readonly failureRate: number;
  /** `count` and `time`: with fewer results in the window it never opens. Default 20, at most `windowSize`. */
  readonly minimumCalls: number;
  /** `count` and `time`: a call that takes longer is slow; of a stream, until its first content. null: none is. Default null. */
  readonly slowCallMs: number | null;
  /** `count` and `time`: the share of slow calls that opens it, above 0 to 1. Default 0.5. */
  readonly slowCallRate: number;
  /** A call without any sign of life is silent at this age at the earliest. Default 250. */
  readonly silenceFloorMs: number;
  /**
   * A call is silent when it is so many times older than the 99th percentile of first-token times (of calls that are not
   * streamed: of their durations), once 20 are known. `failureThreshold` silent calls open it when no other call has
   * shown life since they began. Default 4; null: silence is waited out.
   */
  readonly silenceFactor: number | null;
  /** Never opens, but announces with `breaker.would_open` when it would have. Default false. Set it to try options out. */
  readonly observe: boolean;
  /** Successful probes in a row that close it. Default 3. */
  readonly successThreshold: number;
  /** How long it stays open the first time; doubles with each reopening. Default 60,000. */
  readonly recoveryTimeoutMs: number;
  /** The longest it stays open without a provider's hint, jitter aside. Default 300,000, at least `recoveryTimeoutMs`. */
  readonly maxOpenMs: number;
  /** Share of the open time that is added at random, so that many routers do not probe at once. Default 0.2. */
  readonly openJitter: number;
  /** Probes in flight at once while half-open; calls at once right after it has closed. Default 1. */
  readonly halfOpenMaxProbes: number;
  /** How long a probe may show no sign of life before it counts as a failure. Default 30,000. */
  readonly probeTimeoutMs: number;
  /** The longest that a provider's hint can ask to be left alone. Default 3,600,000. */
  readonly maxHintMs: number;
}

export const DEFAULT_BREAKER: BreakerOptions = {
  policy: 'consecutive',
  failureThreshold: 5,
  windowSize: 100,
  windowMs: 60_000,
  failureRate: 0.5,
  minimumCalls: 20,
  slowCallMs: null,
  slowCallRate: 0.5,
  silenceFloorMs: 250,
  silenceFactor: 4,
  observe: false,
  successThreshold: 3,
  recoveryTimeoutMs: 60_000,
  maxOpenMs: 300_000,
  openJitter: 0.2,
  halfOpenMaxProbes: 1,
  probeTimeoutMs: 30_000,
  maxHintMs: 3_600_000,
};

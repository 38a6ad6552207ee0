/** How a breaker trips and recovers. Times in milliseconds. */
export interface BreakerOptions {
  /** Failures in a row that open it. Default 5. Raise it for a provider with rare, harmless errors. */
  readonly failureThreshold: number;
  /** Successful probes in a row that close it. Default 3. */
  readonly successThreshold: number;
  /** How long it stays open the first time; doubles with each reopening. Default 60,000. */
  readonly recoveryTimeoutMs: number;
  /** The longest it stays open without a provider's hint. Default 300,000. */
  readonly maxOpenMs: number;
  /** Share of the open time that is added at random, so that many routers do not probe at once. Default 0.2. */
  readonly openJitter: number;
  /** Probes in flight at once while half-open. Default 1. */
  readonly halfOpenMaxProbes: number;
  /** How long a probe may show no sign of life before it counts as a failure. Default 30,000. */
  readonly probeTimeoutMs: number;
  /** The longest open time that a provider's hint can ask for. Default 3,600,000. */
  readonly maxHintMs: number;
}

export const DEFAULT_BREAKER: BreakerOptions = {
  failureThreshold: 5,
  successThreshold: 3,
  recoveryTimeoutMs: 60_000,
  maxOpenMs: 300_000,
  openJitter: 0.2,
  halfOpenMaxProbes: 1,
  probeTimeoutMs: 30_000,
  maxHintMs: 3_600_000,
};

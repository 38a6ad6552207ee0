import { z } from 'zod';
import type { BreakerOptions } from '../../breaker/options.ts';
import type { ModelConfig, RouterConfig } from '../../config/router-config.ts';
import { parseOptions, wholeFrom } from '../../options.ts';
import { type Policy, type PolicyModel, policyOf } from '../policy.ts';
import { loadedFrom, type PolicySource } from '../policy-source.ts';

/** Of a request: no deadline comes before its calls are timed out. */
const FAR_MS = 1e12;
/** Of a call: beyond `HORIZON_MS`, so that none is timed out. */
const FAR_ATTEMPT_MS = 1e9;

/** At most: what is smaller already stays as it is. */
export interface PolicySize {
  /** Calls of one model at once. Default 1. */
  readonly maxConcurrency?: number | undefined;
  /** Requests that one model holds at once. Default 2: one that runs, and one that waits. */
  readonly maxQueueDepth?: number | undefined;
  /** Failures in a row that open a breaker; also the fewest calls that a window judges. Default 1. */
  readonly failureThreshold?: number | undefined;
  /** Probes that close one. Default 1. */
  readonly successThreshold?: number | undefined;
  /** Results in a `count` window. Default 2. */
  readonly windowSize?: number | undefined;
  /** Requests that wait outside every model. Default 1. */
  readonly maxParked?: number | undefined;
}

const schema = z.strictObject({
  maxConcurrency: wholeFrom(1).optional(),
  maxQueueDepth: wholeFrom(1).optional(),
  failureThreshold: wholeFrom(1).optional(),
  successThreshold: wholeFrom(1).optional(),
  windowSize: wholeFrom(1).optional(),
  maxParked: wholeFrom(0).optional(),
});

/**
 * The same policy without what no test can foresee: backing off and opening take the same time each time, no call is
 * told to be silent by the figures of earlier ones, the provider is asked for whole answers, there is no cache. Time limits
 * of calls and requests are put so far off that they never come: a wait is never predicted to be too long, and no call is
 * timed out, for when its slot is free again is the backend's to say.
 * @throws {ConfigError} when it is no configuration
 */
export function testablePolicy(source: PolicySource): RouterConfig {
  const { config } = loadedFrom(source);
  return rewrite(config, policyOf(config), testableModel);
}

/**
 * The same policy at the smallest size that still shows what it does, so that all its states can be gone through.
 *
 * Kept: models, rules with their matches, targets, fallbacks, strategies and terms, retries, boosts, and of breakers the
 * policy, rates and recovery time. That is all that selection, retries and fallbacks look at, and these ask a model only
 * whether it has a free slot, a place, a permit: with one slot and two places a model is free, busy and full.
 *
 * Shrunk: slots, places, thresholds and windows, which only say how many requests it takes until the same thing happens;
 * the time that a breaker is open no longer doubles; and see `testablePolicy`. What comes of these very figures, such as an
 * off-by-one in a threshold, many calls at once, slow start, `halfOpenMaxProbes`, is not shown: give a larger size for it,
 * or test without making it small.
 * @throws {ConfigError} when it is no configuration
 * @throws {ConfigurationError} when the size is wrong
 */
export function smallPolicy(source: PolicySource, size: PolicySize = {}): RouterConfig {
  parseOptions(schema, size, 'smallPolicy()');
  const { config } = loadedFrom(source);
  const policy = policyOf(config);
  const small = rewrite(config, policy, (model) => {
    const { breaker, ...rest } = testableModel(model);
    const maxQueueDepth = Math.min(model.maxQueueDepth, size.maxQueueDepth ?? 2);
    return {
      ...rest,
      maxQueueDepth,
      maxConcurrency: Math.min(model.maxConcurrency, size.maxConcurrency ?? 1, maxQueueDepth),
      breaker: breaker ? smallBreaker(breaker as BreakerOptions, size) : breaker,
    };
  });
  return { ...small, queue: { ...small.queue, maxParked: Math.min(policy.maxParked, size.maxParked ?? 1) } };
}

function rewrite(config: RouterConfig, policy: Policy, limitsOf: (model: PolicyModel) => ModelConfig): RouterConfig {
  return {
    models: Object.fromEntries(
      policy.models.map((model) => [model.name, { ...config.models[model.name], ...limitsOf(model) }]),
    ),
    rules: config.rules?.map((rule) => ({ ...rule, timeoutMs: FAR_MS })),
    queue: config.queue,
    retries: { ...config.retries, baseMs: 0 },
    timeoutMs: FAR_MS,
  };
}

const testableModel = ({ breaker, maxConcurrency, maxQueueDepth }: PolicyModel): ModelConfig => ({
  maxConcurrency,
  maxQueueDepth,
  attemptTimeoutMs: FAR_ATTEMPT_MS,
  upstreamStreaming: false,
  breaker: breaker !== null && { ...breaker, silenceFactor: null, openJitter: 0, probeTimeoutMs: FAR_ATTEMPT_MS },
});

function smallBreaker(breaker: BreakerOptions, size: PolicySize): BreakerOptions {
  const threshold = size.failureThreshold ?? 1;
  const windowSize = Math.min(breaker.windowSize, size.windowSize ?? 2);
  return {
    ...breaker,
    failureThreshold: Math.min(breaker.failureThreshold, threshold),
    windowSize,
    minimumCalls: Math.min(breaker.minimumCalls, threshold, windowSize),
    successThreshold: Math.min(breaker.successThreshold, size.successThreshold ?? 1),
    maxOpenMs: breaker.recoveryTimeoutMs,
  };
}

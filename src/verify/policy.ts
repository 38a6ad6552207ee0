import type { BreakerOptions } from '../breaker/options.ts';
import { routerOptionsOf } from '../config/apply.ts';
import { modelOptionsOf } from '../config/model-defaults.ts';
import type { ModelConfig, RouterConfig, RuleConfig } from '../config/router-config.ts';
import { breakerOptions, resolveModelOptions } from '../model-options.ts';
import type { Pricing } from '../pricing.ts';
import type { Boosts } from '../queue/priority.ts';
import type { Backoff } from '../retry/backoff.ts';
import { resolveRouterOptions } from '../router-options.ts';
import type { RoutingRule } from '../routing/rule.ts';
import { routingRule } from '../routing-options.ts';
import { loadedFrom, type PolicySource } from './policy-source.ts';

/** A routing policy with every default filled in: plain figures, what is checked and what tests are derived from. */
export interface Policy {
  /** In order of registration; models that only serve embeddings are not among them. */
  readonly models: readonly PolicyModel[];
  /** In order of declaration. */
  readonly rules: readonly PolicyRule[];
  readonly boosts: Boosts;
  readonly maxParked: number;
  /** A request's time when its rule names none. */
  readonly timeoutMs: number;
  /** Of rules that name none. */
  readonly maxRetries: number;
  readonly backoff: Backoff;
}

/** One model of a policy. */
export interface PolicyModel {
  readonly name: string;
  readonly maxConcurrency: number;
  readonly maxQueueDepth: number;
  /** null: switched off. */
  readonly breaker: BreakerOptions | null;
  readonly weight: number;
  readonly pricing: Pricing | null;
  readonly contextWindow: number | null;
  readonly upstream: string | null;
  /** null: 60,000, and of a streamed call none as long as it is not silent. */
  readonly attemptTimeoutMs: number | null;
  readonly firstTokenTimeoutMs: number;
  /** Its provider answers piece by piece, whatever the caller wants. */
  readonly isStreamed: boolean;
  readonly abortGraceMs: number;
  readonly expectedLatencyMs: number;
}

/** One rule of a policy: where the requests go that it matches. */
export interface PolicyRule extends RoutingRule {
  /** null: not said. */
  readonly expectedRps: number | null;
}

const DEFAULT_EXPECTED_LATENCY_MS = 1_000;

/**
 * What a router of this configuration would do: `policyOf` of `llm-router/testing`.
 * @throws {ConfigError} when it is no configuration
 */
export const policyFrom = (source: PolicySource): Policy => policyOf(loadedFrom(source).config);

/**
 * The same of a configuration that has been read. Candidates that are no models, or stand in a rule twice, stay as they
 * are written.
 * @throws {ConfigurationError}
 */
export function policyOf(config: RouterConfig): Policy {
  const { boosts, maxParked, timeoutMs, retries } = resolveRouterOptions(routerOptionsOf(config));
  const { maxRetries, baseMs, maxMs } = retries;
  const usualBreaker = breakerOptions(config.breaker ?? {}, 'breaker');
  const models = Object.entries(config.models).filter(([, model]) => model.serves !== 'embeddings');
  return {
    models: models.map(([name, model]) => modelOf(name, model, config, usualBreaker)),
    rules: (config.rules ?? []).map(ruleOf),
    boosts,
    maxParked,
    timeoutMs,
    maxRetries,
    backoff: { baseMs, maxMs },
  };
}

function modelOf(
  name: string,
  model: ModelConfig,
  { queue }: RouterConfig,
  usualBreaker: BreakerOptions | null,
): PolicyModel {
  const { limits, profile, breaker, upstream, upstreamStreaming } = resolveModelOptions(
    modelOptionsOf(model, queue),
    `models.${name}`,
  );
  return {
    name,
    maxConcurrency: limits.maxConcurrency,
    maxQueueDepth: limits.maxQueueDepth,
    breaker: breaker === undefined ? usualBreaker : breaker,
    weight: profile.weight,
    pricing: profile.pricing,
    contextWindow: profile.contextWindow,
    upstream,
    attemptTimeoutMs: limits.attemptTimeoutMs,
    firstTokenTimeoutMs: limits.firstTokenTimeoutMs,
    isStreamed: upstreamStreaming,
    abortGraceMs: limits.abortGraceMs,
    expectedLatencyMs: model.expectedLatencyMs ?? DEFAULT_EXPECTED_LATENCY_MS,
  };
}

function ruleOf({ match = {}, expectedRps, ...options }: RuleConfig): PolicyRule {
  return { ...routingRule(match, options), expectedRps: expectedRps ?? null };
}

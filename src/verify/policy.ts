import type { BreakerOptions } from '../breaker/options.ts';
import type { Pricing } from '../pricing.ts';
import type { Boosts } from '../queue/priority.ts';
import type { Backoff } from '../retry/backoff.ts';
import type { RoutingRule } from '../routing/rule.ts';

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

export interface PolicyRule extends RoutingRule {
  /** null: not said. */
  readonly expectedRps: number | null;
}

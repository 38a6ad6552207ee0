import type { CacheOptions } from '../cache/options.ts';
import type { BreakerSettings, ModelOptions } from '../model-options.ts';
import type { Boosts, PriorityClass } from '../queue/priority.ts';
import type { RetrySettings } from '../router-options.ts';
import type { RuleMatch } from '../routing/match.ts';
import type { RouteOptions } from '../routing-options.ts';

/** A router as a file describes it: plain data, the same in YAML and in JSON. */
export interface RouterConfig {
  /** By name, in order of registration. */
  readonly models: Readonly<Record<string, ModelConfig>>;
  /** Tried in this order. Default: none, so that every request may go to every model. */
  readonly rules?: readonly RuleConfig[] | undefined;
  /** Breaker of every model that has none of its own; `false`: none. */
  readonly breaker?: BreakerSettings | false | undefined;
  readonly queue?: QueueConfig | undefined;
  readonly retries?: RetrySettings | undefined;
  /** A request's own time in milliseconds when neither it nor its rule names one. Default 120,000. */
  readonly timeoutMs?: number | undefined;
  /** How long the reader of a stream may take nothing before the request is called off. Default 60,000. */
  readonly readerTimeoutMs?: number | undefined;
  /** Seed of everything random. Default: drawn from the time of making. */
  readonly seed?: number | undefined;
  /** Options of the cache; `false`: none. Default: none; `llm-router serve` has a default of its own. */
  readonly cache?: CacheConfig | false | undefined;
  /** What `llm-router serve` listens on. */
  readonly server?: ServerConfig | undefined;
}

/** What a file can say of a model: everything but a backend and a function. */
export interface ModelConfig extends ModelOptions {
  readonly backend?: undefined;
  readonly classify?: undefined;
  /** What a call takes on average, in milliseconds; only looked at by `check`, with a rule's `expectedRps`. Default 1,000. */
  readonly expectedLatencyMs?: number | undefined;
}

/** Where requests go, and which ones: what `addRoute` takes, with the match in it. */
export interface RuleConfig extends RouteOptions {
  /** Which requests it is for: a class, or conditions. Default: all. */
  readonly match?: PriorityClass | RuleMatch | undefined;
  /** Requests a second that it is expected to have; only looked at by `check`. */
  readonly expectedRps?: number | undefined;
}

/** Of every model that says nothing else. */
export interface QueueConfig {
  readonly maxQueueDepth?: number | undefined;
  readonly maxConcurrency?: number | undefined;
  /** Requests that may wait outside every model at once. Default 1,000. */
  readonly maxParked?: number | undefined;
  /** Milliseconds that each class is served ahead of its arrival. Default: `DEFAULT_BOOSTS`. */
  readonly boostMs?: Partial<Boosts> | undefined;
}

/** What a file can say of the cache: everything but functions and objects with methods. */
export type CacheConfig = Omit<CacheOptions, 'embedder' | 'verify'> & {
  readonly embedder?: unknown;
  readonly verify?: { readonly model: string; readonly timeoutMs?: number | undefined } | undefined;
};

/** What `llm-router serve` listens on; its own options and their variables of the environment come before these. */
export interface ServerConfig {
  /** Address to listen on. Default `127.0.0.1`. */
  readonly host?: string | undefined;
  /** Port to listen on; 0: any free one. Default 8,000. */
  readonly port?: number | undefined;
  /** Further hosts by which requests may name the server, without scheme and port. Default: none. */
  readonly allowHosts?: readonly string[] | undefined;
  /** What the administrative routes and the inspector ask for. Default: none. */
  readonly adminKey?: string | undefined;
  /** On SIGTERM: for how many milliseconds `/readyz` says 503 before the router stops. Default 0. */
  readonly drainDelayMs?: number | undefined;
}

import { z } from 'zod';
import { DEFAULT_TIMEOUTS } from '../machines/call-limits.ts';
import type { CallTimeouts } from '../machines/events.ts';
import type { ModelProfile } from '../machines/model/context.ts';
import type { Backend } from './backends/backend.ts';
import { type BreakerOptions, DEFAULT_BREAKER, TRIP_POLICIES, type TripPolicy } from './breaker/options.ts';
import type { Classify } from './call.ts';
import { ConfigurationError } from './errors.ts';
import { milliseconds, parseOptions, positiveMilliseconds, wholeBetween, wholeFrom } from './options.ts';
import type { Pricing } from './pricing.ts';

/** Each result copies a sixteenth of a number for each call in the window. */
const MAX_WINDOW_SIZE = 10_000;
const share = z.number().min(0).max(1).describe('a number from 0 to 1');

/** Overrides of `DEFAULT_BREAKER`; see `BreakerOptions` for the meaning of each. */
export type BreakerSettings = { readonly [Key in keyof BreakerOptions]?: BreakerOptions[Key] | undefined };

const positiveShare = z.number().gt(0).max(1).describe('a number above 0, at most 1');

export const breakerSchema = z
  .strictObject({
    policy: z
      .enum(TRIP_POLICIES as [TripPolicy, ...TripPolicy[]])
      .describe(TRIP_POLICIES.join(', '))
      .optional(),
    failureThreshold: wholeFrom(1).optional(),
    windowSize: wholeBetween(1, MAX_WINDOW_SIZE).optional(),
    windowMs: positiveMilliseconds.optional(),
    failureRate: positiveShare.optional(),
    minimumCalls: wholeFrom(1).optional(),
    slowCallMs: z.number().positive().nullable().describe('milliseconds above 0, or null').optional(),
    slowCallRate: positiveShare.optional(),
    silenceFloorMs: milliseconds.optional(),
    silenceFactor: z.number().positive().nullable().describe('a number above 0, or null').optional(),
    observe: z.boolean().describe('true or false').optional(),
    successThreshold: wholeFrom(1).optional(),
    recoveryTimeoutMs: milliseconds.optional(),
    maxOpenMs: milliseconds.optional(),
    openJitter: share.optional(),
    halfOpenMaxProbes: wholeFrom(1).optional(),
    probeTimeoutMs: positiveMilliseconds.optional(),
    maxHintMs: milliseconds.optional(),
  })
  .describe('breaker options');

/** The breaker's options with every default filled in; null for `false`. @throws {ConfigurationError} */
export function breakerOptions(settings: BreakerSettings | false, where: string): BreakerOptions | null {
  if (settings === false) return null;
  const given = parseOptions(breakerSchema, settings, where);
  const merged = { ...DEFAULT_BREAKER, ...definedOf(given) } as BreakerOptions;
  const { policy, windowSize, recoveryTimeoutMs } = merged;
  const wrong = (option: keyof BreakerOptions, accepted: string): ConfigurationError =>
    new ConfigurationError(option, `${where}.${option}: given ${merged[option]}; accepted: ${accepted}`);
  if (policy === 'consecutive' && merged.slowCallMs !== null) {
    throw wrong('slowCallMs', "null, or policy 'count' or 'time' beside it, because failures in a row know no rate");
  }
  if (policy === 'count' && given.minimumCalls !== undefined && given.minimumCalls > windowSize) {
    throw wrong('minimumCalls', `at most windowSize (${windowSize}), because no more results are looked at`);
  }
  if (given.maxOpenMs !== undefined && given.maxOpenMs < recoveryTimeoutMs) {
    throw wrong('maxOpenMs', `recoveryTimeoutMs (${recoveryTimeoutMs}) or more`);
  }
  return {
    ...merged,
    minimumCalls: policy === 'count' ? Math.min(merged.minimumCalls, windowSize) : merged.minimumCalls,
    maxOpenMs: Math.max(merged.maxOpenMs, recoveryTimeoutMs),
  };
}

/** A model of the router. What is not listed here goes to its provider; see that provider's options. */
export interface ModelOptions {
  /** A built-in provider (`ollama`, `openai`, `azure-openai`, `anthropic`, `simulated`) or one that was registered with `registerBackend`. */
  readonly provider?: string | undefined;
  /** Instead of a provider: the backend itself. */
  readonly backend?: Backend | undefined;
  /** Requests that this model holds at once, waiting, backing off and running. Default 100. */
  readonly maxQueueDepth?: number | undefined;
  /** Calls at once. Default 1 for `ollama`, else 32, but at most half of `maxQueueDepth`, so that a queue exists. */
  readonly maxConcurrency?: number | undefined;
  /**
   * How long a call may take in all before it counts as the model's failure. Default: 60,000; of a streamed call none,
   * as long as it is not silent.
   */
  readonly attemptTimeoutMs?: number | undefined;
  /** Streamed: how long its first content may take, whatever else comes before. Default 60,000. */
  readonly firstTokenTimeoutMs?: number | undefined;
  /** Streamed: how long it may be silent after its first content. Default 30,000. */
  readonly idleTimeoutMs?: number | undefined;
  /** Streamed: the least pace after its first content, in tokens (four letters each) over each 10 s. Default: none. */
  readonly minTokensPerSecond?: number | undefined;
  /**
   * Whether the provider is asked to stream although the caller wants the answer whole: the pieces are signs of life,
   * so that a silent provider is told from a slow one. Default true for a provider that can, false for a `backend`.
   */
  readonly upstreamStreaming?: boolean | undefined;
  /** How long a slot waits for a backend that was told to stop. Default 1,000. */
  readonly abortGraceMs?: number | undefined;
  /** Overrides the router's breaker for this model; `false` switches it off. */
  readonly breaker?: BreakerSettings | false | undefined;
  /** Its share under the strategy `weighted`, above 0. Default 1. */
  readonly weight?: number | undefined;
  /** What a million tokens cost, in one currency for all models: what the strategy `cost` goes by. */
  readonly pricing?: Pricing | undefined;
  /** The most tokens it takes, prompt and answer together. Shown in its status. */
  readonly contextWindow?: number | undefined;
  /** A label for what it shares its failures with, such as `openai` or `gpu-1`. Shown in its status. */
  readonly upstream?: string | undefined;
  /**
   * `embeddings`: it turns texts into vectors for the cache and takes no other request; its backend must have `embed`.
   * Default `chat`.
   */
  readonly serves?: ModelProfile['serves'] | undefined;
  /** Handed to the backend with each call as `context.options`. */
  readonly options?: Readonly<Record<string, unknown>> | undefined;
  /** Says whose fault a failure was; undefined leaves it to the router. See the guide to backends. */
  readonly classify?: Classify | undefined;
  /** Options of the provider. */
  readonly [providerOption: string]: unknown;
}

const price = z.number().min(0).describe('a number of 0 or more');

export const modelSchema = z.object({
  provider: z.string().describe('the name of a provider').optional(),
  backend: z
    .custom<Backend>((value) => typeof (value as Backend | null)?.generate === 'function')
    .describe('an object with a generate method')
    .optional(),
  maxQueueDepth: wholeFrom(1).optional(),
  maxConcurrency: wholeFrom(1).optional(),
  attemptTimeoutMs: positiveMilliseconds.optional(),
  firstTokenTimeoutMs: positiveMilliseconds.optional(),
  idleTimeoutMs: positiveMilliseconds.optional(),
  minTokensPerSecond: z.number().positive().describe('a number above 0').optional(),
  upstreamStreaming: z.boolean().describe('true or false').optional(),
  abortGraceMs: milliseconds.optional(),
  breaker: z
    .union([z.literal(false), z.record(z.string(), z.unknown())])
    .describe('false or breaker options')
    .optional(),
  weight: z.number().positive().describe('a number above 0').optional(),
  pricing: z.strictObject({ inputPerMillion: price, outputPerMillion: price }).optional(),
  contextWindow: wholeFrom(1).optional(),
  upstream: z.string().min(1).describe('a string that is not empty').optional(),
  serves: z.enum(['chat', 'embeddings']).describe('chat or embeddings').optional(),
  options: z.record(z.string(), z.unknown()).describe('an object').optional(),
  classify: z
    .custom<Classify>((value) => typeof value === 'function')
    .describe('a function')
    .optional(),
});

const ROUTER_KEYS = Object.keys(modelSchema.shape);
/** What is the router's own of a model's options; the rest is its provider's. */
export const routerKeysOf = (options: ModelOptions): ModelOptions =>
  Object.fromEntries(Object.entries(options).filter(([key]) => ROUTER_KEYS.includes(key)));

const DEFAULT_QUEUE_DEPTH = 100;
const DEFAULT_CONCURRENCY = 32;
/** Ollama answers one request at a time unless OLLAMA_NUM_PARALLEL is raised; what waits inside it has lost its class. */
const OLLAMA_CONCURRENCY = 1;

export interface ResolvedModelOptions {
  readonly provider: string;
  readonly backend: Backend | undefined;
  readonly limits: CallTimeouts & {
    readonly maxQueueDepth: number;
    readonly maxConcurrency: number;
    readonly abortGraceMs: number;
  };
  /** Of calls whose caller wants the answer whole, where the backend can. */
  readonly upstreamStreaming: boolean;
  readonly profile: ModelProfile;
  readonly upstream: string | null;
  /** undefined: the router's. */
  readonly breaker: BreakerOptions | null | undefined;
  readonly options: Readonly<Record<string, unknown>>;
  readonly classify: Classify | undefined;
  /** What the provider's factory gets. */
  readonly providerOptions: Readonly<Record<string, unknown>>;
}

/** So that a queue exists where nobody has said how many calls there may be. */
export const greatestDefaultConcurrency = (maxQueueDepth: number = DEFAULT_QUEUE_DEPTH): number =>
  Math.ceil(maxQueueDepth / 2);

/** @throws {ConfigurationError} */
export function resolveModelOptions(given: ModelOptions, where: string): ResolvedModelOptions {
  if (typeof given !== 'object' || given === null) {
    throw new ConfigurationError(
      'options',
      `${where}: given ${typeof given}; accepted: an object with provider or backend`,
    );
  }
  const entries = Object.entries(given).filter(([, value]) => value !== undefined);
  const own = routerKeysOf(Object.fromEntries(entries));
  const rest = Object.fromEntries(entries.filter(([key]) => !ROUTER_KEYS.includes(key)));
  const parsed = parseOptions(modelSchema, own, where);
  if ((parsed.provider === undefined) === (parsed.backend === undefined)) {
    throw new ConfigurationError(
      'provider',
      `${where}: given ${parsed.provider === undefined ? 'neither provider nor backend' : 'both provider and backend'}; accepted: one of them`,
    );
  }
  if (parsed.backend !== undefined && Object.keys(rest).length > 0) {
    const [key] = Object.keys(rest);
    throw new ConfigurationError(
      key!,
      `${where}.${key}: no such option beside backend; accepted: ${ROUTER_KEYS.join(', ')}`,
    );
  }
  const { maxQueueDepth = DEFAULT_QUEUE_DEPTH } = parsed;
  const usual = parsed.provider === 'ollama' ? OLLAMA_CONCURRENCY : DEFAULT_CONCURRENCY;
  const maxConcurrency = parsed.maxConcurrency ?? Math.min(usual, greatestDefaultConcurrency(maxQueueDepth));
  if (maxConcurrency > maxQueueDepth) {
    throw new ConfigurationError(
      'maxConcurrency',
      `${where}.maxConcurrency: given ${maxConcurrency}; accepted: at most maxQueueDepth (${maxQueueDepth})`,
    );
  }
  return {
    provider: parsed.provider ?? 'custom',
    backend: parsed.backend,
    limits: {
      maxQueueDepth,
      maxConcurrency,
      attemptTimeoutMs: parsed.attemptTimeoutMs ?? DEFAULT_TIMEOUTS.attemptTimeoutMs,
      firstTokenTimeoutMs: parsed.firstTokenTimeoutMs ?? DEFAULT_TIMEOUTS.firstTokenTimeoutMs,
      idleTimeoutMs: parsed.idleTimeoutMs ?? DEFAULT_TIMEOUTS.idleTimeoutMs,
      minTokensPerSecond: parsed.minTokensPerSecond ?? DEFAULT_TIMEOUTS.minTokensPerSecond,
      abortGraceMs: parsed.abortGraceMs ?? 1_000,
    },
    upstreamStreaming: parsed.upstreamStreaming ?? (parsed.backend === undefined && parsed.serves !== 'embeddings'),
    profile: {
      weight: parsed.weight ?? 1,
      pricing: parsed.pricing ?? null,
      contextWindow: parsed.contextWindow ?? null,
      serves: parsed.serves ?? 'chat',
    },
    upstream: parsed.upstream ?? null,
    breaker:
      parsed.breaker === undefined
        ? undefined
        : breakerOptions(parsed.breaker as BreakerSettings | false, `${where}.breaker`),
    options: parsed.options ?? {},
    classify: parsed.classify,
    providerOptions: rest,
  };
}

const definedOf = (record: object): object =>
  Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));

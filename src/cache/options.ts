import { z } from 'zod';
import { milliseconds, parseOptions, positiveMilliseconds, wholeBetween } from '../options.ts';
import type { LocalEmbedderOptions } from './embedders/local.ts';
import type { OwnEmbedder } from './embedders/own.ts';
import type { RouterEmbedderOptions } from './embedders/router.ts';
import { GUARD_LEVELS, type GuardLevel } from './guard/guard.ts';

/** Options of `router.enableCache`. Everything is optional. */
export interface CacheOptions {
  /** The least cosine of two prompts that may share an answer, above 0, at most 1. Default 0.92. */
  readonly similarityThreshold?: number | undefined;
  /** How long an answer may be served, in hours. Default 24. */
  readonly ttlHours?: number | undefined;
  /** Answers that are kept; the one used longest ago goes first. Default 10,000. */
  readonly maxEntries?: number | undefined;
  /**
   * The highest temperature whose answers are stored and served. A request that names no temperature counts as 1.
   * Default 0.3.
   */
  readonly maxTemperature?: number | undefined;
  /** What has to speak for it that two similar prompts ask the same. Default `standard`. */
  readonly guard?: GuardLevel | undefined;
  /**
   * Where vectors come from: transformers.js in this process (the default), a model of the router that serves
   * embeddings, an `Embedder` of your own, or `false`: only the exact tier.
   */
  readonly embedder?: EmbedderOption | undefined;
  /** How long an embedding may take before its look-up is a miss, in milliseconds. Default 1,000. */
  readonly embedTimeoutMs?: number | undefined;
  /** After how many milliseconds an embedder that could not be had is tried again. Default 60,000. */
  readonly retryEmbedderMs?: number | undefined;
  /** `false`: answers are shared by all models and rules, instead of within one. Default true. */
  readonly scopeByRoute?: boolean | undefined;
  /** Whether answers of a rule's fallbacks are stored too. Default false. */
  readonly cacheFallbacks?: boolean | undefined;
  /** Whether identical requests that are in flight at once share one call. Default true. */
  readonly singleFlight?: boolean | undefined;
  /**
   * Who says whether two similar prompts ask the same, before a stored answer is first served to a prompt that is not
   * its own. Default: nobody.
   */
  readonly verify?: VerifyModel | Verify | undefined;
  /** File that keeps the answers over a restart. Default: none. */
  readonly path?: string | undefined;
  /** How long an answer may wait before it is written there, in milliseconds. Default 1,000. */
  readonly flushIntervalMs?: number | undefined;
}

/** `provider: 'router'`: a model of the router; else transformers.js in a worker of this process. */
export type EmbedderOption =
  | false
  | OwnEmbedder
  | (LocalEmbedderOptions & { readonly provider?: 'local' | undefined })
  | (RouterEmbedderOptions & { readonly provider: 'router' });

/** Says whether the answer to `stored` answers `asked` too. Whatever is not `true` is a no; what it throws, a miss. */
export type Verify = (asked: string, stored: string, answer: string) => boolean | PromiseLike<boolean>;

/** One of the router's own models is asked. */
export interface VerifyModel {
  readonly model: string;
  /** Default 10,000. */
  readonly timeoutMs?: number | undefined;
}

export type JudgingModel = { readonly [Key in keyof VerifyModel]-?: NonNullable<VerifyModel[Key]> };

export interface ResolvedCacheOptions {
  readonly similarityThreshold: number;
  readonly ttlMs: number;
  readonly maxEntries: number;
  readonly maxTemperature: number;
  readonly guard: GuardLevel;
  readonly embedder: EmbedderOption;
  readonly embedTimeoutMs: number;
  readonly retryEmbedderMs: number;
  readonly scopeByRoute: boolean;
  readonly cacheFallbacks: boolean;
  readonly singleFlight: boolean;
  readonly verify: JudgingModel | Verify | null;
  readonly path: string | null;
  readonly flushIntervalMs: number;
}

const MS_PER_HOUR = 3_600_000;
const positive = z.number().positive().describe('a number above 0');
const boolean = z.boolean().describe('true or false');
const text = z.string().min(1).describe('a string that is not empty');

export const cacheSchema = z.strictObject({
  similarityThreshold: z.number().gt(0).max(1).describe('a number above 0, at most 1').default(0.92),
  ttlHours: positive.default(24),
  maxEntries: wholeBetween(1, 1_000_000).default(10_000),
  maxTemperature: z.number().min(0).max(2).describe('a number from 0 to 2').default(0.3),
  guard: z.enum(GUARD_LEVELS).describe(GUARD_LEVELS.join(', ')).default('standard'),
  embedder: z
    .custom<EmbedderOption>((value) => value === false || (typeof value === 'object' && value !== null))
    .describe("false, an embedder, or an object with provider 'local' or 'router'")
    .default({}),
  embedTimeoutMs: positiveMilliseconds.default(1_000),
  retryEmbedderMs: positiveMilliseconds.default(60_000),
  scopeByRoute: boolean.default(true),
  cacheFallbacks: boolean.default(false),
  singleFlight: boolean.default(true),
  verify: z
    .union([
      z.custom<Verify>((value) => typeof value === 'function'),
      z.strictObject({ model: text, timeoutMs: positiveMilliseconds.default(10_000) }),
    ])
    .describe('{ model, timeoutMs? } or a function')
    .optional(),
  path: text.optional(),
  flushIntervalMs: milliseconds.default(1_000),
});

/** The options with every default filled in. @throws {ConfigurationError} */
export function resolveCacheOptions(options: CacheOptions): ResolvedCacheOptions {
  const { ttlHours, verify = null, path = null, ...rest } = parseOptions(cacheSchema, options, 'enableCache()');
  return { ...rest, verify, path, ttlMs: ttlHours * MS_PER_HOUR };
}

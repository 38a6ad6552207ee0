import type { InspectionEvent } from 'xstate';
import { z } from 'zod';
import { type Clock, systemClock } from './clock.ts';
import { ConfigurationError } from './errors.ts';
import type { BreakerSettings } from './model-options.ts';
import { milliseconds, parseOptions, positiveMilliseconds, wholeBetween, wholeFrom } from './options.ts';
import { type Boosts, DEFAULT_BOOSTS, type PriorityClass } from './queue/priority.ts';
import { hashSeed } from './random.ts';
import { type Backoff, DEFAULT_BACKOFF } from './retry/backoff.ts';
import { MAX_RETRIES } from './routing/slip.ts';
import type { SpawnRouter } from './wiring.ts';

/** Where the router writes what an operator may want to know; pino and console fit. Silent by default. */
export interface Logger {
  debug(data: object, message: string): void;
  info(data: object, message: string): void;
  warn(data: object, message: string): void;
  error(data: object, message: string): void;
}

export interface RouterOptions {
  /** Breaker of every model that has none of its own; `false`: none. Default: on, with `DEFAULT_BREAKER`. */
  readonly breaker?: BreakerSettings | false | undefined;
  /** A request's own time in milliseconds when it names none. Default 120,000. */
  readonly timeoutMs?: number | undefined;
  /** How calls that failed in passing are tried again. Default: `DEFAULT_RETRIES`. */
  readonly retries?: RetrySettings | undefined;
  /** Requests that may wait outside every model at once (`whenUnavailable: 'wait'`). Default 1,000. */
  readonly maxParked?: number | undefined;
  /** How long the reader of a stream may take nothing before the request is called off. Default 60,000. */
  readonly readerTimeoutMs?: number | undefined;
  /**
   * Milliseconds that each class is served ahead of its arrival, 0 or more: nobody is passed over for longer than the
   * difference of two of them. Default: `DEFAULT_BOOSTS`.
   */
  readonly boostMs?: { readonly [Class in PriorityClass]?: number | undefined } | undefined;
  /** Source of time. Default: the process's. Replace it to test or to replay. */
  readonly clock?: Clock | undefined;
  /** Seed of everything random. Default: drawn from the time of making. */
  readonly seed?: number | undefined;
  /** Prefix of request ids. Default `req`. */
  readonly id?: string | undefined;
  readonly logger?: Logger | undefined;
  /** Observer of every actor in the system, from the start. */
  readonly inspect?: ((event: InspectionEvent) => void) | undefined;
  /**
   * Makes the router's root actor a child in an actor system of yours, in place of a system of its own: called once with
   * its logic, returns the actor ref that your `spawn` gives. That system's clock must be `clock`; inspect it there.
   */
  readonly spawn?: SpawnRouter | undefined;
}

/** Overrides of `DEFAULT_RETRIES`. */
export type RetrySettings = { readonly [Key in keyof RetryOptions]?: RetryOptions[Key] | undefined };

export interface RetryOptions extends Backoff {
  /** Further calls of the same model after a failure that may be passing, 0 to 5, where neither request nor rule says. */
  readonly maxRetries: number;
}

export const DEFAULT_RETRIES: RetryOptions = { maxRetries: 2, ...DEFAULT_BACKOFF };

const isFunction = (value: unknown): boolean => typeof value === 'function';
const has = (value: unknown, names: readonly string[]): boolean =>
  typeof value === 'object' && value !== null && names.every((name) => isFunction(value[name as keyof typeof value]));

const boostsSchema = z
  .strictObject({
    critical: milliseconds.optional(),
    high: milliseconds.optional(),
    normal: milliseconds.optional(),
    low: milliseconds.optional(),
  } satisfies Record<PriorityClass, z.ZodType>)
  .describe('an object of milliseconds by class');

export const routerSchema = z.strictObject({
  breaker: z
    .union([z.literal(false), z.looseObject({})])
    .describe('false or breaker options')
    .optional(),
  timeoutMs: positiveMilliseconds.optional(),
  retries: z
    .strictObject({
      maxRetries: wholeBetween(0, MAX_RETRIES).optional(),
      baseMs: milliseconds.optional(),
      maxMs: milliseconds.optional(),
    })
    .describe('retry options')
    .optional(),
  maxParked: wholeFrom(0).optional(),
  readerTimeoutMs: positiveMilliseconds.optional(),
  boostMs: boostsSchema.optional(),
  clock: z
    .custom<Clock>((value) => has(value, ['now', 'wallNow', 'setTimeout', 'clearTimeout']))
    .describe('an object with now, wallNow, setTimeout and clearTimeout')
    .optional(),
  seed: z.int().describe('an integer').optional(),
  id: z.string().min(1).describe('a string that is not empty').optional(),
  logger: z
    .custom<Logger>((value) => has(value, ['debug', 'info', 'warn', 'error']))
    .describe('an object with debug, info, warn and error')
    .optional(),
  inspect: z.custom<(event: InspectionEvent) => void>(isFunction).describe('a function').optional(),
  spawn: z.custom<SpawnRouter>(isFunction).describe('a function from the logic to its actor ref').optional(),
});

const definedOf = (boosts: object): Partial<Boosts> =>
  Object.fromEntries(Object.entries(boosts).filter(([, value]) => value !== undefined));

const silent: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** A logger that throws must not harm what it was told of. */
function guarded(logger: Logger): Logger {
  const method = (level: keyof Logger) => (data: object, message: string) => {
    try {
      logger[level](data, message);
    } catch {
      // There is nobody left to tell.
    }
  };
  return { debug: method('debug'), info: method('info'), warn: method('warn'), error: method('error') };
}

/** The options with every default filled in. @throws {ConfigurationError} */
export function resolveRouterOptions(options: RouterOptions) {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const parsed = parseOptions(routerSchema, given, 'new LLMRouter()');
  if (parsed.spawn !== undefined && parsed.inspect !== undefined) {
    const message =
      'new LLMRouter().inspect: given together with spawn; accepted: inspect of the system it is spawned in';
    throw new ConfigurationError('inspect', message);
  }
  const clock = parsed.clock ?? systemClock;
  const { retries = {} } = parsed;
  const { maxRetries = DEFAULT_RETRIES.maxRetries, baseMs = DEFAULT_RETRIES.baseMs } = retries;
  const maxMs = retries.maxMs ?? Math.max(baseMs, DEFAULT_RETRIES.maxMs);
  if (maxMs < baseMs) {
    const message = `new LLMRouter().retries.maxMs: given ${maxMs}; accepted: baseMs (${baseMs}) or more`;
    throw new ConfigurationError('maxMs', message);
  }
  return {
    timeoutMs: parsed.timeoutMs ?? 120_000,
    retries: { maxRetries, baseMs, maxMs },
    maxParked: parsed.maxParked ?? 1_000,
    readerTimeoutMs: parsed.readerTimeoutMs ?? 60_000,
    boosts: { ...DEFAULT_BOOSTS, ...definedOf(parsed.boostMs ?? {}) },
    seed: parsed.seed ?? hashSeed(clock.wallNow(), clock.now()),
    id: parsed.id ?? 'req',
    logger: guarded(parsed.logger ?? silent),
  };
}

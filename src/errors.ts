import type { Trace } from './routing/trace.ts';

/** Every code that `LLMRouterError.code` can hold; `docs/reference/errors.md` says when and what to do. */
export const ERROR_CODES = [
  'configuration_invalid',
  'request_invalid',
  'model_unknown',
  'provider_rejected',
  'provider_failed',
  'stream_interrupted',
  'rate_limited',
  'queue_full',
  'no_model_available',
  'deadline_exceeded',
  'deadline_unreachable',
  'router_stopped',
  'snapshot_invalid',
  'cache_miss',
] as const;

/** One of `ERROR_CODES`. */
export type ErrorCode = (typeof ERROR_CODES)[number];

/** One candidate of a request, and why it did not serve it. */
export interface CandidateReason {
  readonly model: string;
  readonly reason: string;
  readonly retryAfterMs?: number;
}

export interface LLMRouterErrorOptions {
  readonly cause?: unknown;
  readonly requestId?: string | undefined;
  readonly model?: string | undefined;
  readonly status?: number | undefined;
  readonly retryAfterMs?: number | undefined;
  readonly candidates?: readonly CandidateReason[] | undefined;
  readonly trace?: Trace | undefined;
}

const brand = Symbol.for('llm-router.error');

/**
 * The base of every error this library throws. `code` is stable; the message is for people and may change.
 * `instanceof` holds across duplicate copies of the package, because it asks for a shared symbol.
 */
export class LLMRouterError extends Error {
  override readonly name: string = 'LLMRouterError';
  readonly code: ErrorCode;
  /** The HTTP status that the server answers with. */
  readonly status: number;
  declare readonly requestId?: string;
  declare readonly model?: string;
  /** After how many milliseconds trying again can succeed, where that is known. */
  declare readonly retryAfterMs?: number;
  /** Each candidate of the request and why it did not serve it. */
  declare readonly candidates?: readonly CandidateReason[];
  declare readonly trace?: Trace;

  constructor(code: ErrorCode, status: number, message: string, options: LLMRouterErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.status = options.status ?? status;
    for (const field of ['requestId', 'model', 'retryAfterMs', 'candidates', 'trace'] as const) {
      if (options[field] !== undefined) Object.defineProperty(this, field, { value: options[field], enumerable: true });
    }
  }

  get [brand](): true {
    return true;
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    // biome-ignore lint/complexity/noThisInStatic: `this` is the class that is asked for, often a subclass
    return isInstance(this, value);
  }
}

function isInstance(asked: { readonly prototype: object; readonly name: string }, value: unknown): boolean {
  if (typeof value !== 'object' || value === null || !(brand in value)) return false;
  if (asked === LLMRouterError || Object.prototype.isPrototypeOf.call(asked.prototype, value)) return true;
  return (value as LLMRouterError).name === asked.name;
}

/** An option is wrong: `option` names it, the message says what was given and what is accepted. */
export class ConfigurationError extends LLMRouterError {
  override readonly name = 'ConfigurationError';
  readonly option: string;
  constructor(option: string, message: string) {
    super('configuration_invalid', 500, message);
    this.option = option;
  }
}

/** The request itself is wrong: `field` names the part. */
export class InvalidRequestError extends LLMRouterError {
  override readonly name = 'InvalidRequestError';
  readonly field: string;
  constructor(field: string, message: string) {
    super('request_invalid', 400, message);
    this.field = field;
  }
}

/** `model:` names neither a model nor a rule. */
export class UnknownModelError extends LLMRouterError {
  override readonly name = 'UnknownModelError';
  constructor(message: string, options?: LLMRouterErrorOptions) {
    super('model_unknown', 404, message, options);
  }
}

/** The provider refused this very request (400, 413, 422, content filter, context length); `cause` is its word. */
export class ProviderRejectedError extends LLMRouterError {
  override readonly name = 'ProviderRejectedError';
  constructor(message: string, options: LLMRouterErrorOptions) {
    super('provider_rejected', 400, message, options);
  }
}

/** Every candidate that was tried failed; `cause` is the first failure, the trace has them all. */
export class ProviderFailedError extends LLMRouterError {
  override readonly name = 'ProviderFailedError';
  constructor(message: string, options: LLMRouterErrorOptions) {
    super('provider_failed', 502, message, options);
  }
}

/** A stream broke after its first content had reached the caller; `partialText` is what the caller has. */
export class StreamInterruptedError extends LLMRouterError {
  override readonly name = 'StreamInterruptedError';
  declare readonly partialText: string;
  constructor(message: string, options: LLMRouterErrorOptions & { readonly partialText: string }) {
    super('stream_interrupted', 502, message, options);
    // Not enumerable: what prints or serialises errors must not print answers.
    Object.defineProperty(this, 'partialText', { value: options.partialText, enumerable: false });
  }
}

/** No candidate admitted the request; `code` says which kind of refusal decided. */
export class NoModelAvailableError extends LLMRouterError {
  override readonly name = 'NoModelAvailableError';
  constructor(
    code: 'no_model_available' | 'queue_full' | 'rate_limited',
    message: string,
    options: LLMRouterErrorOptions,
  ) {
    super(code, code === 'no_model_available' ? 503 : 429, message, options);
  }
}

/** The request's own time ran out, or cannot suffice: then `predictedWaitMs` says how long it would have waited. */
export class DeadlineError extends LLMRouterError {
  override readonly name = 'DeadlineError';
  /** The shortest wait for a slot among its candidates, in milliseconds. */
  declare readonly predictedWaitMs?: number;
  constructor(
    code: 'deadline_exceeded' | 'deadline_unreachable',
    message: string,
    options: LLMRouterErrorOptions & { readonly predictedWaitMs?: number } = {},
  ) {
    super(code, 504, message, options);
    const { predictedWaitMs } = options;
    if (predictedWaitMs !== undefined) {
      Object.defineProperty(this, 'predictedWaitMs', { value: predictedWaitMs, enumerable: true });
    }
  }
}

/** What `restore` was given is no snapshot of this version: `field` names the part. Nothing has been restored. */
export class SnapshotError extends LLMRouterError {
  override readonly name = 'SnapshotError';
  readonly field: string;
  constructor(field: string, message: string) {
    super('snapshot_invalid', 400, message);
    this.field = field;
  }
}

/** `cache: 'only'`: there is no stored answer that may be served; the trace says why. */
export class CacheMissError extends LLMRouterError {
  override readonly name = 'CacheMissError';
  constructor(message: string, options?: LLMRouterErrorOptions) {
    super('cache_miss', 404, message, options);
  }
}

/** The router was stopped before the request was served. */
export class RouterStoppedError extends LLMRouterError {
  override readonly name = 'RouterStoppedError';
  constructor(message: string, options?: LLMRouterErrorOptions) {
    super('router_stopped', 503, message, options);
  }
}

export interface BackendErrorOptions {
  /** The provider's HTTP status. */
  readonly status?: number;
  /** The provider's or the socket's own code, for example `context_length_exceeded` or `ECONNREFUSED`. */
  readonly code?: string;
  /** How long the provider asks to be left alone. */
  readonly retryAfterMs?: number;
  readonly cause?: unknown;
}

/** What a backend throws to say whose fault a failure was. Any other throw counts as the provider's failure. */
export class BackendError extends Error {
  override readonly name = 'BackendError';
  declare readonly status?: number;
  declare readonly code?: string;
  declare readonly retryAfterMs?: number;
  constructor(message: string, options: BackendErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    for (const field of ['status', 'code', 'retryAfterMs'] as const) {
      if (options[field] !== undefined) Object.defineProperty(this, field, { value: options[field], enumerable: true });
    }
  }
}

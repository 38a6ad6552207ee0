import type { ActorRef, Snapshot } from 'xstate';
import type { Message, ResponseFormat, Tool, ToolChoice } from './backends/backend.ts';
import type { CacheMode } from './cache/mode.ts';
import type { PriorityClass } from './queue/priority.ts';
import type { OnStreamFailure, WhenUnavailable } from './routing/slip.ts';
import type { Strategy } from './routing/strategy.ts';

/** What is asked of a model, apart from the words themselves. */
export interface GenerationOptions {
  /** Randomness of the answer, 0 to 2; the provider's default when absent. */
  readonly temperature?: number | undefined;
  /** The most tokens to generate. */
  readonly maxTokens?: number | undefined;
  readonly stop?: string | readonly string[] | undefined;
  readonly seed?: number | undefined;
  readonly tools?: readonly Tool[] | undefined;
  readonly toolChoice?: ToolChoice | undefined;
  readonly responseFormat?: ResponseFormat | undefined;
  /** Carried along; routing rules and backends may read it. */
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
  /** Merged into the provider's request body as it is. */
  readonly providerOptions?: Readonly<Record<string, unknown>> | undefined;
}

/** A conversation to continue. */
export interface ChatRequest extends GenerationOptions {
  readonly messages: readonly Message[];
}

/** How a request is treated. Everything is optional. */
export interface GenerateOptions extends GenerationOptions {
  /** Class of service. Default `normal`. */
  readonly priority?: PriorityClass | undefined;
  /** A model (the request goes only there), a rule (taken whatever it matches) or `auto`. Default `auto`. */
  readonly model?: string | undefined;
  /** `false`: the rule's targets only. Default true. */
  readonly fallback?: boolean | undefined;
  /** In which order its rule's targets are asked. Default: as the rule says. */
  readonly strategy?: Strategy | undefined;
  /** `wait`: when no candidate takes it now, it waits until one comes back. Default: as its rule says, else `fail`. */
  readonly whenUnavailable?: WhenUnavailable | undefined;
  /** Further calls of the same model after a failure that may be passing, 0 to 5. Default: as its rule says, else 2. */
  readonly maxRetries?: number | undefined;
  /** What becomes of its stream when that breaks after its first content. Default: as its rule says, else `fail`. */
  readonly onStreamFailure?: OnStreamFailure | undefined;
  /** Put before the conversation as its system message. */
  readonly system?: string | undefined;
  /** The request's own time in milliseconds, from acceptance; of a stream: to its first content. Default 120,000. */
  readonly timeoutMs?: number | undefined;
  /** Of a stream: milliseconds from acceptance to its end. Default: none. */
  readonly totalTimeoutMs?: number | undefined;
  /** Calls the request off, in whatever phase it is; `generate` then rejects with its reason. */
  readonly signal?: AbortSignal | undefined;
  /** Whose request it is; carried along into the answer. */
  readonly tenant?: string | undefined;
  /** What it wants of the cache: `use`, `bypass`, `refresh` or `only`. Default `use`. Nothing without a cache. */
  readonly cache?: CacheMode | undefined;
  /** Shares stored answers with no request of another scope, such as a user's id. Default: none. */
  readonly cacheScope?: string | undefined;
  /** An actor that is sent `request.settled {id, output | error}` too. */
  readonly replyTo?: ActorRef<Snapshot<unknown>, never> | undefined;
}

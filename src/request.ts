import type { ActorRef, Snapshot } from 'xstate';
import type { LLMRequest, Message, ResponseFormat, Tool, ToolChoice } from './backends/backend.ts';
import type { CacheMode } from './cache/mode.ts';
import { InvalidRequestError } from './errors.ts';
import type { PriorityClass } from './queue/priority.ts';
import {
  CHAT_FIELDS,
  CONTENT_FIELDS,
  checkFields,
  invalid,
  isObject,
  isText,
  OPTION_FIELDS,
} from './request-fields.ts';
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

/** A request that has been checked and copied: what its caller changes afterwards does not reach it. */
export interface AcceptedRequest {
  /** A bare prompt stays the string it is until it is called: that is a tenth of what a waiting request weighs. */
  readonly content: LLMRequest | string;
  readonly priority: PriorityClass;
  readonly model: string | undefined;
  readonly fallback: boolean | undefined;
  readonly strategy: Strategy | undefined;
  readonly whenUnavailable: WhenUnavailable | undefined;
  readonly maxRetries: number | undefined;
  readonly onStreamFailure: OnStreamFailure | undefined;
  /** As the caller gave it, to be matched at once and not kept. */
  readonly metadata: Readonly<Record<string, unknown>> | undefined;
  readonly maxTokens: number | undefined;
  readonly timeoutMs: number | undefined;
  readonly totalTimeoutMs: number | undefined;
  readonly signal: AbortSignal | undefined;
  readonly tenant: string | undefined;
  readonly cache: CacheMode | undefined;
  readonly cacheScope: string | undefined;
  readonly replyTo: ActorRef<Snapshot<unknown>, never> | undefined;
}

/**
 * Checks a request and copies it.
 * @throws {InvalidRequestError} naming the field, what was given and what is accepted; never any content.
 */
export function acceptRequest(input: string | ChatRequest, options: GenerateOptions = {}): AcceptedRequest {
  if (!isText(input) && !isObject(input as unknown))
    throw invalid('prompt', input, 'a string or a request with messages', true);
  if (isText(input) && input === '') throw invalid('prompt', input, 'a string that is not empty', true);
  if (!isObject(options as unknown)) throw invalid('options', options, 'an object', true);
  checkFields(options, OPTION_FIELDS);
  if (!isText(input)) checkFields(input, CHAT_FIELDS);
  const { priority, model, fallback, timeoutMs, totalTimeoutMs, signal, tenant, replyTo } = options;
  const { strategy, whenUnavailable, maxRetries, onStreamFailure, cache, cacheScope } = options;
  const body: GenerationOptions = isText(input) ? options : input;
  return {
    content: contentOf(input, options),
    priority: priority ?? 'normal',
    model,
    fallback,
    strategy,
    whenUnavailable,
    maxRetries,
    onStreamFailure,
    metadata: options.metadata ?? body.metadata,
    maxTokens: options.maxTokens ?? body.maxTokens,
    timeoutMs,
    totalTimeoutMs,
    signal,
    tenant,
    cache,
    cacheScope,
    replyTo,
  };
}

/** What a backend is asked. */
export const requestOf = (content: LLMRequest | string): LLMRequest =>
  isText(content) ? { prompt: content, messages: [{ role: 'user', content }] } : content;

function contentOf(input: string | ChatRequest, options: GenerateOptions): LLMRequest | string {
  if (isText(input) && !hasContent(options)) return input;
  const messages = isText(input) ? [{ role: 'user' as const, content: input }] : copyMessages(input.messages);
  if (options.system !== undefined) messages.unshift({ role: 'system', content: options.system });
  const content: Record<string, unknown> = { prompt: isText(input) ? input : lastUserText(messages), messages };
  for (const source of isText(input) ? [options] : [input, options]) {
    for (const key in source) {
      const value = source[key as keyof GenerationOptions];
      if (value === undefined || !(key in CONTENT_FIELDS)) continue;
      content[key] = typeof value === 'object' ? copy(key, value) : value;
    }
  }
  if (isText(content['stop'])) content['stop'] = [content['stop']];
  return content as unknown as LLMRequest;
}

/** Whether any option says something of the content itself. */
function hasContent(options: GenerateOptions): boolean {
  for (const key in options) {
    if ((key === 'system' || key in CONTENT_FIELDS) && options[key as keyof GenerateOptions] !== undefined) return true;
  }
  return false;
}

const ROLES = ['system', 'user', 'assistant', 'tool'];

function copyMessages(messages: readonly Message[]): Message[] {
  if (!Array.isArray(messages)) throw invalid('messages', messages, 'a non-empty array of messages', true);
  messages.forEach((message: unknown, index) => {
    const at = `messages[${index}]`;
    if (!isObject(message)) throw invalid(at, message, 'an object with role and content', true);
    if (!ROLES.includes(message['role'] as string))
      throw invalid(`${at}.role`, message['role'], ROLES.join(', '), true);
    const content = message['content'];
    if (isText(content)) return;
    if (!Array.isArray(content)) throw invalid(`${at}.content`, content, 'a string or an array of parts', true);
    content.forEach((part: unknown, position) => {
      const isKnown =
        isObject(part) &&
        ((part['type'] === 'text' && isText(part['text'])) || (part['type'] === 'image' && isText(part['image'])));
      if (!isKnown) {
        throw invalid(`${at}.content[${position}]`, part, "{ type: 'text', text } or { type: 'image', image }", true);
      }
    });
  });
  return copy('messages', messages) as Message[];
}

function copy<T>(field: string, value: T): T {
  try {
    return structuredClone(value);
  } catch (cause) {
    throw new InvalidRequestError(
      field,
      `${field}: holds something that cannot be copied (${cause instanceof Error ? cause.name : typeof cause})`,
    );
  }
}

function lastUserText(messages: readonly Message[]): string {
  const content = messages.findLast(({ role }) => role === 'user')?.content ?? '';
  if (isText(content)) return content;
  return content.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n');
}

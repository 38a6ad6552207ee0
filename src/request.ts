import type { ActorRef, Snapshot } from 'xstate';
import type { LLMRequest, Message } from './backends/backend.ts';
import type { CacheMode } from './cache/mode.ts';
import { InvalidRequestError } from './errors.ts';
import type { ChatRequest, GenerateOptions, GenerationOptions } from './generate-options.ts';
import { isError } from './is-error.ts';
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
      `${field}: holds something that cannot be copied (${isError(cause) ? cause.name : typeof cause})`,
    );
  }
}

function lastUserText(messages: readonly Message[]): string {
  const content = messages.findLast(({ role }) => role === 'user')?.content ?? '';
  if (isText(content)) return content;
  return content.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n');
}

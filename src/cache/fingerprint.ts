import { createHash, type Hash } from 'node:crypto';
import type { LLMRequest, Message } from '../backends/backend.ts';
import { requestOf } from '../request.ts';
import { canonicalOf } from './canonical.ts';

/** What a request's answer is stored and found under. */
export interface Fingerprint {
  /** SHA-256 of everything that may change the answer, in base64url: 43 characters. */
  readonly key: string;
  /**
   * SHA-256 of the same but for the final user text, and of the embedder. Only prompts of one scope are ever compared
   * with each other.
   */
  readonly scope: string;
  /** The final user text; null where no prompt that is merely similar may answer. */
  readonly text: string | null;
}

/** On whose behalf a request is asked, and where it goes. Absent is null. */
export interface Origin {
  readonly tenant: string | null;
  /** The pinned model, the named rule or the rule that matched. */
  readonly target: string | null;
  readonly embedderId: string | null;
  readonly cacheScope: string | null;
}

export interface FingerprintOptions {
  /**
   * `false`: models and rules share one cache, so `target` is left out. Tenant, `cacheScope` and whatever changes the
   * answer keep requests apart all the same.
   */
  readonly scopeByRoute: boolean;
}

/**
 * A request's place in the cache. Texts are taken as they are, neither trimmed nor folded, and a prompt given as a
 * string is the same as a lone user message that says it. `metadata` and how a request is treated (priority, time
 * limits, signal) are left out. null: it holds something that cannot be told apart from others, such as a Map.
 */
export function fingerprint(
  content: LLMRequest | string,
  { tenant, target, embedderId, cacheScope }: Origin,
  { scopeByRoute }: FingerprintOptions,
): Fingerprint | null {
  const request = requestOf(content);
  // The prompt is said again in the messages.
  const { prompt: _prompt, metadata: _metadata, messages: given, ...rest } = request;
  const messages = given.map(withPlainText);
  const last = messages.at(-1);
  const final = last?.role === 'user' && typeof last.content === 'string' ? last.content : null;
  // No other message is without content, so a final text that was taken out leaves its mark.
  if (final !== null) messages[messages.length - 1] = { ...last!, content: null };
  const shared = canonicalOf([tenant, scopeByRoute ? target : null, cacheScope, rest, messages]);
  if (shared === null) return null;
  const key = added(createHash('sha256'), shared);
  const scope = added(key.copy(), canonicalOf(['scope', embedderId])!);
  added(key, canonicalOf(['key', final])!);
  return {
    key: key.digest('base64url'),
    scope: scope.digest('base64url'),
    text: final !== null && final.trim() !== '' && mayBeSimilar(request) ? final : null,
  };
}

/** A message; `content: null`: without its text. */
type Remainder = Omit<Message, 'content'> & { readonly content: Message['content'] | null };

/** A lone part of text is the text itself. */
function withPlainText(message: Message): Remainder {
  const { content } = message;
  const part = typeof content !== 'string' && content.length === 1 ? content[0]! : null;
  if (part?.type !== 'text') return message;
  const { type: _type, text, ...more } = part;
  return Object.values(more).some((value) => value !== undefined) ? message : { ...message, content: text };
}

/** UTF-8 has one and the same byte sequence for every lone surrogate; these two encodings tell all texts apart. */
function added(hash: Hash, canonical: string): Hash {
  // Which of the two it is shows in the second byte, which is zero only in the wide one: canonical texts begin in ASCII.
  return hash.update(canonical, /[\u0100-\uffff]/.test(canonical) ? 'utf16le' : 'latin1');
}

/** What a provider is told of tools and of several answers without the router's own fields. */
const TOOL_OPTIONS = ['tools', 'tool_choice', 'functions', 'function_call'];

/** Whether an answer depends on the words alone: no tools, no images, one answer wanted. */
function mayBeSimilar({ messages, tools = [], toolChoice, providerOptions = {} }: LLMRequest): boolean {
  if (tools.length > 0 || toolChoice !== undefined) return false;
  if ((providerOptions['n'] ?? 1) !== 1 || TOOL_OPTIONS.some((name) => providerOptions[name] !== undefined))
    return false;
  return messages.every(
    ({ role, content, toolCalls }) =>
      role !== 'tool' &&
      (toolCalls ?? []).length === 0 &&
      (typeof content === 'string' || content.every(({ type }) => type === 'text')),
  );
}

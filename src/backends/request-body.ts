import { BackendError } from '../errors.ts';
import type { ContentPart, LLMRequest, Message } from './backend.ts';
import { isRecord } from './json.ts';

/** What a request may not change: which model is asked, what it is asked, and how its answer is read. */
const FIXED = ['model', 'messages', 'stream'];

/**
 * A provider's body with the request's own `providerOptions` on top. `nested` names the objects that are merged key by
 * key, because replacing them would throw away what the router put there.
 */
export function withProviderOptions(
  body: Readonly<Record<string, unknown>>,
  { providerOptions = {} }: LLMRequest,
  nested: string,
): Record<string, unknown> {
  const merged: Record<string, unknown> = { ...body };
  for (const [key, value] of Object.entries(providerOptions)) {
    if (FIXED.includes(key)) continue;
    const own = merged[key];
    merged[key] = key === nested && isRecord(own) && isRecord(value) ? { ...own, ...value } : value;
  }
  return merged;
}

export const partsOf = ({ content }: Message): readonly ContentPart[] =>
  typeof content === 'string' ? [{ type: 'text', text: content }] : content;

/** The text of a message; several text parts become paragraphs. */
export const plainTextOf = (message: Message): string =>
  partsOf(message)
    .flatMap((part) => (part.type === 'text' ? [part.text] : []))
    .join('\n');

/** The caller's own mistake: counted against no model, and not retried. */
export const callersMistake = (model: string, code: string, what: string): BackendError =>
  new BackendError(`model '${model}': ${what}`, { status: 400, code });

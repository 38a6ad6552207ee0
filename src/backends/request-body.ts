import { BackendError } from '../errors.ts';
import type { ContentPart, LLMRequest, Message } from './backend.ts';
import { isRecord, jsonOf } from './json.ts';

/** What a request may not change: which model is asked, what it is asked, and how its answer is read. */
const FIXED = ['model', 'messages', 'stream'];

/**
 * A provider's body with the request's own `providerOptions` on top. `nested` names the object that is merged key by
 * key, because replacing it would throw away what the router put there; `conversation` the other fields in which this
 * provider is told what it is asked.
 */
export function withProviderOptions(
  body: Readonly<Record<string, unknown>>,
  { providerOptions = {} }: LLMRequest,
  nested: string,
  conversation: readonly string[] = [],
): Record<string, unknown> {
  const merged: Record<string, unknown> = { ...body };
  for (const [key, value] of Object.entries(providerOptions)) {
    if (FIXED.includes(key) || conversation.includes(key)) continue;
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

/** The arguments of a past tool call, for providers that take them as an object. @throws {BackendError} 400 */
export function argumentsOf(text: string, tool: string, model: string): object {
  const json = text.trim() === '' ? {} : jsonOf(text);
  if (isRecord(json)) return json;
  throw callersMistake(model, 'tool_arguments_invalid', `the arguments of a call of '${tool}' are not a JSON object`);
}

/** The system messages that a conversation begins with, and what follows them. */
export function splitSystem(messages: readonly Message[]): {
  readonly system: readonly Message[];
  readonly rest: readonly Message[];
} {
  const begins = messages.findIndex(({ role }) => role !== 'system');
  const count = begins === -1 ? messages.length : begins;
  return { system: messages.slice(0, count), rest: messages.slice(count) };
}

/** The text of system messages in one field. @throws {BackendError} 400 for an image, which such a field cannot hold */
export function systemTextOf(system: readonly Message[], model: string): string {
  if (system.some((message) => partsOf(message).some(({ type }) => type === 'image'))) {
    throw callersMistake(model, 'system_image_unsupported', 'a system message holds an image; accepted: text');
  }
  return system.map(plainTextOf).join('\n\n');
}

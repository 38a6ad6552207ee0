import { BackendError, type BackendErrorOptions } from '../errors.ts';
import { isError } from '../is-error.ts';
import { isRecord, jsonOf, recordOf, textOf } from './json.ts';
import type { Redact } from './redact.ts';

/** The longest part of a provider's message that an error keeps. */
const MAX_MESSAGE = 500;

/** What a provider says about a failure, in its own words: not fit to be shown before it is redacted. */
export interface ProviderWord {
  readonly message?: string;
  readonly code?: string;
  readonly status?: number;
}

/** The error that a JSON answer carries, in any of the shapes in use; null when it carries none. */
export function errorIn(json: unknown): ProviderWord | null {
  const { error } = recordOf(json);
  if (typeof error === 'string') return { message: error };
  return isRecord(error) ? wordOf(error) : null;
}

/** The word of an object that is known to be an error. */
export function wordOf(error: unknown): ProviderWord {
  const { message, detail, code, type, status } = recordOf(error);
  const said = textOf(message) ?? textOf(detail);
  const name = textOf(code) ?? textOf(type);
  const httpStatus = [code, status].find(isErrorStatus);
  return {
    ...(said !== undefined && { message: said }),
    ...(name !== undefined && { code: name }),
    ...(httpStatus !== undefined && { status: httpStatus }),
  };
}

const isErrorStatus = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 400 && value <= 599;

/** The word of a failed answer's body, be it JSON, HTML or plain text. */
export function wordOfBody(body: string): ProviderWord {
  const json = jsonOf(body);
  if (json !== undefined) return errorIn(json) ?? wordOf(json);
  const text = body
    .replace(/<(script|style|head)\b[\s\S]*?<\/\1>/gi, ' ')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return text === '' ? {} : { message: text };
}

/** The options of an error that passes a provider's word on. */
export function optionsOf({ code, status }: ProviderWord, clean: Redact): BackendErrorOptions {
  const isCode = code !== undefined && /^[\w.:/-]{1,64}$/.test(code) && clean(code) === code;
  return { ...(isCode && { code }), ...(status !== undefined && { status }) };
}

/** A provider's message, fit to be shown. Redacted before it is cut: a cut key would not be recognised. */
export function quote(message: string | undefined, clean: Redact): string {
  if (message === undefined) return '';
  const text = clean(message);
  return `: ${text.length > MAX_MESSAGE ? `${text.slice(0, MAX_MESSAGE)}…` : text}`;
}

/** An error of the socket or of undici. Only texts are taken over: the original may hold on to headers and sockets. */
export function socketError(error: unknown, label: string, clean: Redact): BackendError {
  const { code, name, message, stack } = recordOf(isError(error) ? ownTexts(error) : {});
  const cause = new Error(clean(textOf(message) ?? textOf(code) ?? 'unknown'));
  cause.name = textOf(name) ?? 'Error';
  if (typeof stack === 'string') cause.stack = clean(stack);
  const known = textOf(code);
  return new BackendError(`${label} could not be reached or broke off (${known ?? cause.name}): ${cause.message}`, {
    ...(known !== undefined && { code: known }),
    cause,
  });
}

/** With several addresses tried, undici reports an `AggregateError`, whose message is empty: its first error has one. */
function ownTexts(error: Error): Record<string, unknown> {
  const first =
    'errors' in error && Array.isArray(error.errors) && error.message === ''
      ? (error.errors[0] as Error | undefined)
      : undefined;
  const { code } = error as { code?: unknown };
  return {
    code: code ?? (first as { code?: unknown } | undefined)?.code,
    name: error.name,
    message: first?.message ?? error.message,
    stack: error.stack,
  };
}

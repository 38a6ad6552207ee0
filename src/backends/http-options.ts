import type { Dispatcher } from 'undici';
import { z } from 'zod';

const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
/** These belong to the connection, and undici refuses to be given them. */
const CONNECTION_HEADERS = ['connection', 'content-length', 'expect', 'keep-alive', 'transfer-encoding', 'upgrade'];

const isBaseUrl = (value: string): boolean => {
  if (!URL.canParse(value)) return false;
  const { protocol, username, password, hash } = new URL(value);
  return (protocol === 'http:' || protocol === 'https:') && username === '' && password === '' && hash === '';
};

/** The options that every provider over HTTP takes. */
export const httpOptions = {
  model: z.string().min(1).describe("the model's name at the provider"),
  headers: z
    .record(
      z.string().refine((name) => HEADER_NAME.test(name) && !CONNECTION_HEADERS.includes(name.toLowerCase())),
      z.string().regex(HEADER_VALUE),
    )
    .describe(`an object of header names and values in one line of Latin-1; none of ${CONNECTION_HEADERS.join(', ')}`)
    .optional(),
  dispatcher: z
    .custom<Dispatcher>((value) => typeof (value as Dispatcher | null)?.dispatch === 'function')
    .describe('an undici Dispatcher')
    .optional(),
  connectTimeoutMs: z.number().positive().describe('milliseconds above 0').default(5_000),
} as const;

/** An option that holds a URL to which paths are appended. */
export const baseUrlOption = z
  .string()
  .refine(isBaseUrl)
  .describe('an http or https URL without credentials (put those into headers)');

/** A header's value that is one word. */
export const headerText = z.string().regex(/^[\x21-\x7e]+$/);

export const apiKeyOption = headerText
  .describe('a string of visible ASCII characters, without spaces or line breaks')
  .optional();

/** Header names in lower case, a later source overriding an earlier one; undefined values are left out. */
export function mergeHeaders(
  ...sources: readonly (Readonly<Record<string, string | undefined>> | undefined)[]
): Record<string, string> {
  const merged: Record<string, string> = {};
  for (const source of sources) {
    for (const [name, value] of Object.entries(source ?? {})) {
      if (value !== undefined) merged[name.toLowerCase()] = value;
    }
  }
  return merged;
}

import { CACHE_MODES, type CacheMode } from './cache/mode.ts';
import { InvalidRequestError } from './errors.ts';
import type { GenerateOptions, GenerationOptions } from './generate-options.ts';
import { nearest } from './nearest.ts';
import { PRIORITY_CLASSES, type PriorityClass } from './queue/priority.ts';
import {
  MAX_RETRIES,
  ON_STREAM_FAILURE,
  type OnStreamFailure,
  WHEN_UNAVAILABLE,
  type WhenUnavailable,
} from './routing/slip.ts';
import { STRATEGIES, type Strategy } from './routing/strategy.ts';

// What a request may say, field by field, and how what is wrong with it is told.

interface Field {
  readonly accepts: string;
  readonly test: (value: unknown) => boolean;
  /** Its value is the caller's content: an error names its type only. */
  readonly isContent?: true;
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
export const isText = (value: unknown): value is string => typeof value === 'string';
const isWhole = (from: number) => (value: unknown) => Number.isSafeInteger(value) && (value as number) >= from;
const isDuration = (value: unknown) => typeof value === 'number' && Number.isFinite(value) && value > 0;

export const CONTENT_FIELDS: Readonly<Record<keyof GenerationOptions, Field>> = {
  temperature: {
    accepts: 'a number from 0 to 2',
    test: (value) => typeof value === 'number' && value >= 0 && value <= 2,
  },
  maxTokens: { accepts: 'an integer of 1 or more', test: isWhole(1) },
  stop: {
    accepts: 'a string or an array of strings',
    test: (value) => isText(value) || (Array.isArray(value) && value.every(isText)),
    isContent: true,
  },
  seed: { accepts: 'an integer', test: Number.isSafeInteger },
  tools: {
    accepts: 'an array of { name, description?, parameters? }',
    test: (value) => Array.isArray(value) && value.every((tool) => isObject(tool) && isText(tool['name'])),
    isContent: true,
  },
  toolChoice: {
    accepts: "'auto', 'none', 'required' or { name }",
    test: (value) =>
      value === 'auto' || value === 'none' || value === 'required' || (isObject(value) && isText(value['name'])),
    isContent: true,
  },
  responseFormat: {
    accepts: "'text', 'json' or { name, schema }",
    test: (value) =>
      value === 'text' || value === 'json' || (isObject(value) && isText(value['name']) && isObject(value['schema'])),
    isContent: true,
  },
  metadata: { accepts: 'an object', test: isObject, isContent: true },
  providerOptions: { accepts: 'an object', test: isObject, isContent: true },
};

const HANDLING_FIELDS: Readonly<Record<Exclude<keyof GenerateOptions, keyof GenerationOptions>, Field>> = {
  priority: {
    accepts: PRIORITY_CLASSES.join(', '),
    test: (value) => PRIORITY_CLASSES.includes(value as PriorityClass),
  },
  model: { accepts: "the name of a model or a rule, or 'auto'", test: isText },
  fallback: { accepts: 'true or false', test: (value) => typeof value === 'boolean' },
  strategy: { accepts: STRATEGIES.join(', '), test: (value) => STRATEGIES.includes(value as Strategy) },
  whenUnavailable: {
    accepts: WHEN_UNAVAILABLE.join(', '),
    test: (value) => WHEN_UNAVAILABLE.includes(value as WhenUnavailable),
  },
  maxRetries: {
    accepts: `an integer of 0 to ${MAX_RETRIES}`,
    test: (value) => isWhole(0)(value) && (value as number) <= MAX_RETRIES,
  },
  onStreamFailure: {
    accepts: ON_STREAM_FAILURE.join(', '),
    test: (value) => ON_STREAM_FAILURE.includes(value as OnStreamFailure),
  },
  system: { accepts: 'a string', test: isText, isContent: true },
  timeoutMs: { accepts: 'milliseconds above 0', test: isDuration },
  totalTimeoutMs: { accepts: 'milliseconds above 0', test: isDuration },
  signal: { accepts: 'an AbortSignal', test: (value) => value instanceof AbortSignal },
  tenant: { accepts: 'a string', test: isText },
  cache: { accepts: CACHE_MODES.join(', '), test: (value) => CACHE_MODES.includes(value as CacheMode) },
  cacheScope: { accepts: 'a string', test: isText },
  replyTo: { accepts: 'an actor ref', test: (value) => isObject(value) && typeof value['send'] === 'function' },
};

export const OPTION_FIELDS: Readonly<Record<string, Field>> = { ...CONTENT_FIELDS, ...HANDLING_FIELDS };
export const CHAT_FIELDS: Readonly<Record<string, Field>> = {
  ...CONTENT_FIELDS,
  messages: {
    accepts: 'a non-empty array of messages',
    test: (value) => Array.isArray(value) && value.length > 0,
    isContent: true,
  },
};

/** @throws {InvalidRequestError} */
export function checkFields(given: object, fields: Readonly<Record<string, Field>>): void {
  for (const key in given) {
    const value = given[key as keyof typeof given] as unknown;
    const field = Object.hasOwn(fields, key) ? fields[key] : undefined;
    if (field === undefined) {
      const near = nearest(key, Object.keys(fields));
      throw new InvalidRequestError(
        key,
        `${key}: no such option${near === undefined ? '' : `; did you mean ${near}?`} Accepted: ${Object.keys(fields).join(', ')}`,
      );
    }
    if (value !== undefined && !field.test(value)) throw invalid(key, value, field.accepts, field.isContent === true);
  }
}

export function invalid(field: string, given: unknown, accepts: string, isContent = false): InvalidRequestError {
  return new InvalidRequestError(
    field,
    `${field}: given ${isContent ? typeName(given) : show(given)}; accepted: ${accepts}`,
  );
}

const typeName = (value: unknown): string => {
  if (value === '') return 'an empty string';
  return Array.isArray(value) ? `an array of ${value.length}` : value === null ? 'null' : typeof value;
};

/** A value for an error message: short, and never an object's content. */
export function show(value: unknown): string {
  if (isText(value)) return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : typeName(value);
}

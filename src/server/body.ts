import type { z } from 'zod';
import { ConfigurationError, InvalidRequestError } from '../errors.ts';
import { parseOptions } from '../options.ts';

const LONGEST_KEY = 60;

/** A request's body as its schema has it. @throws {InvalidRequestError} */
export function readBody<Schema extends z.ZodObject>(schema: Schema, body: unknown): z.output<Schema> {
  try {
    return parseOptions(schema, bounded(schema, body), 'body');
  } catch (error) {
    throw error instanceof ConfigurationError ? new InvalidRequestError(error.option, error.message) : error;
  }
}

/** Of the unknown fields the first, cut: a megabyte of them must not become as many messages and comparisons. */
function bounded({ shape }: z.ZodObject, body: unknown): unknown {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return body;
  const fields = Object.entries(body);
  const known = fields.filter(([key]) => Object.hasOwn(shape, key));
  const unknown = fields.find(([key]) => !Object.hasOwn(shape, key));
  return Object.fromEntries(unknown === undefined ? known : [...known, [unknown[0].slice(0, LONGEST_KEY), null]]);
}

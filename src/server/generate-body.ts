import { z } from 'zod';
import { ConfigurationError, InvalidRequestError } from '../errors.ts';
import { parseOptions } from '../options.ts';
import { PRIORITY_CLASSES, type PriorityClass } from '../queue/priority.ts';
import type { GenerateOptions } from '../request.ts';

const schema = z.strictObject({
  prompt: z.string().min(1).describe('a string that is not empty'),
  priority: z
    .string()
    .toLowerCase()
    .pipe(z.enum(PRIORITY_CLASSES as [PriorityClass, ...PriorityClass[]]))
    .describe(PRIORITY_CLASSES.join(', '))
    .optional(),
  model: z.string().min(1).max(100).describe("the name of a model or a rule, or 'auto'").optional(),
  temperature: z.number().min(0).max(2).describe('a number from 0 to 2').optional(),
  max_tokens: z.int().min(1).describe('an integer of 1 or more').optional(),
  system: z.string().describe('a string').optional(),
  timeout_ms: z.number().positive().describe('milliseconds above 0').optional(),
  stream: z.boolean().describe('true or false').optional(),
});

const LONGEST_KEY = 60;

/** The body of `POST /generate` as the router takes it. @throws {InvalidRequestError} */
export function readGenerateBody(body: unknown): {
  readonly prompt: string;
  readonly stream: boolean;
  readonly options: GenerateOptions;
} {
  const { prompt, stream = false, max_tokens, timeout_ms, ...options } = parse(bounded(body));
  return { prompt, stream, options: { ...options, maxTokens: max_tokens, timeoutMs: timeout_ms } };
}

function parse(body: unknown): z.output<typeof schema> {
  try {
    return parseOptions(schema, body, 'body');
  } catch (error) {
    throw error instanceof ConfigurationError ? new InvalidRequestError(error.option, error.message) : error;
  }
}

/** Of the unknown fields the first, cut: a megabyte of them must not become as many messages and comparisons. */
function bounded(body: unknown): unknown {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return body;
  const fields = Object.entries(body);
  const known = fields.filter(([key]) => Object.hasOwn(schema.shape, key));
  const unknown = fields.find(([key]) => !Object.hasOwn(schema.shape, key));
  return Object.fromEntries(unknown === undefined ? known : [...known, [unknown[0].slice(0, LONGEST_KEY), null]]);
}

import { z } from 'zod';
import { CACHE_MODES, type CacheMode } from '../cache/mode.ts';
import type { GenerateOptions } from '../generate-options.ts';
import { PRIORITY_CLASSES, type PriorityClass } from '../queue/priority.ts';
import { readBody } from './body.ts';

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
  cache: z
    .enum(CACHE_MODES as [CacheMode, ...CacheMode[]])
    .describe(CACHE_MODES.join(', '))
    .optional(),
  cache_scope: z.string().min(1).max(200).describe('a string of 1 to 200 characters').optional(),
  stream: z.boolean().describe('true or false').optional(),
});

/** The body of `POST /generate` as the router takes it. @throws {InvalidRequestError} */
export function readGenerateBody(body: unknown): {
  readonly prompt: string;
  readonly stream: boolean;
  readonly options: GenerateOptions;
} {
  const { prompt, stream = false, max_tokens, timeout_ms, cache_scope, ...options } = readBody(schema, body);
  return {
    prompt,
    stream,
    options: { ...options, maxTokens: max_tokens, timeoutMs: timeout_ms, cacheScope: cache_scope },
  };
}

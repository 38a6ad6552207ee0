import type { z } from 'zod';
import { ConfigurationError } from './errors.ts';
import { nearest } from './nearest.ts';

/**
 * Checks options against a schema whose fields say in their description what they accept.
 * @param where prefixes the option in the message, for example `addModel('gpu-fast')`
 * @throws {ConfigurationError} naming the option, what was given and what is accepted
 */
export function parseOptions<Schema extends z.ZodType>(schema: Schema, value: unknown, where: string): z.output<Schema> {
  const result = schema.safeParse(value, { reportInput: true });
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  throw new ConfigurationError(where, `${where}: ${issue.message}`);
}
export const nearestOption = nearest;

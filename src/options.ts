import { z } from 'zod';
import { ConfigurationError } from './errors.ts';
import { nearest } from './nearest.ts';

// What several options accept.
export const wholeFrom = (from: number) => z.int().min(from).describe(`an integer of ${from} or more`);
export const wholeBetween = (from: number, to: number) =>
  z
    .int()
    .min(from)
    .max(to)
    .describe(`an integer of ${from} to ${to.toLocaleString('en-US')}`);
export const milliseconds = z.number().min(0).describe('milliseconds, 0 or more');
export const positiveMilliseconds = z.number().positive().describe('milliseconds above 0');

/**
 * Checks options against a schema whose fields say in their description what they accept.
 * @param where prefixes the option in the message, for example `addModel('gpu-fast')`
 * @returns the options with the schema's defaults filled in
 * @throws {ConfigurationError} naming the option, what was given (never a key's value) and what is accepted; with
 * several mistakes the message has them all and `option` the first
 */
export function parseOptions<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  where: string,
): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const mistakes = result.error.issues.flatMap((issue) => mistakesOf(issue, schema, value));
  // One value can break several checks, which all say the same.
  const messages = new Set(mistakes.map(({ path, text }) => `${[where, ...path].join('.')}: ${text}`));
  throw new ConfigurationError(mistakes[0]!.path.join('.') || 'options', [...messages].join('; '));
}

interface Mistake {
  readonly path: readonly string[];
  readonly text: string;
}

function mistakesOf(issue: z.core.$ZodIssue, schema: z.ZodType, value: unknown): Mistake[] {
  const path = issue.path.map(String);
  const field = fieldAt(schema, path);
  if (issue.code === 'unrecognized_keys') {
    const known = Object.keys(field.shape ?? {});
    return issue.keys.map((key) => {
      const near = nearest(key, known);
      const hint = near === undefined ? '' : ` did you mean ${near}?`;
      return { path: [...path, key], text: `no such option;${hint} accepted: ${known.join(', ') || 'none'}` };
    });
  }
  const accepted = field.description ?? (field.shape === undefined ? issue.message : 'an object');
  return [{ path, text: `given ${showGiven(valueAt(value, path), path)}; accepted: ${accepted}` }];
}

interface Field {
  readonly description?: string;
  readonly shape?: Readonly<Record<string, unknown>>;
}

/** What is accepted at a path: the description nearest to it, and the keys when it is an object with known ones. */
function fieldAt(schema: z.ZodType, path: readonly string[]): Field {
  let current: Definition | undefined = schema as unknown as Definition;
  let description: string | undefined;
  for (const key of [...path, null]) {
    while (current?.def.innerType !== undefined) {
      description = current.description ?? description;
      current = current.def.innerType;
    }
    description = current?.description ?? description;
    if (key === null || current === undefined) continue;
    const { shape, element, valueType }: Definition['def'] = current.def;
    const own: Definition | undefined = shape === undefined ? undefined : shape[key];
    // An option without a description of its own must not borrow that of the object around it.
    if (own !== undefined) description = undefined;
    current = own ?? element ?? valueType;
  }
  const shape = current?.def.shape;
  return { ...(description !== undefined && { description }), ...(shape !== undefined && { shape }) };
}

/** The part of zod's definitions that leads from an option to its own schema. */
interface Definition {
  readonly description?: string | undefined;
  readonly def: {
    readonly innerType?: Definition;
    readonly shape?: Readonly<Record<string, Definition>>;
    readonly element?: Definition;
    readonly valueType?: Definition;
  };
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  let current = value;
  for (const key of path) current = (current as Record<string, unknown> | null | undefined)?.[key];
  return current;
}

const SECRET = /key|secret|token|password|credential|authorization|headers/i;
const LONGEST = 60;

/** A value for a message: short, never an object's content, and of a secret its kind only. */
function showGiven(value: unknown, path: readonly string[]): string {
  switch (typeof value) {
    case 'undefined':
      return 'nothing';
    case 'string': {
      if (path.some((key) => SECRET.test(key))) return value === '' ? 'an empty string' : 'a string';
      const shown = value.replace(/\/\/[^/?#]*@/, '//[redacted]@').replace(/\?.*/s, '?…');
      return JSON.stringify(shown.length > LONGEST ? `${shown.slice(0, LONGEST)}…` : shown);
    }
    case 'number':
    case 'boolean':
      return String(value);
    case 'bigint':
      return `${value}n`;
    case 'object':
      return value === null ? 'null' : Array.isArray(value) ? `an array of ${value.length}` : 'an object';
    default:
      return `a ${typeof value}`;
  }
}

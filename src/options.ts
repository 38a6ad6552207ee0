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
  const mistakes = mistakesOf(result.error.issues, schema, value);
  // One value can break several checks, which all say the same.
  const messages = new Set(mistakes.map(({ path, text }) => `${[where, ...path].join('.')}: ${text}`));
  throw new ConfigurationError(mistakes[0]!.path.join('.') || 'options', [...messages].join('; '));
}

type Issue = z.core.$ZodIssue;

/** One option that is wrong, and how. */
export interface OptionMistake {
  readonly path: readonly (string | number)[];
  readonly text: string;
}

/** What a schema has against a value, in words. @param shown holds at each place what a message may show of it */
export function mistakesOf(issues: readonly Issue[], schema: z.ZodType, shown: unknown): readonly OptionMistake[] {
  return innermost(issues, schema).flatMap((issue): OptionMistake[] => {
    const path = issue.path as (string | number)[];
    const field = fieldAt(schema, path.map(String));
    if (issue.code === 'unrecognized_keys') {
      const known = Object.keys(field.shape ?? {});
      return issue.keys.map((key) => {
        const near = nearest(key.slice(0, LONGEST), known);
        const hint = near === undefined ? '' : ` did you mean ${near}?`;
        return { path: [...path, key], text: `no such option;${hint} accepted: ${known.join(', ') || 'none'}` };
      });
    }
    const near = nearestOf(issue, valueAt(shown, path));
    const accepted = field.description ?? (field.shape === undefined ? issue.message : 'an object');
    const given = `given ${showGiven(valueAt(shown, path), path.map(String), issue)}`;
    return [{ path, text: `${given};${near === undefined ? '' : ` did you mean ${near}?`} accepted: ${accepted}` }];
  });
}

/** Of several words, the one that was most likely meant. */
const nearestOf = (issue: Issue, given: unknown): string | undefined =>
  typeof given === 'string' ? nearest(given.slice(0, LONGEST), wordsOf(issue)) : undefined;

/** What is accepted in this very place, of each form. */
function wordsOf(issue: Issue): readonly string[] {
  if (issue.code === 'invalid_value') return issue.values.filter((word) => typeof word === 'string');
  if (issue.code !== 'invalid_union') return [];
  return issue.errors.flat().flatMap((inner) => (inner.path.length === 0 ? wordsOf(inner) : []));
}

/**
 * Where several forms are accepted, none of which a description speaks for, what is wrong is wrong with the only form
 * that the value has begun to have.
 */
export function innermost(issues: readonly Issue[], schema: z.ZodType): readonly Issue[] {
  return issues.flatMap((issue) => {
    if (issue.code !== 'invalid_union' || !fieldAt(schema, issue.path.map(String)).isOpen) return [issue];
    const begun = issue.errors.filter((branch) =>
      branch.every(({ path, code }) => path.length > 0 || code === 'unrecognized_keys'),
    );
    if (begun.length !== 1) return [issue];
    const inner = begun[0]!.map((one) => ({ ...one, path: [...issue.path, ...one.path] }));
    return innermost(inner, schema);
  });
}

interface Field {
  readonly description?: string;
  readonly shape?: Readonly<Record<string, unknown>>;
  /** Several forms, each with a description of its own. */
  readonly isOpen: boolean;
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
    const { shape, element, valueType }: Definition['def'] = (current.def.options?.find(isNested) ?? current).def;
    const own: Definition | undefined = shape === undefined ? undefined : shape[key];
    // An option without a description of its own must not borrow that of the object around it.
    if (own !== undefined) description = undefined;
    current = own ?? element ?? valueType;
  }
  const isOpen = current?.def.options !== undefined && description === undefined;
  if (isOpen) description = current!.def.options!.map((form) => form.description).join(' or ');
  const { shape } = (current?.def.options?.find(isNested) ?? current)?.def ?? {};
  return { isOpen, ...(description !== undefined && { description }), ...(shape !== undefined && { shape }) };
}

/** The part of zod's definitions that leads from an option to its own schema. */
interface Definition {
  readonly description?: string | undefined;
  readonly def: {
    readonly innerType?: Definition;
    readonly options?: readonly Definition[];
    readonly shape?: Readonly<Record<string, Definition>>;
    readonly element?: Definition;
    readonly valueType?: Definition;
  };
}

/** Of several forms, the one with options inside. */
const isNested = ({ def }: Definition): boolean => def.shape !== undefined;

function valueAt(value: unknown, path: readonly (string | number)[]): unknown {
  let current = value;
  for (const key of path) current = (current as Record<string, unknown> | null | undefined)?.[key];
  return current;
}

/** Names of options whose texts are nobody else's to read. */
export const SECRET_NAME = /key|secret|token|password|credential|authorization|headers/i;
/**
 * Begins as keys do, by itself or behind a colon or an equals sign, or holds a long run of letters and digits: what may
 * be a key in a wrong place is not shown.
 */
export const isSecretLike = (text: string): boolean =>
  /(?:^|[:=]) *(?:(?:sk|pk|rk|gsk|ghp|xai|xox\w)[-_]|(?:Bearer|Basic) )|AKIA/i.test(text) ||
  (text.match(/[A-Za-z0-9_]{20,}/g) ?? []).some((run) => /\d/.test(run) && /[A-Za-z]/.test(run));
const LONGEST = 60;

/** Short enough for a message. */
export const cut = (text: string): string => (text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text);

/** In quotes, without a letter that a terminal obeys, or that begins a line. */
export const inQuotes = (text: string): string =>
  JSON.stringify(text).replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (letter) =>
    letter
      .split('')
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join(''),
  );

/** A name, or nothing of it where it may be a key. */
export const withoutKey = (name: string): string => (isSecretLike(name) ? '[redacted]' : name);

/** A name for a message: in quotes, cut, and nothing of what may be a key. */
export const quoted = (name: string): string => inQuotes(cut(withoutKey(name)));

const MOST_LISTED = 20;

/** Names for a message, the first of many; null: there is none. */
export function listed(names: readonly string[]): string | null {
  if (names.length === 0) return null;
  const words = names.slice(0, MOST_LISTED).map((name) => (/^[\w.:/-]{1,60}$/.test(name) ? name : inQuotes(cut(name))));
  return [...words, ...(names.length > MOST_LISTED ? [`… and ${names.length - MOST_LISTED} more`] : [])].join(', ');
}

/** A value for a message: short, never an object's content, and of a secret its kind only. */
function showGiven(value: unknown, path: readonly string[], issue: Issue): string {
  const isSecret = path.some((key) => SECRET_NAME.test(key));
  switch (typeof value) {
    case 'undefined':
      return 'nothing';
    case 'string': {
      if (isSecret) return value === '' ? 'an empty string' : 'a string';
      const shown = value.replace(/\/\/[^/?#]*@/, '//[redacted]@').replace(/\?.*/s, '?…');
      return isSecretLike(shown) ? 'a string' : inQuotes(cut(shown));
    }
    case 'number':
      return isSecret && !wantsNumber(issue) ? 'a number' : String(value);
    case 'bigint':
      return isSecret ? 'a bigint' : `${value}n`;
    case 'boolean':
      return String(value);
    case 'object':
      return value === null ? 'null' : Array.isArray(value) ? `an array of ${value.length}` : 'an object';
    default:
      return `a ${typeof value}`;
  }
}

/** Where a number is accepted none is a key, although `maxTokens` and the like are called as if. */
const wantsNumber = (issue: Issue): boolean =>
  issue.code === 'invalid_type'
    ? ['number', 'int'].includes(issue.expected)
    : issue.code === 'too_small' || issue.code === 'too_big';

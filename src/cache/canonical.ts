/** Deeper than any request that means something, and shallow enough for the stack. */
const MAX_DEPTH = 100;

/**
 * A value as one text: the same for values that say the same as JSON (keys in any order, undefined like an absent key),
 * another for any others. No text is the beginning of another value's, so several may follow each other. null for what
 * JSON does not carry: a Map, a date, a bigint, something that holds itself or is nested deeper than 100.
 */
export const canonicalOf = (value: unknown): string | null => canonicalAt(value, 0);

function canonicalAt(value: unknown, depth: number): string | null {
  switch (typeof value) {
    case 'string':
      return stringOf(value);
    case 'number':
      return `${value};`;
    case 'boolean':
      return value ? 't' : 'f';
    case 'undefined':
      return 'u';
    case 'object':
      return value === null ? 'n' : nestedAt(value, depth);
    default:
      return null;
  }
}

function nestedAt(value: object, depth: number): string | null {
  if (depth === MAX_DEPTH) return null;
  return Array.isArray(value) ? listAt(value, depth + 1) : recordAt(value, depth + 1);
}

function listAt(list: readonly unknown[], depth: number): string | null {
  let text = '[';
  for (const item of list) {
    const part = canonicalAt(item, depth);
    if (part === null) return null;
    text += part;
  }
  return `${text}]`;
}

function recordAt(record: object, depth: number): string | null {
  const prototype = Object.getPrototypeOf(record);
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) return null;
  let text = '{';
  for (const key of Object.keys(record).sort()) {
    const item = record[key as keyof typeof record] as unknown;
    if (item === undefined) continue;
    const part = canonicalAt(item, depth);
    if (part === null) return null;
    text += stringOf(key) + part;
  }
  return `${text}}`;
}

/** With its length before it, so that nothing in it can be taken for what follows. */
const stringOf = (text: string): string => `"${text.length}:${text}`;

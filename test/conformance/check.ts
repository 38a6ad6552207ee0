import { isDeepStrictEqual } from 'node:util';

/** A row does not hold; the message says in words what was seen. */
export class Unmet extends Error {}

/** Every assertion of the rows, so that a peer's failure reads as a sentence in the comparison. */
export function check(what: string, actual: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(actual, expected)) {
    throw new Unmet(`${what}: expected ${show(expected)}, saw ${show(actual)}`);
  }
}

const show = (value: unknown): string =>
  value instanceof Error ? value.name : typeof value === 'string' ? value : JSON.stringify(value);

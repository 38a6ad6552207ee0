import { inspect } from 'node:util';
import { expect } from 'vitest';

/** Everything that a logger, a tracer or a console could make of a value. */
export function everythingPrinted(value: unknown): string {
  const texts: string[] = [];
  const seen = new Set<unknown>();
  for (let error: unknown = value; typeof error === 'object' && error !== null && !seen.has(error); ) {
    seen.add(error);
    const { message, stack, cause, ...fields } = error as Error & Record<string, unknown>;
    texts.push(String(message), String(stack), JSON.stringify(fields), JSON.stringify(error));
    error = cause;
  }
  texts.push(inspect(value, { depth: Number.POSITIVE_INFINITY, showHidden: true, getters: true }), String(value));
  return texts.join('\n');
}

export function expectNoSecret(value: unknown, secrets: readonly string[]): void {
  const printed = everythingPrinted(value);
  for (const secret of secrets) expect(printed.includes(secret), `'${secret.slice(0, 3)}…' is printed`).toBe(false);
}

/** What a promise rejects with. @throws when it resolves */
export async function rejectionOf(promise: PromiseLike<unknown>): Promise<unknown> {
  let value: unknown;
  try {
    value = await promise;
  } catch (error) {
    return error;
  }
  throw new Error(`expected a rejection, got ${inspect(value)}`);
}

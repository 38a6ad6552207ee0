import { inspect } from 'node:util';
import { expect } from 'vitest';
import { everythingPrinted } from '../../src/verify/testing/printed.ts';

export { everythingPrinted };

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

import { inspect } from 'node:util';

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

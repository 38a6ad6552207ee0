import { inspect } from 'node:util';
import { isError } from '../../is-error.ts';
import type { Trace } from '../../routing/trace.ts';

/** How a request ended, as far as its trace tells. */
export interface Traced {
  readonly trace: Trace;
  /** The model that answered; null: none had to, or none did. */
  readonly servedBy: string | null;
  /** How the cache answered; null: it did not. */
  readonly cacheKind: 'exact' | 'semantic' | null;
}

/** @param value an answer, an error with a trace, or a trace. @throws {TypeError} naming what was given instead */
export function tracedOf(value: unknown): Traced {
  const trace = isObject(value) && 'trace' in value ? value['trace'] : value;
  if (!isTrace(trace))
    throw new TypeError(`expected an answer, an error with a trace, or a trace; given ${given(value)}`);
  const { cache, candidates } = trace;
  const cacheKind = cache?.status === 'hit' ? cache.kind : null;
  if (cacheKind !== null) return { trace, servedBy: null, cacheKind };
  const served = candidates.find(({ verdict }) => verdict === 'served')?.model;
  // Who shares the call of an identical request has asked no model; only the answer says which one it was.
  const shared = isObject(value) && typeof value['modelUsed'] === 'string' ? value['modelUsed'] : null;
  return { trace, servedBy: served ?? shared, cacheKind };
}

/** `served by 'cloud'`, `not served`, … */
export function servedWords({ servedBy, cacheKind }: Traced): string {
  if (cacheKind !== null) return `served by the cache (${cacheKind})`;
  return servedBy === null ? 'not served' : `served by '${servedBy}'`;
}

/** Says what a value is without printing what it holds: an answer is its caller's. */
export function given(value: unknown): string {
  if (isError(value)) return `the ${value.name} '${value.message}'`;
  if (typeof value === 'string') return 'a string';
  if (!isObject(value)) return inspect(value);
  if (typeof value['then'] === 'function') return 'a promise; await it first';
  return `an object of the class ${value.constructor?.name ?? 'null'}`;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

const isTrace = (value: unknown): value is Trace =>
  isObject(value) && typeof value['requestId'] === 'string' && Array.isArray(value['candidates']);

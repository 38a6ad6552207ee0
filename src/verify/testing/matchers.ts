import { inspect } from 'node:util';
import { BREAKER_STATES, type BreakerState } from '../../breaker/state.ts';
import { ERROR_CODES, type ErrorCode, LLMRouterError } from '../../errors.ts';
import type { ModelStatus } from '../../status.ts';
import { traceWords } from './trace-words.ts';
import { given, servedWords, tracedOf } from './traced.ts';

/**
 * What `policyMatchers` adds to `expect`, for its types. `R`: what a matcher returns there.
 *
 * @example
 * // vitest
 * declare module 'vitest' {
 *   interface Matchers<T = any> extends PolicyMatchers<T> {}
 * }
 * // jest, with @types/jest; with @jest/globals it is `declare module 'expect'`
 * declare global {
 *   namespace jest { interface Matchers<R> extends PolicyMatchers<R> {} }
 * }
 */
export interface PolicyMatchers<R = unknown> {
  /** Of an answer: this model gave it. With `.rejects`, of an error: nobody did, so that only `.not` can hold. */
  toBeServedBy(model: string): R;
  /** Of a router: the breaker of this model is in this state now. */
  toHaveBreaker(model: string, state: BreakerState): R;
  /** Of an error: its `code`. */
  toFailWith(code: ErrorCode): R;
}

/** What `expect.extend` takes a matcher's word in. */
export interface MatcherResult {
  readonly pass: boolean;
  /** Says why it failed, or with `.not`, why it should have. */
  readonly message: () => string;
  readonly expected?: unknown;
  readonly actual?: unknown;
}

/**
 * Matchers for `expect.extend`, of vitest and jest alike. What cannot be judged at all, such as a promise that was not
 * awaited, a breaker of a model that does not exist or a misspelt code, throws a `TypeError`, so that `.not` does not take
 * it for a success.
 *
 * @example
 * expect.extend(policyMatchers);
 * await expect(router.generate('hi')).resolves.toBeServedBy('cloud');
 * await expect(router.generate('hi')).rejects.toFailWith('queue_full');
 * expect(router).toHaveBreaker('local', 'open');
 */
export const policyMatchers = {
  toBeServedBy(received: unknown, model: string): MatcherResult {
    const traced = tracedOf(received);
    const pass = traced.servedBy === model;
    const wanted = `expected the request ${pass ? 'not ' : ''}to be served by '${model}'`;
    const message = () => `${wanted}, but it was ${servedWords(traced)}\n${traceWords(traced.trace)}`;
    return { pass, message, expected: model, actual: traced.servedBy };
  },

  toHaveBreaker(received: unknown, model: string, state: BreakerState): MatcherResult {
    assertOneOf(state, BREAKER_STATES, 'toHaveBreaker()');
    const { circuitBreaker } = statusIn(received, model);
    const actual = circuitBreaker.state;
    const pass = actual === state;
    const detail = actual === 'closed' ? ` (failures counted: ${circuitBreaker.failureCount})` : '';
    const wanted = `expected the breaker of '${model}' ${pass ? 'not ' : ''}to be ${state}`;
    return { pass, message: () => `${wanted}, but it is ${actual}${detail}`, expected: state, actual };
  },

  toFailWith(received: unknown, code: ErrorCode): MatcherResult {
    assertOneOf(code, ERROR_CODES, 'toFailWith()');
    if (!(received instanceof LLMRouterError)) {
      throw new TypeError(`expected an error of the router; given ${given(received)}`);
    }
    const pass = received.code === code;
    const trace = received.trace === undefined ? '' : `\n${traceWords(received.trace)}`;
    const wanted = `expected the request ${pass ? 'not ' : ''}to fail with ${code}`;
    const message = () => `${wanted}, but it failed with ${received.code}: ${received.message}${trace}`;
    return { pass, message, expected: code, actual: received.code };
  },
};

/** With a misspelt word `.not` would always hold. */
function assertOneOf(word: string, words: readonly string[], where: string): void {
  if (!words.includes(word)) throw new TypeError(`${where}: given ${inspect(word)}; accepted: ${words.join(', ')}`);
}

/** What the matchers ask of a router. */
interface WithStatus {
  getModelStatus(): Readonly<Record<string, ModelStatus>>;
}

const isRouter = (value: unknown): value is WithStatus =>
  typeof (value as Partial<WithStatus> | null | undefined)?.getModelStatus === 'function';

function statusIn(received: unknown, model: string): ModelStatus {
  if (!isRouter(received)) throw new TypeError(`expected a router; given ${given(received)}`);
  const models = received.getModelStatus();
  if (Object.hasOwn(models, model)) return models[model]!;
  const names = Object.keys(models);
  const known = names.length === 0 ? 'it has no models' : `its models are ${names.join(', ')}`;
  throw new TypeError(`expected a model of the router; given '${model}', but ${known}`);
}

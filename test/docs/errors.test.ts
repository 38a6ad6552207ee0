import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import {
  ConfigurationError,
  DeadlineError,
  type ErrorCode,
  InvalidRequestError,
  LLMRouterError,
  NoModelAvailableError,
  ProviderFailedError,
  ProviderRejectedError,
  RouterStoppedError,
  SnapshotError,
  StreamInterruptedError,
  UnknownModelError,
} from '../../src/errors.ts';

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

const PROVIDERS_STATUS = 422;
/** One error of each code, made as the library makes it. */
const ERRORS: Record<ErrorCode, LLMRouterError> = {
  configuration_invalid: new ConfigurationError('option', ''),
  request_invalid: new InvalidRequestError('field', ''),
  model_unknown: new UnknownModelError(''),
  provider_rejected: new ProviderRejectedError('', { status: PROVIDERS_STATUS }),
  provider_failed: new ProviderFailedError('', {}),
  stream_interrupted: new StreamInterruptedError('', { partialText: '' }),
  rate_limited: new NoModelAvailableError('rate_limited', '', {}),
  queue_full: new NoModelAvailableError('queue_full', '', {}),
  no_model_available: new NoModelAvailableError('no_model_available', '', {}),
  deadline_exceeded: new DeadlineError('deadline_exceeded', ''),
  deadline_unreachable: new DeadlineError('deadline_unreachable', ''),
  router_stopped: new RouterStoppedError(''),
  snapshot_invalid: new SnapshotError('version', ''),
  cache_miss: new LLMRouterError('cache_miss', 404, ''),
};

/** The rows of the page: code, class, HTTP status, when, what to do. */
const ROWS = read('docs/reference/errors.md')
  .split('\n')
  .filter((line) => /^\| `\w+` \|/.test(line))
  .map((line) => line.split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll('`', '')))
  .map(([, code, name, status, when, advice]) => ({ code, name, status, when, advice }));

it('lists every error code of the library once, and no other, in its reference', () => {
  const union = /export type ErrorCode =([^;]+);/.exec(read('src/errors.ts'))![1]!;
  const codes = [...union.matchAll(/'(\w+)'/g)].map((match) => match[1]).sort();
  expect(codes.length).toBeGreaterThan(10);
  expect(ROWS.map(({ code }) => code).sort()).toEqual(codes);
  expect(Object.keys(ERRORS).sort()).toEqual(codes);
});

it.each(
  Object.entries(ERRORS),
)('tells the class and the HTTP status of %s, when it comes and what to do', (code, error) => {
  const row = ROWS.find((candidate) => candidate.code === code)!;
  expect(error.code).toBe(code);
  expect(row.name).toBe(error.name);
  expect(row.status).toBe(error.status === PROVIDERS_STATUS ? "the provider's 4xx" : String(error.status));
  expect(row.when).not.toBe('');
  expect(row.advice).not.toBe('');
});

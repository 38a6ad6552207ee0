import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import {
  CacheMissError,
  ConfigurationError,
  DeadlineError,
  ERROR_CODES,
  type ErrorCode,
  InvalidRequestError,
  type LLMRouterError,
  NoModelAvailableError,
  ProviderFailedError,
  ProviderRejectedError,
  RouterStoppedError,
  SnapshotError,
  StreamInterruptedError,
  UnknownModelError,
} from '../../src/errors.ts';
import { SILENCE_CODES } from '../../src/retry/classify.ts';
import type { SkipReason } from '../../src/routing/slip.ts';
import { unservedCode } from '../../src/routing/unserved.ts';

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

/** What the page says under a heading; without one, what it begins with. */
function part(heading: string): string {
  const [introduction, ...parts] = read('docs/reference/errors.md').split(/^## /m);
  return heading === '' ? introduction! : parts.find((text) => text.startsWith(`${heading}\n`))!;
}

/** The first column of the tables under a heading. */
const firstColumn = (heading: string): string[] =>
  [...part(heading).matchAll(/^\| `(\w+)` \|/gm)].map((match) => match[1]!);

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
  cache_miss: new CacheMissError(''),
};

/** The rows of the page: code, class, HTTP status, when, what to do. */
const ROWS = part('')
  .split('\n')
  .filter((line) => /^\| `\w+` \|/.test(line))
  .map((line) => line.split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll('`', '')))
  .map(([, code, name, status, when, advice]) => ({ code, name, status, when, advice }));

it('lists every error code of the library once, and no other, in its reference', () => {
  const codes = ERROR_CODES.toSorted();
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

it('lists every reason of the code once, and the codes that the router itself gives a call', () => {
  const union = /export type SkipReason =([^;]+);/.exec(read('src/routing/slip.ts'))![1]!;
  const reasons = [...union.matchAll(/'(\w+)'/g)].map((match) => match[1]!);
  expect(reasons.length).toBeGreaterThan(10);
  expect(firstColumn('Reasons').sort()).toEqual([...reasons, ...SILENCE_CODES].sort());
});

it('lists every field of the errors', () => {
  const classes = read('src/errors.ts')
    .split(/^export class /m)
    .slice(1)
    .filter((text) => !text.startsWith('BackendError'));
  const fields = classes.flatMap((text) => [...text.split('constructor(')[0]!.matchAll(/readonly (\w+)\??[ :]/g)]);
  const own = new Set(fields.map((match) => match[1]!).filter((field) => field !== 'name'));
  expect(own.size).toBeGreaterThan(8);
  // From Error itself.
  expect(firstColumn('Fields').sort()).toEqual([...own, 'message', 'cause'].sort());
});

it('tells the order of the codes as they are decided', () => {
  const failed = { model: 'm', startedAt: 0, ms: 1, waitedMs: 0, outcome: 'failure' } as const;
  const limited = { ...failed, outcome: 'rate_limited' } as const;
  const skips = (...reasons: SkipReason[]) => reasons.map((reason) => ({ model: reason, reason, waitedMs: 0 }));
  const all = skips('queue_full', 'rate_limited', 'deadline_unreachable', 'circuit_open');
  const decided = [
    unservedCode({ attempts: [failed, limited], skipped: all }),
    unservedCode({ attempts: [limited], skipped: all }),
    unservedCode({ attempts: [], skipped: all }),
    unservedCode({ attempts: [], skipped: skips('rate_limited', 'rate_limited') }),
    unservedCode({ attempts: [], skipped: all.slice(1) }),
    unservedCode({ attempts: [], skipped: skips('rate_limited', 'circuit_open') }),
  ];
  const told = [...part('Which code, when several would do').matchAll(/^\d\. .*: `(\w+)`$/gm)].map((match) => match[1]);
  expect(told).toEqual(decided);
});

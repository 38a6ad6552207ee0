import { describe } from 'vitest';
import type { BreakerOptions } from '../../../../src/breaker/options.ts';
import type { Policy } from '../../../../src/verify/policy.ts';
import {
  breakerOf,
  cancel,
  come,
  failing,
  holds,
  ignore,
  inOrder,
  limit,
  models,
  pass,
  RECOVERY_MS,
  type Row,
  refuse,
  succeed,
  times,
  waitingOf,
} from './scenario.ts';

const rounds = (policy: Partial<BreakerOptions>): Policy =>
  inOrder('a', { breaker: breakerOf({ maxOpenMs: 4 * RECOVERY_MS, ...policy }) });

/** Opens, recovers, fails its probe. */
const twiceOpened = [come(), failing('r1', 'a'), pass(RECOVERY_MS), come(), failing('r2', 'a')];

const breaker: readonly Row[] = [
  [
    'so many failures in a row open it',
    inOrder('ab', { breaker: breakerOf({ failureThreshold: 2 }) }),
    [come(), failing('r1', 'a'), come(), failing('r2', 'a')],
    models({
      a: { breaker: 'open', failures: 0 },
      b: { breaker: 'closed', running: ['r1'], ...waitingOf({ normal: 1 }) },
    }),
  ],
  [
    'a success between them starts the count again',
    inOrder('a', { breaker: breakerOf({ failureThreshold: 2 }) }),
    [come(), failing('r1', 'a'), come(), succeed('r2', 'a'), come(), failing('r3', 'a')],
    models({ a: { breaker: 'closed', failures: 1 } }),
  ],
  [
    'a refused key counts as a failure',
    inOrder('a'),
    [come(), refuse('r1', 'a')],
    { settled: { r1: 'failed:provider_failed' }, models: { a: { breaker: 'open' } } },
  ],
  [
    "the caller's own fault counts nothing",
    inOrder('ab'),
    [come(), ignore('r1', 'a')],
    {
      settled: { r1: 'failed:provider_rejected' },
      models: { a: { breaker: 'closed', failures: 0 }, b: { running: [] } },
    },
  ],
  [
    'those that wait go on when it opens',
    inOrder('ab'),
    [come(), come(), failing('r1', 'a')],
    models({ a: { breaker: 'open', ...waitingOf({}) }, b: { running: ['r1'], ...waitingOf({ normal: 1 }) } }),
  ],
  [
    'calls that run go on when it opens',
    inOrder('a', { maxConcurrency: 2 }),
    [come(), come(), failing('r1', 'a'), succeed('r2', 'a')],
    { settled: { r2: 'served:a' }, models: { a: { breaker: 'open' } } },
  ],
  [
    'after its time it is half-open',
    inOrder('a'),
    [come(), failing('r1', 'a'), pass(RECOVERY_MS)],
    models({ a: { breaker: 'half_open' } }),
  ],
  [
    'a moment before it is still open',
    inOrder('a'),
    [come(), failing('r1', 'a'), pass(RECOVERY_MS - 1)],
    models({ a: { breaker: 'open' } }),
  ],
  [
    'half-open it takes one probe; others go on',
    inOrder('ab', { maxConcurrency: 2 }),
    [come(), failing('r1', 'a'), pass(RECOVERY_MS), come(), come()],
    models({ a: { breaker: 'half_open', running: ['r2'] }, b: { running: ['r1', 'r3'] } }),
  ],
  [
    'two probes run at once where two are allowed',
    inOrder('a', { maxConcurrency: 2, breaker: breakerOf({ halfOpenMaxProbes: 2 }) }),
    [come(), failing('r1', 'a'), pass(RECOVERY_MS), come(), come()],
    models({ a: { running: ['r2', 'r3'] } }),
  ],
  [
    'a probe needs a free slot',
    inOrder('ab', { maxConcurrency: 2, maxQueueDepth: 3, breaker: breakerOf({ halfOpenMaxProbes: 2 }) }),
    [come(), come(), failing('r1', 'a'), pass(RECOVERY_MS), come(), come()],
    models({ a: { running: ['r2', 'r3'] }, b: { running: ['r1', 'r4'] } }),
  ],
  [
    'the successes it asks for close it',
    inOrder('a', { breaker: breakerOf({ successThreshold: 2 }) }),
    [come(), failing('r1', 'a'), pass(RECOVERY_MS), come(), succeed('r2', 'a'), come(), succeed('r3', 'a')],
    models({ a: { breaker: 'closed' } }),
  ],
  [
    'one success of two leaves it half-open',
    inOrder('a', { breaker: breakerOf({ successThreshold: 2 }) }),
    [come(), failing('r1', 'a'), pass(RECOVERY_MS), come(), succeed('r2', 'a')],
    models({ a: { breaker: 'half_open' } }),
  ],
  ['a failed probe opens it again', inOrder('a'), twiceOpened, models({ a: { breaker: 'open' } })],
  [
    'an ignored probe gives its permit back',
    inOrder('a'),
    [come(), failing('r1', 'a'), pass(RECOVERY_MS), come(), ignore('r2', 'a'), come()],
    models({ a: { breaker: 'half_open', running: ['r3'] } }),
  ],
  [
    'a cancelled probe gives its permit back',
    inOrder('a'),
    [come(), failing('r1', 'a'), pass(RECOVERY_MS), come(), cancel('r2'), come()],
    { settled: { r2: 'cancelled' }, models: { a: { breaker: 'half_open', running: ['r3'] } } },
  ],
  [
    'a probe limited by its provider leaves it half-open',
    inOrder('a'),
    [come(), failing('r1', 'a'), pass(RECOVERY_MS), come(), limit('r2', 'a')],
    models({ a: { breaker: 'half_open', isLimited: true } }),
  ],
  [
    'a silent probe fails at the end of its lease',
    inOrder('a', { breaker: breakerOf({ probeTimeoutMs: 500 }) }),
    [come(), failing('r1', 'a'), pass(RECOVERY_MS), come(), pass(500)],
    { settled: { r2: 'failed:provider_failed' }, models: { a: { breaker: 'open', running: [] } } },
  ],
  [
    'a stale failure moves no breaker, but its request goes on',
    inOrder('ab', { maxConcurrency: 2 }),
    [come(), come(), failing('r1', 'a'), pass(RECOVERY_MS), failing('r2', 'a')],
    models({ a: { breaker: 'half_open' }, b: { running: ['r1', 'r2'] } }),
  ],
  [
    'a stale success does not close it',
    inOrder('ab', { maxConcurrency: 2 }),
    [come(), come(), failing('r1', 'a'), pass(RECOVERY_MS), succeed('r2', 'a')],
    { settled: { r2: 'served:a' }, models: { a: { breaker: 'half_open' } } },
  ],
  [
    'the open time doubles',
    rounds({}),
    [...twiceOpened, pass(2 * RECOVERY_MS - 1)],
    models({ a: { breaker: 'open' } }),
  ],
  [
    'the doubled time ends',
    rounds({}),
    [...twiceOpened, pass(2 * RECOVERY_MS)],
    models({ a: { breaker: 'half_open' } }),
  ],
  [
    'no more than maxOpenMs',
    rounds({ maxOpenMs: RECOVERY_MS + 1 }),
    [...twiceOpened, pass(RECOVERY_MS + 1)],
    models({ a: { breaker: 'half_open' } }),
  ],
  [
    'openings are forgotten with time spent closed',
    rounds({}),
    [
      come(),
      failing('r1', 'a'),
      pass(RECOVERY_MS),
      come(),
      succeed('r2', 'a'),
      pass(RECOVERY_MS),
      come(),
      failing('r3', 'a'),
      pass(RECOVERY_MS),
    ],
    models({ a: { breaker: 'half_open' } }),
  ],
  [
    'openings are not forgotten before',
    rounds({}),
    [
      come(),
      failing('r1', 'a'),
      pass(RECOVERY_MS),
      come(),
      succeed('r2', 'a'),
      pass(RECOVERY_MS - 1),
      come(),
      failing('r3', 'a'),
      pass(RECOVERY_MS),
    ],
    models({ a: { breaker: 'open' } }),
  ],
  [
    "a provider's longer hint is kept to exactly",
    inOrder('a'),
    [come(), failing('r1', 'a', 30_000), pass(29_999)],
    models({ a: { breaker: 'open' } }),
  ],
  [
    'a hint is cut at maxHintMs',
    inOrder('a', { breaker: breakerOf({ maxHintMs: 20_000 }) }),
    [come(), failing('r1', 'a', 30_000), pass(20_000)],
    models({ a: { breaker: 'half_open' } }),
  ],
  [
    'after closing, one call runs at once and each success admits one more',
    inOrder('a', { maxConcurrency: 3, maxQueueDepth: 9 }),
    [
      come(),
      failing('r1', 'a'),
      pass(RECOVERY_MS),
      come(),
      succeed('r2', 'a'),
      ...times(4, come()),
      succeed('r3', 'a'),
    ],
    models({ a: { running: ['r4', 'r5'], ...waitingOf({ normal: 1 }) } }),
  ],
  [
    'in observation it never opens, and counts anew',
    inOrder('a', { breaker: breakerOf({ observe: true }) }),
    [come(), failing('r1', 'a')],
    models({ a: { breaker: 'closed', failures: 0 } }),
  ],
];

describe('the breaker', () => holds(breaker));

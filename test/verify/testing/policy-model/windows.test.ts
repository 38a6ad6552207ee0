import { describe } from 'vitest';
import type { BreakerOptions } from '../../../../src/breaker/options.ts';
import { breakerOf, come, failing, holds, inOrder, models, pass, type Row, succeed, times } from './scenario.ts';

const thriceBroken = (strategy: Partial<BreakerOptions>) =>
  inOrder('a', { breaker: breakerOf(strategy), maxConcurrency: 9, maxQueueDepth: 9 });

const COUNT = { policy: 'count', windowSize: 4, minimumCalls: 4, failureRate: 0.5 } as const;

const TIME = { policy: 'time', windowMs: 1_000, minimumCalls: 2, failureRate: 0.5 } as const;

const three = times(3, come());

const windows: readonly Row[] = [
  [
    'a rate opens it, though the last call succeeded',
    thriceBroken(COUNT),
    [...times(4, come()), failing('r1', 'a'), succeed('r2', 'a'), failing('r3', 'a'), succeed('r4', 'a')],
    models({ a: { breaker: 'open' } }),
  ],
  [
    'with fewer than the minimum it stays closed',
    thriceBroken(COUNT),
    [...three, failing('r1', 'a'), failing('r2', 'a'), failing('r3', 'a')],
    models({ a: { breaker: 'closed', failures: 3 } }),
  ],
  [
    'the oldest result slides out of a count',
    thriceBroken({ ...COUNT, failureRate: 0.75 }),
    [
      ...times(5, come()),
      failing('r1', 'a'),
      succeed('r2', 'a'),
      succeed('r3', 'a'),
      failing('r4', 'a'),
      failing('r5', 'a'),
    ],
    models({ a: { breaker: 'closed', failures: 2 } }),
  ],
  [
    'failures within the time open it',
    thriceBroken(TIME),
    [...three, failing('r1', 'a'), pass(900), failing('r2', 'a')],
    models({ a: { breaker: 'open' } }),
  ],
  [
    'failures before the window are forgotten',
    thriceBroken(TIME),
    [...three, failing('r1', 'a'), pass(1_000), failing('r2', 'a')],
    models({ a: { breaker: 'closed', failures: 1 } }),
  ],
  [
    'the failures seen fade with time alone',
    thriceBroken(TIME),
    [...three, failing('r1', 'a'), pass(1_000)],
    models({ a: { failures: 0 } }),
  ],
  [
    'slow successes open it',
    thriceBroken({ ...TIME, slowCallMs: 100 }),
    [...three, pass(101), succeed('r1', 'a'), succeed('r2', 'a')],
    models({ a: { breaker: 'open' } }),
  ],
  [
    'calls that take just the limit are not slow',
    thriceBroken({ ...TIME, slowCallMs: 100 }),
    [...three, pass(100), succeed('r1', 'a'), succeed('r2', 'a')],
    models({ a: { breaker: 'closed' } }),
  ],
];

describe('windows', () => holds(windows));

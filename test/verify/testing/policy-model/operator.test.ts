import { describe } from 'vitest';
import type { Policy, PolicyModel, PolicyRule } from '../../../../src/verify/policy.ts';
import {
  come,
  failing,
  holds,
  inOrder,
  limit,
  modelOf,
  models,
  pass,
  policyOf,
  RECOVERY_MS,
  type Row,
  refuse,
  ruleOf,
  STURDY,
  say,
  succeed,
  times,
  WAITS,
  WIDE,
  waitingOf,
} from './scenario.ts';

const three = times(3, come());

const operators: readonly Row[] = [
  [
    'paused, those that wait stay',
    inOrder('a'),
    [come(), come(), say('pause', 'a'), succeed('r1', 'a')],
    models({ a: { running: [], ...waitingOf({ normal: 1 }) } }),
  ],
  [
    'draining, those that wait and run finish',
    inOrder('ab'),
    [come(), come(), say('drain', 'a'), come(), succeed('r1', 'a')],
    models({ a: { control: 'draining', running: ['r2'] }, b: { running: ['r3'] } }),
  ],
  [
    'drained when nothing is left',
    inOrder('a'),
    [come(), say('drain', 'a'), succeed('r1', 'a')],
    models({ a: { control: 'drained' } }),
  ],
  [
    'forced open, those that wait go on, and no time ends it',
    inOrder('ab'),
    [come(), come(), say('breaker.force_open', 'a'), pass(10 * RECOVERY_MS - 60_001)],
    models({ a: { breaker: 'forced_open' }, b: { running: ['r2'] } }),
  ],
  [
    'forced open, those that wait go on together, ahead of whom they displace',
    inOrder('abc', { maxQueueDepth: 3 }),
    [...[come(), come(), come('critical')], ...[come('low'), come(), come('low')], say('breaker.force_open', 'a')],
    models({ b: waitingOf({ critical: 1, normal: 1 }), c: { running: ['r2'], ...waitingOf({ low: 1 }) } }),
  ],
  [
    'drained, who goes on and parks is not asked again with those that were parked',
    inOrder('abcd', STURDY, { ...WAITS, maxRetries: 3 }),
    [
      ...[say('pause', 'a'), say('drain', 'b'), come(), limit('r1', 'c'), refuse('r1', 'd'), pass(1_000)],
      ...[failing('r1', 'c'), say('drain', 'c')],
    ],
    { parked: 1, settled: {} },
  ],
  [
    'forced closed, failures judge nothing',
    inOrder('a'),
    [say('breaker.force_closed', 'a'), come(), failing('r1', 'a')],
    models({ a: { breaker: 'forced_closed', failures: 0 } }),
  ],
  [
    'a reset closes it',
    inOrder('a'),
    [come(), failing('r1', 'a'), say('breaker.reset', 'a')],
    models({ a: { breaker: 'closed' } }),
  ],
  [
    'a model without a breaker is forced closed, and is so again after a reset',
    inOrder('a', { breaker: null }),
    [say('breaker.force_open', 'a'), say('breaker.reset', 'a')],
    models({ a: { breaker: 'forced_closed' } }),
  ],
  [
    'results from before a reset are stale',
    inOrder('a', STURDY),
    [come(), say('breaker.reset', 'a'), failing('r1', 'a')],
    models({ a: { failures: 0 } }),
  ],
];

const priced = (inputPerMillion: number, outputPerMillion: number) => ({
  pricing: { inputPerMillion, outputPerMillion },
});

const dealt = (strategy: PolicyRule['strategy'], a: Partial<PolicyModel> = {}, b: Partial<PolicyModel> = {}): Policy =>
  policyOf([modelOf('a', a), modelOf('b', b)], [ruleOf(['a', 'b'], { strategy })]);

const strategies: readonly Row[] = [
  [
    'round-robin deals them out in turn',
    dealt('round-robin'),
    three,
    models({ a: { running: ['r1'], ...waitingOf({ normal: 1 }) }, b: { running: ['r2'] } }),
  ],
  [
    'round-robin keeps its turn when nobody takes the request',
    dealt('round-robin'),
    [say('pause', 'a'), say('pause', 'b'), come(), say('resume', 'a'), say('resume', 'b'), come()],
    models({ a: { running: ['r2'] } }),
  ],
  [
    'least-busy looks at the share of its slots',
    dealt('least-busy', WIDE, { maxQueueDepth: 9 }),
    times(4, come()),
    models({ a: { running: ['r1', 'r3', 'r4'] }, b: { running: ['r2'] } }),
  ],
  [
    'cost takes the cheapest answer',
    dealt('cost', priced(0, 2), priced(100, 1)),
    [come()],
    models({ b: { running: ['r1'] } }),
  ],
  [
    'cost takes models without a price last',
    dealt('cost', {}, priced(9, 9)),
    [come()],
    models({ b: { running: ['r1'] } }),
  ],
  [
    'a drawn order is taken as it is given',
    dealt('weighted'),
    [come('normal', ['b', 'a'])],
    models({ b: { running: ['r1'] } }),
  ],
];

describe('operators', () => holds(operators));
describe('strategies', () => holds(strategies));

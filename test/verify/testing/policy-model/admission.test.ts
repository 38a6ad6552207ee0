import { describe } from 'vitest';
import {
  cancel,
  come,
  FAR_MS,
  holds,
  inOrder,
  limit,
  modelOf,
  models,
  pass,
  policyOf,
  type Row,
  ruleOf,
  say,
  succeed,
  times,
  WAITS,
  waitingOf,
} from './scenario.ts';

const admission: readonly Row[] = [
  ['the first target runs it', inOrder('ab'), [come()], models({ a: { running: ['r1'] }, b: { running: [] } })],
  [
    'a second one waits behind the only slot',
    inOrder('ab'),
    times(2, come()),
    models({ a: { running: ['r1'], ...waitingOf({ normal: 1 }) } }),
  ],
  ['one that finds no place goes on', inOrder('ab'), times(3, come()), models({ b: { running: ['r3'] } })],
  [
    'one that finds no place anywhere fails so',
    inOrder('a'),
    times(3, come()),
    { settled: { r3: 'failed:queue_full' } },
  ],
  [
    'fallbacks come after every target',
    policyOf([modelOf('a', { maxQueueDepth: 1 }), modelOf('b')], [ruleOf(['b'], { fallback: ['a'] })]),
    times(3, come()),
    models({ a: { running: ['r3'] }, b: { running: ['r1'] } }),
  ],
  [
    'without a matching rule every model is asked in order of registration',
    policyOf([modelOf('a'), modelOf('b')], [ruleOf(['b'], { match: { priority: 'low' } })]),
    [come('high'), come('low')],
    models({ a: { running: ['r1'] }, b: { running: ['r2'] } }),
  ],
  [
    'the first rule that matches is taken',
    policyOf(
      [modelOf('a'), modelOf('b')],
      [ruleOf(['b'], { name: 'x', match: { priority: ['low', 'high'] } }), ruleOf(['a'])],
    ),
    [come('high'), come('normal')],
    models({ a: { running: ['r2'] }, b: { running: ['r1'] } }),
  ],
  [
    'a place freed goes to the head of the queue',
    inOrder('a'),
    [come(), come(), succeed('r1', 'a')],
    { settled: { r1: 'served:a' }, models: { a: { running: ['r2'], ...waitingOf({}) } } },
  ],
  [
    'a paused model takes no newcomer',
    inOrder('ab'),
    [say('pause', 'a'), come()],
    models({ a: { control: 'paused', running: [] }, b: { running: ['r1'] } }),
  ],
  [
    'nothing tried: no model was available',
    inOrder('ab'),
    [say('pause', 'a'), say('breaker.force_open', 'b'), come()],
    { settled: { r1: 'failed:no_model_available' } },
  ],
];

const order: readonly Row[] = [
  [
    'the higher class is served first',
    inOrder('a', { maxQueueDepth: 3 }),
    [come(), come('low'), come('critical'), succeed('r1', 'a')],
    models({ a: { running: ['r3'], ...waitingOf({ low: 1 }) } }),
  ],
  [
    'a lower class that has waited longer than the boosts differ is served first',
    inOrder('a', { maxQueueDepth: 3, attemptTimeoutMs: FAR_MS }),
    [come(), come('low'), pass(5_001), come('normal'), succeed('r1', 'a')],
    models({ a: { running: ['r2'] } }),
  ],
  [
    'with equal keys the earlier arrival is served first',
    inOrder('a', { maxQueueDepth: 3, attemptTimeoutMs: FAR_MS }),
    [come(), come('low'), pass(5_000), come('normal'), succeed('r1', 'a')],
    models({ a: { running: ['r2'] } }),
  ],
  [
    'the one to be served last gives its place to a higher class, and moves on',
    inOrder('ab', {}, {}),
    [come(), come('low'), come('high')],
    models({ a: { running: ['r1'], ...waitingOf({ high: 1 }) }, b: { running: ['r2'] } }),
  ],
  [
    'what has aged past the newcomer is not displaced',
    inOrder('ab', { attemptTimeoutMs: FAR_MS }),
    [come(), come('low'), pass(5_000), come('normal')],
    models({ a: { ...waitingOf({ low: 1 }) }, b: { running: ['r3'] } }),
  ],
  [
    'an equal class is not displaced',
    inOrder('a'),
    [come(), come('high'), come('high')],
    { settled: { r3: 'failed:queue_full' } },
  ],
  [
    'a higher class is not displaced, whatever is served first',
    inOrder('ab', {}, {}, { boosts: { critical: 0, high: 0, normal: 9_000, low: 0 } }),
    [come(), come('high'), come()],
    models({ a: waitingOf({ high: 1 }), b: { running: ['r3'] } }),
  ],
  [
    'what runs is not displaced',
    inOrder('a', { maxQueueDepth: 1 }),
    [come('low'), come('critical')],
    { settled: { r2: 'failed:queue_full' } },
  ],
  [
    'the displaced one fails with queue_full and never parks',
    inOrder('ab', {}, WAITS),
    [say('breaker.force_open', 'b'), come(), come('low'), come('high')],
    { settled: { r2: 'failed:queue_full' }, parked: 0 },
  ],
  [
    'the displaced one waits out no limit',
    inOrder('ab'),
    [
      say('pause', 'a'),
      come(),
      limit('r1', 'b', 50_000),
      cancel('r1'),
      say('resume', 'a'),
      come(),
      come('low'),
      come('high'),
    ],
    { settled: { r3: 'failed:queue_full' } },
  ],
  [
    'the displaced one does not park later either',
    inOrder('ab', {}, WAITS),
    [say('pause', 'a'), come(), say('resume', 'a'), come(), come('low'), come('high'), say('breaker.force_open', 'b')],
    { settled: { r3: 'failed:queue_full' }, parked: 0 },
  ],
  [
    'displacements go on along the candidates',
    inOrder('abc'),
    [come(), come('normal'), come(), come('low'), come('critical')],
    models({ a: waitingOf({ critical: 1 }), b: waitingOf({ normal: 1 }), c: { running: ['r4'] } }),
  ],
];

describe('admission', () => holds(admission));
describe('order and displacement', () => holds(order));

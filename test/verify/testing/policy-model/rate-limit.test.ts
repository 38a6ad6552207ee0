import { describe } from 'vitest';
import {
  come,
  failing,
  holds,
  inOrder,
  limit,
  models,
  pass,
  type Row,
  STURDY,
  succeed,
  times,
  WIDE,
  waitingOf,
} from './scenario.ts';

const LIMITED = { a: { isLimited: true } };

const three = times(3, come());

const limits: readonly Row[] = [
  [
    'a 429 counts no failure, and the request goes on',
    inOrder('ab'),
    [come(), limit('r1', 'a')],
    models({ a: { breaker: 'closed', failures: 0, isLimited: true }, b: { running: ['r1'] } }),
  ],
  [
    'newcomers skip a limited model',
    inOrder('ab'),
    [come(), limit('r1', 'a'), succeed('r1', 'b'), come()],
    models({ a: { running: [] }, b: { running: ['r2'] } }),
  ],
  [
    'with no candidate left it waits there again',
    inOrder('a'),
    [come(), limit('r1', 'a')],
    models({ a: { running: [], ...waitingOf({ normal: 1 }) } }),
  ],
  [
    'the limit ends after a second, and it runs',
    inOrder('a'),
    [come(), limit('r1', 'a'), pass(1_000)],
    models({ a: { isLimited: false, running: ['r1'] } }),
  ],
  ['a hint is kept to exactly', inOrder('a'), [come(), limit('r1', 'a', 2_500), pass(2_499)], models(LIMITED)],
  [
    'the next 429 in a row limits for twice as long',
    inOrder('a'),
    [come(), limit('r1', 'a'), pass(1_000), limit('r1', 'a'), pass(1_999)],
    models(LIMITED),
  ],
  [
    'a success between them begins anew',
    inOrder('a', WIDE),
    [come(), limit('r1', 'a'), pass(1_000), succeed('r1', 'a'), come(), limit('r2', 'a'), pass(1_000)],
    models({ a: { isLimited: false } }),
  ],
  [
    '429s of calls that ran when the limit began are not in a row',
    inOrder('a', WIDE),
    [...three, limit('r1', 'a'), limit('r2', 'a'), limit('r3', 'a'), pass(1_000)],
    models({ a: { isLimited: false } }),
  ],
  [
    'such a call can raise the limit by its hint',
    inOrder('a', WIDE),
    [...three, limit('r1', 'a'), limit('r2', 'a', 5_000), pass(4_999)],
    models(LIMITED),
  ],
  [
    'those that wait and have another candidate go on to it, behind the one that met it',
    inOrder('ab'),
    [come(), come(), limit('r1', 'a')],
    models({ a: waitingOf({}), b: { running: ['r1'], ...waitingOf({ normal: 1 }) } }),
  ],
  [
    'they go on in serving order',
    inOrder('ab', { maxConcurrency: 1, maxQueueDepth: 3 }),
    [come(), come('low'), come('critical'), limit('r1', 'a'), succeed('r1', 'b')],
    models({ a: waitingOf({}), b: { running: ['r3'], ...waitingOf({ low: 1 }) } }),
  ],
  [
    'those that have no other stay when it ends before their deadline',
    inOrder('a', {}, { timeoutMs: 4_000 }),
    [come(), come(), limit('r1', 'a', 3_999)],
    models({ a: waitingOf({ normal: 2 }) }),
  ],
  [
    'and give up when it does not',
    inOrder('a', {}, { timeoutMs: 4_000 }),
    [come(), come(), limit('r1', 'a', 4_000)],
    { settled: { r1: 'failed:rate_limited', r2: 'failed:rate_limited' } },
  ],
  [
    'who backs off and has another candidate goes on too',
    inOrder('ab', { ...STURDY, maxConcurrency: 2 }, { maxRetries: 1 }),
    [come(), come(), failing('r1', 'a'), limit('r2', 'a')],
    models({ a: { backingOff: 0 }, b: { running: ['r1', 'r2'] } }),
  ],
  [
    'calls that run go on',
    inOrder('a', { maxConcurrency: 2 }),
    [come(), come(), limit('r1', 'a'), succeed('r2', 'a')],
    { settled: { r2: 'served:a' } },
  ],
  [
    'such a call cannot shorten it',
    inOrder('a', WIDE),
    [...three, limit('r1', 'a', 5_000), limit('r2', 'a', 1_000), pass(4_999)],
    models(LIMITED),
  ],
  [
    'without a hint such a call leaves it as it is',
    inOrder('a', WIDE),
    [...three, limit('r1', 'a'), pass(500), limit('r2', 'a'), pass(500)],
    models({ a: { isLimited: false } }),
  ],
  [
    'after a limit few calls run at once',
    inOrder('a', WIDE),
    [...three, limit('r1', 'a'), limit('r2', 'a'), limit('r3', 'a'), pass(1_000)],
    models({ a: { running: ['r1'], ...waitingOf({ normal: 2 }) } }),
  ],
  [
    'a newcomer that only limits keep away waits one out',
    inOrder('ab', { maxQueueDepth: 3 }),
    [come(), limit('r1', 'a'), limit('r1', 'b'), come()],
    models({ a: waitingOf({ normal: 2 }) }),
  ],
  [
    'a limit that outlasts its time fails it',
    inOrder('a', {}, { timeoutMs: 500 }),
    [come(), limit('r1', 'a')],
    { settled: { r1: 'failed:rate_limited' } },
  ],
  [
    'six attempts are the most',
    inOrder('a', {}),
    [come(), limit('r1', 'a', 1), ...[1, 2, 3, 4, 5].flatMap(() => [pass(1), limit('r1', 'a', 1)])],
    { settled: { r1: 'failed:rate_limited' } },
  ],
];

describe('rate limits', () => holds(limits));

import { describe } from 'vitest';
import {
  breakerOf,
  come,
  failing,
  holds,
  inOrder,
  limit,
  models,
  pass,
  type Row,
  refuse,
  STURDY,
  say,
  times,
} from './scenario.ts';

const RETRIES = { maxRetries: 2 };

const retries: readonly Row[] = [
  [
    'a passing failure is tried again there, at its place',
    inOrder('ab', STURDY, RETRIES),
    [come(), failing('r1', 'a')],
    models({ a: { backingOff: 1, running: [] }, b: { running: [] } }),
  ],
  [
    'it runs again when its back-off is over',
    inOrder('ab', STURDY, RETRIES),
    [come(), failing('r1', 'a'), pass(0)],
    models({ a: { backingOff: 0, running: ['r1'] } }),
  ],
  [
    'who backs off counts in the depth',
    inOrder('a', STURDY, RETRIES),
    [come(), failing('r1', 'a'), come(), come()],
    { settled: { r3: 'failed:queue_full' }, models: { a: { running: ['r2'], backingOff: 1 } } },
  ],
  [
    'after its retries it goes on',
    inOrder('ab', STURDY, RETRIES),
    [come(), failing('r1', 'a'), pass(0), failing('r1', 'a'), pass(0), failing('r1', 'a')],
    models({ a: { backingOff: 0, failures: 3 }, b: { running: ['r1'] } }),
  ],
  [
    'a lasting failure is not tried again',
    inOrder('ab', STURDY, RETRIES),
    [come(), refuse('r1', 'a')],
    models({ b: { running: ['r1'] } }),
  ],
  [
    'a silent model is left',
    inOrder('ab', STURDY, RETRIES),
    [come(), pass(60_000)],
    models({ a: { failures: 1, backingOff: 0 }, b: { running: ['r1'] } }),
  ],
  [
    'a streamed call is silent after its first-token time',
    inOrder('ab', { ...STURDY, isStreamed: true }),
    [come(), pass(20_000)],
    models({ b: { running: ['r1'] } }),
  ],
  [
    'its hint is waited out exactly',
    inOrder('ab', STURDY, RETRIES),
    [come(), failing('r1', 'a', 700), pass(699)],
    models({ a: { backingOff: 1 } }),
  ],
  [
    'a hint beyond the longest back-off moves it on',
    inOrder('ab', STURDY, RETRIES),
    [come(), failing('r1', 'a', 8_001)],
    models({ b: { running: ['r1'] } }),
  ],
  [
    'without another candidate it waits even so long',
    inOrder('a', STURDY, RETRIES),
    [come(), failing('r1', 'a', 8_001)],
    models({ a: { backingOff: 1 } }),
  ],
  [
    'when the model opens meanwhile it goes on',
    inOrder('ab', { maxConcurrency: 2, breaker: breakerOf({ failureThreshold: 2 }) }, { maxRetries: 1 }),
    [come(), come(), failing('r1', 'a'), failing('r2', 'a')],
    models({ a: { breaker: 'open', backingOff: 0 }, b: { running: ['r1', 'r2'] } }),
  ],
  [
    'when the model is paused meanwhile it goes on',
    inOrder('ab', STURDY, RETRIES),
    [come(), failing('r1', 'a'), say('pause', 'a')],
    models({ a: { backingOff: 0 }, b: { running: ['r1'] } }),
  ],
  [
    'when the model is drained meanwhile it goes on',
    inOrder('ab', STURDY, RETRIES),
    [come(), failing('r1', 'a'), say('drain', 'a')],
    models({ a: { control: 'drained', backingOff: 0 }, b: { running: ['r1'] } }),
  ],
  [
    'a limited model tries nothing again',
    inOrder('ab', { ...STURDY, maxConcurrency: 2, maxQueueDepth: 9 }, RETRIES),
    [come(), come(), limit('r1', 'a'), failing('r2', 'a')],
    models({ a: { backingOff: 0 }, b: { running: ['r1', 'r2'] } }),
  ],
  [
    'three retries at once are the most of a small model',
    inOrder('ab', { ...STURDY, maxConcurrency: 4, maxQueueDepth: 9 }, RETRIES),
    [...times(4, come()), failing('r1', 'a'), failing('r2', 'a'), failing('r3', 'a'), failing('r4', 'a')],
    models({ a: { backingOff: 3 }, b: { running: ['r4'] } }),
  ],
  [
    'six attempts on all candidates are the most',
    inOrder('abc', STURDY, { maxRetries: 3 }),
    [
      come(),
      ...['a', 'a', 'a'].flatMap((m) => [failing('r1', m), pass(0)]),
      failing('r1', 'a'),
      failing('r1', 'b'),
      pass(0),
      failing('r1', 'b'),
    ],
    { settled: { r1: 'failed:provider_failed' } },
  ],
];

describe('retries', () => holds(retries));

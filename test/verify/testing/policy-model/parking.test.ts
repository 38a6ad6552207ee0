import { describe } from 'vitest';
import {
  cancel,
  come,
  failing,
  holds,
  ignore,
  inOrder,
  limit,
  pass,
  RECOVERY_MS,
  type Row,
  refuse,
  STURDY,
  say,
  succeed,
  times,
  WAITS,
  waitingOf,
} from './scenario.ts';

const RETRIES = { maxRetries: 2 };

/** It opens; the request that saw to it is over, as an attempt was made. */
const broken = [come(), failing('r1', 'a')];

const parking: readonly Row[] = [
  [
    'with every candidate open it parks where its rule says wait',
    inOrder('a', {}, WAITS),
    [...broken, come()],
    { parked: 1, settled: { r1: 'failed:provider_failed' } },
  ],
  [
    'half-open takes as many as it has permits',
    inOrder('a', {}, WAITS),
    [...broken, come(), come(), pass(RECOVERY_MS)],
    { parked: 1, models: { a: { breaker: 'half_open', running: ['r2'] } } },
  ],
  [
    'the others go in when it closes',
    inOrder('a', {}, WAITS),
    [...broken, ...times(3, come()), pass(RECOVERY_MS), succeed('r2', 'a')],
    { parked: 0, models: { a: { breaker: 'closed', running: ['r3'], ...waitingOf({ normal: 1 }) } } },
  ],
  [
    'those that find no place stay parked until there is one',
    inOrder('a', {}, WAITS),
    [...broken, ...times(5, come()), pass(RECOVERY_MS), succeed('r2', 'a'), succeed('r3', 'a')],
    { parked: 1, models: { a: { running: ['r4'], ...waitingOf({ normal: 1 }) } } },
  ],
  [
    'a freed permit wakes the next',
    inOrder('a', {}, WAITS),
    [...broken, come(), come(), pass(RECOVERY_MS), ignore('r2', 'a')],
    { parked: 0, models: { a: { breaker: 'half_open', running: ['r3'] } } },
  ],
  [
    'a resume wakes them',
    inOrder('a', {}, WAITS),
    [say('pause', 'a'), come(), say('resume', 'a')],
    { parked: 0, models: { a: { running: ['r1'] } } },
  ],
  [
    'nobody parks for a full queue',
    inOrder('a', {}, WAITS),
    times(3, come()),
    { parked: 0, settled: { r3: 'failed:queue_full' } },
  ],
  [
    'nobody parks for a draining model',
    inOrder('a', {}, WAITS),
    [say('drain', 'a'), come()],
    { settled: { r1: 'failed:no_model_available' } },
  ],
  [
    'nobody parks for a model that drains by now',
    inOrder('ab', {}, WAITS),
    [say('pause', 'a'), come(), say('drain', 'a'), refuse('r1', 'b')],
    { settled: { r1: 'failed:provider_failed' } },
  ],
  [
    'nobody parks whose deadline comes first',
    inOrder('a', {}, { ...WAITS, timeoutMs: RECOVERY_MS }),
    [come(), failing('r1', 'a'), come()],
    { parked: 0, settled: { r1: 'failed:provider_failed', r2: 'failed:no_model_available' } },
  ],
  [
    'the last in order gives its parking place to a higher class',
    inOrder('a', {}, WAITS, { maxParked: 1 }),
    [say('pause', 'a'), come('low'), come('high'), come('low')],
    { parked: 1, settled: { r1: 'failed:no_model_available', r3: 'failed:no_model_available' } },
  ],
  [
    'when its model opens for longer than it has time, who is parked learns so',
    inOrder('a', {}, { ...WAITS, timeoutMs: 15_000 }),
    [...broken, pass(RECOVERY_MS), come(), come(), pass(6_000), failing('r2', 'a')],
    { parked: 0, settled: { r3: 'failed:no_model_available' } },
  ],
  [
    'when its model is limited for longer than it has time, who is parked learns so',
    inOrder('a', {}, { ...WAITS, timeoutMs: 15_000 }),
    [...broken, pass(RECOVERY_MS), come(), come(), limit('r2', 'a', 20_000)],
    { parked: 0, settled: { r3: 'failed:rate_limited' } },
  ],
  [
    'when its model drains, who is parked learns that it is in vain',
    inOrder('a', {}, WAITS),
    [say('pause', 'a'), come(), say('drain', 'a')],
    { parked: 0, settled: { r1: 'failed:no_model_available' } },
  ],
];

const ends: readonly Row[] = [
  [
    'a deadline ends it while it runs, and counts nothing',
    inOrder('ab', {}, { timeoutMs: 300 }),
    [come(), pass(300)],
    { settled: { r1: 'failed:deadline_exceeded' }, models: { a: { running: [], breaker: 'closed', failures: 0 } } },
  ],
  [
    'a deadline ends it while it waits',
    inOrder('a', {}, { timeoutMs: 300 }),
    [come(), pass(200), come(), succeed('r1', 'a'), come(), pass(100)],
    { settled: { r1: 'served:a' }, models: { a: { running: ['r2'] } } },
  ],
  [
    'a deadline ends it while it is parked',
    inOrder('a', {}, { ...WAITS, timeoutMs: 300 }),
    [say('pause', 'a'), come(), pass(300)],
    { parked: 0, settled: { r1: 'failed:deadline_exceeded' } },
  ],
  [
    'of what is due at once, what was armed first comes first',
    inOrder('a', { attemptTimeoutMs: 300 }, { timeoutMs: 300 }),
    [come(), pass(300)],
    { settled: { r1: 'failed:deadline_exceeded' }, models: { a: { breaker: 'closed' } } },
  ],
  [
    'its slot goes on to the next when the caller leaves',
    inOrder('a'),
    [come(), come(), cancel('r1')],
    { settled: { r1: 'cancelled' }, models: { a: { running: ['r2'] } } },
  ],
  [
    'the caller can leave while it waits, backs off, and is parked',
    inOrder('a', STURDY, { ...WAITS, ...RETRIES }),
    [come(), come(), failing('r1', 'a'), cancel('r1'), say('pause', 'a'), come(), cancel('r3')],
    { settled: { r1: 'cancelled', r3: 'cancelled' }, parked: 0, models: { a: { running: ['r2'], backingOff: 0 } } },
  ],
];

describe('parking', () => holds(parking));
describe('deadlines and cancellation', () => holds(ends));

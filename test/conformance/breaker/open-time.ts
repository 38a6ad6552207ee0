import { check } from '../check.ts';
import type { ConformanceCase } from '../conformance-case.ts';
import type { Breaker } from '../interface.ts';
import { play, refused, running } from '../steps.ts';

const ONE_FAILURE = { kind: 'failures', failures: 1 } as const;

/** Checks that a breaker that has just opened stays so for exactly that long, and gives the call that then runs. */
async function staysOpen(breaker: Breaker, ms: number) {
  await refused(breaker, `a call at the beginning of ${ms} ms`);
  await breaker.advance(ms - 1);
  await refused(breaker, `a call one ms before ${ms} ms are over`);
  await breaker.advance(1);
  return running(breaker, `a call after ${ms} ms`);
}

/** Opens, fails each probe, and checks each open time. */
async function opensFor(breaker: Breaker, times: readonly number[]) {
  await play(breaker, 'F');
  for (const ms of times.slice(0, -1)) await (await staysOpen(breaker, ms)).settle('failure');
  return staysOpen(breaker, times.at(-1)!);
}

const DECAYS =
  'The time does multiply with each failed probe. At close it does not fall back at once but by one step for each `recoveryTimeoutMs` spent closed, so that a provider that falls over every few minutes is not met with the shortest wait each time.';

/** A close is remembered for as long as it is younger than what the earlier openings weigh. */
async function decays(breaker: Breaker, baseMs: number): Promise<void> {
  await (await opensFor(breaker, [baseMs, 2 * baseMs])).settle('success');
  check('after the successful probe', breaker.state(), 'closed');
  await (await opensFor(breaker, [4 * baseMs])).settle('success');
  await breaker.advance(3 * baseMs);
  await opensFor(breaker, [baseMs]);
}

/** How long it stays open. */
export const OPEN_TIME_CASES: readonly ConformanceCase[] = [
  {
    id: 'C18',
    sentence: 'Exponential open time: 5 s, then 10 s; 6 s after the second opening it still refuses.',
    async run({ createBreaker }) {
      const breaker = createBreaker({ policy: ONE_FAILURE, recoveryMs: 5_000, growth: 2 });
      await (await opensFor(breaker, [5_000])).settle('failure');
      await breaker.advance(6_000);
      await refused(breaker, 'a call 6 s after the second opening');
      await breaker.advance(4_000);
      await running(breaker, 'a call 10 s after the second opening');
    },
  },
  {
    id: 'C19',
    sentence: 'A failure that says “not before T” keeps it open until exactly T.',
    async run({ createBreaker }) {
      const breaker = createBreaker({ policy: ONE_FAILURE, recoveryMs: 5_000, hints: true });
      const call = await running(breaker, 'the call');
      await call.settle('failure', 90_000);
      await staysOpen(breaker, 90_000);
    },
  },
  {
    id: 'C28',
    sentence: 'Open times 1 s, 2 s: a failed probe takes the second; closing goes back to the first.',
    async run({ createBreaker }) {
      const breaker = createBreaker({ policy: ONE_FAILURE, recoveryMs: 1_000, growth: 2 });
      await (await opensFor(breaker, [1_000, 2_000])).settle('success');
      check('after the successful probe', breaker.state(), 'closed');
      await opensFor(breaker, [1_000]);
    },
    decided: {
      why: DECAYS,
      run: ({ createBreaker }) => decays(createBreaker({ policy: ONE_FAILURE, recoveryMs: 1_000, growth: 2 }), 1_000),
    },
  },
  {
    id: 'C42',
    sentence:
      'The open time is made from the number of openings, 0 to 4, and from 0 after a close; a huge one is held.',
    async run({ createBreaker }) {
      const breaker = createBreaker({ policy: ONE_FAILURE, recoveryMs: 1_000, growth: 2 });
      await (await opensFor(breaker, [1_000, 2_000, 4_000, 8_000, 16_000])).settle('success');
      await opensFor(breaker, [1_000]);
      const huge = createBreaker({ policy: ONE_FAILURE, recoveryMs: 1e12, growth: 2 });
      await play(huge, 'F');
      await huge.advance(2 ** 31);
      await refused(huge, 'a call after 2^31 ms of 10^12');
    },
    decided: {
      why: 'As C28. What is longer than a timer can be is held all the same, and `maxOpenMs` bounds it.',
      async run({ createBreaker }) {
        const breaker = createBreaker({ policy: ONE_FAILURE, recoveryMs: 1_000, growth: 2 });
        await (await opensFor(breaker, [1_000, 2_000, 4_000, 8_000, 16_000])).settle('success');
        await breaker.advance(5_000);
        await opensFor(breaker, [1_000]);
        const huge = createBreaker({ policy: ONE_FAILURE, recoveryMs: 1e12, growth: 2 });
        await play(huge, 'F');
        await huge.advance(2 ** 31);
        await refused(huge, 'a call after 2^31 ms of 10^12');
      },
    },
  },
  {
    id: 'C46',
    sentence: 'A refusal says how long the breaker stays open: all of it at first, nothing when it is over.',
    async run({ createBreaker }) {
      const breaker = createBreaker({ policy: ONE_FAILURE, recoveryMs: 60_000 });
      await play(breaker, 'F');
      check('at first', breaker.remainingMs(await refused(breaker, 'a call at first')), 60_000);
      await breaker.advance(45_000);
      check('after 45 s', breaker.remainingMs(await refused(breaker, 'a call after 45 s')), 15_000);
      await breaker.advance(15_000);
      await running(breaker, 'a call after 60 s');
    },
  },
  {
    id: 'C48',
    sentence: 'The open time is multiplied when a probe fails and returns to its base after a success.',
    async run({ createBreaker }) {
      const breaker = createBreaker({ policy: ONE_FAILURE, recoveryMs: 10_000, growth: 2 });
      await (await opensFor(breaker, [10_000, 20_000, 40_000])).settle('success');
      await opensFor(breaker, [10_000]);
    },
    decided: {
      why: DECAYS,
      run: ({ createBreaker }) => decays(createBreaker({ policy: ONE_FAILURE, recoveryMs: 10_000, growth: 2 }), 10_000),
    },
  },
];

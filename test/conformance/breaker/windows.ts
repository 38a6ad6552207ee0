import { check } from '../check.ts';
import type { ConformanceCase } from '../conformance-case.ts';
import type { Implementation, Policy } from '../interface.ts';
import { play, refused, running } from '../steps.ts';

const ofFour = (rate: number) => ({ kind: 'count', size: 4, rate, minimum: 4 }) as const;
const RECOVERY_MS = 60_000;
const WINDOW_MS = 10_000;

/** What makes a breaker open. */
export const WINDOW_CASES: readonly ConformanceCase[] = [
  {
    id: 'C01',
    sentence: 'Four failures in a window of four (rate 0.75) open it: the fifth call is refused without running.',
    async run({ createBreaker }) {
      const breaker = createBreaker({ policy: ofFour(0.75) });
      await play(breaker, 'F F F');
      check('after three failures', breaker.state(), 'closed');
      await play(breaker, 'F');
      check('after four failures', breaker.state(), 'open');
      await refused(breaker, 'the fifth call');
    },
  },
  {
    id: 'C02',
    sentence: 'S F F S in a window of four (rate 0.5) opens at the fourth result, although that is a success.',
    async run({ createBreaker }) {
      const breaker = createBreaker({ policy: ofFour(0.5) });
      await play(breaker, 'S F F');
      check('after three results', breaker.state(), 'closed');
      await play(breaker, 'S');
      check('after the fourth result, a success', breaker.state(), 'open');
    },
  },
  {
    id: 'C03',
    sentence: 'S F S S F in a window of four (rate 0.5): the oldest result slides out and the fifth opens it.',
    async run({ createBreaker }) {
      const policy = { ...ofFour(0.5), slides: true } as const;
      const breaker = createBreaker({ policy });
      await play(breaker, 'S F S S');
      check('after four results', breaker.state(), 'closed');
      await play(breaker, 'F');
      check('after the fifth result', breaker.state(), 'open');
      const forgetting = createBreaker({ policy });
      await play(forgetting, 'F S S S F');
      check('when a failure has slid out', forgetting.state(), 'closed');
    },
  },
  {
    id: 'C04',
    sentence: 'F F F S (rate 0.75) opens at the late success; after recovery the window is empty: four results again.',
    async run({ createBreaker }) {
      const breaker = createBreaker({ policy: ofFour(0.75), recoveryMs: RECOVERY_MS });
      await play(breaker, 'F F F S');
      check('after the late success', breaker.state(), 'open');
      await breaker.advance(RECOVERY_MS);
      await play(breaker, 'S F F F');
      check('after a probe and three failures', breaker.state(), 'closed');
      await play(breaker, 'F');
      check('after the fourth result since recovery', breaker.state(), 'open');
    },
  },
  {
    id: 'C05',
    sentence: 'S F F F opens (rate 0.75); recovered by one success, S F F F opens again exactly at its fourth call.',
    async run({ createBreaker }) {
      const breaker = createBreaker({ policy: ofFour(0.75), recoveryMs: RECOVERY_MS });
      await play(breaker, 'S F F F');
      check('after S F F F', breaker.state(), 'open');
      await breaker.advance(RECOVERY_MS);
      await play(breaker, 'S');
      check('after the successful probe', breaker.state(), 'closed');
      await play(breaker, 'S F F');
      check('after S F F', breaker.state(), 'closed');
      await play(breaker, 'F');
      check('after S F F F once more', breaker.state(), 'open');
    },
  },
  {
    id: 'C16',
    sentence: 'Window of time: S S S F F over five seconds, then F, reaches half and opens.',
    async run({ createBreaker }) {
      const breaker = createBreaker({ policy: { kind: 'time', ms: WINDOW_MS, rate: 0.5, minimum: 5 } });
      for (const letter of ['S', 'S', 'S', 'F', 'F']) {
        await play(breaker, letter);
        await breaker.advance(1_000);
      }
      check('after two failures of five', breaker.state(), 'closed');
      await play(breaker, 'F');
      check('after three failures of six', breaker.state(), 'open');
    },
  },
  {
    id: 'C17',
    sentence: 'When the share of slow calls reaches its threshold it opens, though all of them succeeded.',
    async run({ createBreaker }) {
      const breaker = createBreaker({ policy: ofFour(0.5), slow: { ms: 100, rate: 0.5 } });
      for (const [index, ms] of [10, 150, 10, 150].entries()) {
        check(`before call ${index + 1}`, breaker.state(), 'closed');
        const call = await running(breaker, `call ${index + 1}`);
        await breaker.advance(ms);
        await call.settle('success');
      }
      check('after two slow calls of four', breaker.state(), 'open');
    },
  },
  {
    id: 'C27',
    sentence: 'Opens after two consecutive failures, does not run the third call, and still knows why it opened.',
    async run({ createBreaker }) {
      const breaker = createBreaker({ policy: { kind: 'failures', failures: 2 } });
      await play(breaker, 'F F');
      await refused(breaker, 'the third call');
      check('it knows why it opened', breaker.why() !== null, true);
    },
  },
  {
    id: 'C35',
    sentence: 'The least number of results does not hold in half-open: with an empty window one failed probe opens it.',
    async run({ createBreaker }) {
      const policy: Policy = { kind: 'time', ms: 1_000, rate: 0.5, minimum: 3 };
      const breaker = createBreaker({ policy, recoveryMs: RECOVERY_MS });
      await play(breaker, 'F F F');
      check('after three failures', breaker.state(), 'open');
      await breaker.advance(RECOVERY_MS);
      await play(breaker, 'F');
      check('after the failed probe', breaker.state(), 'open');
      await refused(breaker, 'the call after it');
    },
  },
  {
    id: 'C36',
    sentence: 'During a warm-up period no failure opens it; after it, one does.',
    async run({ createBreaker }) {
      const breaker = createBreaker({ policy: { kind: 'failures', failures: 1 }, warmUpMs: 1_000 });
      await play(breaker, 'F F F F F');
      check('in the warm-up', breaker.state(), 'closed');
      await breaker.advance(1_000);
      await play(breaker, 'F');
      check('after the warm-up', breaker.state(), 'open');
    },
    decided: {
      why: 'There is no warm-up: a number of results that must be there first (`minimumCalls`) serves, and holds after every recovery too.',
      async run({ createBreaker }) {
        const breaker = createBreaker({ policy: { kind: 'count', size: 100, rate: 0.5, minimum: 20 } });
        for (let call = 1; call < 20; call++) await play(breaker, 'F');
        check('after nineteen failures', breaker.state(), 'closed');
        await play(breaker, 'F');
        check('after the twentieth', breaker.state(), 'open');
      },
    },
  },
  {
    id: 'C44',
    sentence: 'A rolling window forgets exactly at its length, with and without jittered arrivals.',
    async run(implementation) {
      for (const arrivals of [[0], [333, 777]]) {
        check(
          `failures at ${arrivals} ms, one ms before`,
          await opensAt(implementation, arrivals, WINDOW_MS - 1),
          true,
        );
        check(`failures at ${arrivals} ms, at its length`, await opensAt(implementation, arrivals, WINDOW_MS), false);
      }
    },
  },
  {
    id: 'C47',
    sentence:
      'A success breaks the row of consecutive failures, and so does an exception that is defined as a success.',
    async run({ createBreaker }) {
      for (const between of ['S', 'I']) {
        const breaker = createBreaker({ policy: { kind: 'consecutive', failures: 2 }, ignoredIsSuccess: true });
        await play(breaker, `F ${between} F`);
        check(`after F ${between} F`, breaker.state(), 'closed');
        await play(breaker, 'F');
        check(`after F ${between} F F`, breaker.state(), 'open');
      }
    },
  },
];

/** Whether one more failure at `ms` opens a breaker that failed at `arrivals` and needs all of them. */
async function opensAt({ createBreaker }: Implementation, arrivals: readonly number[], ms: number): Promise<boolean> {
  const minimum = arrivals.length + 1;
  const breaker = createBreaker({ policy: { kind: 'time', ms: WINDOW_MS, rate: 0.5, minimum } });
  let now = 0;
  for (const at of [...arrivals, ms]) {
    await breaker.advance(at - now);
    now = at;
    await play(breaker, 'F');
  }
  return breaker.state() === 'open';
}

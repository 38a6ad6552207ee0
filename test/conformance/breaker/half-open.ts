import { NO_BREAKER } from '../adapters/p-queue.ts';
import { check } from '../check.ts';
import type { ConformanceCase } from '../conformance-case.ts';
import type { Breaker, BreakerConfig, Implementation } from '../interface.ts';
import { manyRunning, play, refused, running } from '../steps.ts';

const RECOVERY_MS = 60_000;

/** A breaker whose open time has just passed. */
async function recovering({ createBreaker }: Implementation, config: Partial<BreakerConfig> = {}): Promise<Breaker> {
  const breaker = createBreaker({ policy: { kind: 'failures', failures: 2 }, recoveryMs: RECOVERY_MS, ...config });
  await play(breaker, 'F F');
  await breaker.advance(RECOVERY_MS);
  return breaker;
}

const ONE_PROBE = 'Half-open takes one probe, whose result decides; it knows no rates.';
const NO_RATES = { opossum: ONE_PROBE, cockatiel: ONE_PROBE, 'p-queue': NO_BREAKER };
const ENDLESS = 'There is no limit to the time in half-open.';
const NO_LIMIT = { opossum: ENDLESS, cockatiel: ENDLESS, 'p-queue': NO_BREAKER };

const RATES = 'Half-open knows no rates: `successThreshold` successes in a row close, the first failure opens.';

/** What decides between closing and opening again. */
export const HALF_OPEN_CASES: readonly ConformanceCase[] = [
  {
    id: 'C06',
    sentence: 'With a success threshold of two it is half-open after its delay, and closes at the second success.',
    async run(implementation) {
      const breaker = await recovering(implementation, { successThreshold: 2 });
      check('after the delay', breaker.state(), 'half_open');
      await play(breaker, 'S');
      check('between the two successes', breaker.state(), 'half_open');
      await play(breaker, 'S');
      check('after the second', breaker.state(), 'closed');
    },
  },
  {
    id: 'C07',
    sentence: 'With a success threshold of three, S S F in half-open opens it at once.',
    async run(implementation) {
      const breaker = await recovering(implementation, { successThreshold: 3 });
      await play(breaker, 'S S');
      check('after two successes', breaker.state(), 'half_open');
      await play(breaker, 'F');
      check('after the failure', breaker.state(), 'open');
    },
  },
  {
    id: 'C12',
    sentence: 'Half-open grants exactly four permits and refuses the fifth; the next half-open grants four anew.',
    async run(implementation) {
      const breaker = await recovering(implementation, { probes: 4, successThreshold: 4 });
      const [first] = await manyRunning(breaker, 4, 'the first half-open');
      await refused(breaker, 'the fifth call');
      await first!.settle('failure');
      check('after a failed probe', breaker.state(), 'open');
      await breaker.advance(RECOVERY_MS);
      await manyRunning(breaker, 4, 'the second half-open');
      await refused(breaker, 'its fifth call');
    },
  },
  {
    id: 'C13',
    sentence: 'A permit that is given back unused makes one more call possible, and no more than one.',
    async run(implementation) {
      const breaker = await recovering(implementation);
      const probe = await running(breaker, 'the probe');
      await probe.abort();
      check('after the probe was called off', breaker.state(), 'half_open');
      await running(breaker, 'the next call');
      await refused(breaker, 'one more');
    },
  },
  {
    id: 'C14',
    sentence:
      'Three successes and an ignored error leave it half-open with three counted; a fifth result decides by rate.',
    missing: NO_RATES,
    decided: {
      why: `${RATES} The ignored error counts for neither.`,
      async run(implementation) {
        const breaker = await recovering(implementation, { successThreshold: 4 });
        await play(breaker, 'S S S I');
        check('after S S S and an ignored error', breaker.state(), 'half_open');
        await play(breaker, 'S');
        check('after the fourth success', breaker.state(), 'closed');
      },
    },
  },
  {
    id: 'C15',
    sentence: 'Four ignored errors and then four successes close it.',
    async run(implementation) {
      const breaker = await recovering(implementation, { successThreshold: 4 });
      await play(breaker, 'I I I I');
      check('after four ignored errors', breaker.state(), 'half_open');
      await play(breaker, 'S S S S');
      check('after four successes', breaker.state(), 'closed');
    },
  },
  {
    id: 'C24',
    sentence: 'When the longest time in half-open passes without a verdict it goes where it is told, open or closed.',
    missing: NO_LIMIT,
    decided: {
      why: 'A probe that shows no life in `probeTimeoutMs` is a failure and opens; silence never closes.',
      async run(implementation) {
        const breaker = await recovering(implementation, { probeTimeoutMs: 5_000 });
        await running(breaker, 'the probe');
        await breaker.advance(4_999);
        check('just before', breaker.state(), 'half_open');
        await breaker.advance(1);
        check('after the probe’s time', breaker.state(), 'open');
      },
    },
  },
  {
    id: 'C29',
    sentence:
      'Ten probes of which three may fail: three failures and seven successes close, a fourth failure opens at once.',
    missing: NO_RATES,
    decided: {
      why: RATES,
      async run(implementation) {
        const opening = await recovering(implementation, { probes: 10, successThreshold: 7 });
        await play(opening, 'S S F');
        check('after one failure', opening.state(), 'open');
        const closing = await recovering(implementation, { probes: 10, successThreshold: 7 });
        await play(closing, 'S S S S S S S');
        check('after seven successes', closing.state(), 'closed');
      },
    },
  },
  {
    id: 'C40',
    sentence: 'While a probe runs, a second call is refused and told when to come again.',
    async run(implementation) {
      const breaker = await recovering(implementation);
      await running(breaker, 'the probe');
      const second = await refused(breaker, 'the second call');
      check('it is told a time', breaker.remainingMs(second) > 0, true);
    },
  },
  {
    id: 'C45',
    sentence:
      'Success and failure thresholds of half-open are separate, and it decides as soon as the outcome is sure.',
    missing: NO_RATES,
    decided: {
      why: `${RATES} The failure threshold is always one.`,
      async run(implementation) {
        const breaker = await recovering(implementation, { successThreshold: 3 });
        await play(breaker, 'S S');
        check('after two successes', breaker.state(), 'half_open');
        await play(breaker, 'S');
        check('as soon as there are three', breaker.state(), 'closed');
      },
    },
  },
];

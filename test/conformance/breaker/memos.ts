import { check } from '../check.ts';
import type { ConformanceCase } from '../conformance-case.ts';
import { play, refused, running, stored } from '../steps.ts';

const RECOVERY_MS = 60_000;

/** What survives a restart. */
export const MEMO_CASES: readonly ConformanceCase[] = [
  {
    id: 'C32',
    sentence: 'Exported and imported: closed keeps its window, open its number of openings, half-open probes at once.',
    async run({ createBreaker }) {
      const config = { policy: { kind: 'count', size: 4, rate: 0.75, minimum: 4 }, recoveryMs: 5_000 } as const;
      const closed = createBreaker(config);
      await play(closed, 'F S F');
      await closed.import(stored(closed.export()));
      check('before the fourth result', closed.state(), 'closed');
      await play(closed, 'F');
      check('at the fourth result, after three before the restart', closed.state(), 'open');

      const growing = { policy: { kind: 'failures', failures: 1 }, recoveryMs: 5_000, growth: 2 } as const;
      const open = createBreaker(growing);
      await play(open, 'F');
      await open.advance(5_000);
      await play(open, 'F');
      await open.import(stored(open.export()));
      await open.advance(9_999);
      await refused(open, 'a call before the second open time is over');
      await open.advance(1);
      await play(open, 'F');
      await open.advance(19_999);
      await refused(open, 'a call before the third open time is over');
      await open.advance(1);
      await running(open, 'a call after it');

      await open.import(stored(open.export()));
      await running(open, 'a call right after half-open was restored');
    },
  },
  {
    id: 'C33',
    sentence: 'Restored open after its open time is over it probes at once; imported counts equal the exported ones.',
    async run({ createBreaker }) {
      const open = createBreaker({ policy: { kind: 'failures', failures: 2 }, recoveryMs: RECOVERY_MS });
      await play(open, 'F F');
      const memo = stored(open.export());
      await open.advance(2 * RECOVERY_MS);
      await open.import(memo);
      const probe = await running(open, 'the first call');
      check('while it runs', open.state(), 'half_open');
      await probe.settle('failure');
      check('after that one failure', open.state(), 'open');

      const counting = createBreaker({ policy: { kind: 'time', ms: 10_000, rate: 0.9, minimum: 10 } });
      await play(counting, 'F S F F');
      const before = counting.failures();
      await counting.import(stored(counting.export()));
      check('failures counted before', before, 3);
      check('failures counted after', counting.failures(), 3);
    },
  },
];

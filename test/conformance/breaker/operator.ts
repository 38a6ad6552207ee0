import { ConfigurationError } from '../../../src/errors.ts';
import { check, Unmet } from '../check.ts';
import type { ConformanceCase } from '../conformance-case.ts';
import { type BreakerConfig, type Implementation, NotExpressible } from '../interface.ts';
import { heard, play, refused, running, statesOf, stored } from '../steps.ts';

const TWO_FAILURES = { kind: 'failures', failures: 2 } as const;
const RECOVERY_MS = 60_000;

/** Options that no breaker can mean. */
const BAD: Readonly<Record<string, BreakerConfig>> = {
  'a rate that is no number': { policy: { kind: 'count', size: 4, rate: Number.NaN, minimum: 4 } },
  'a rate above 1': { policy: { kind: 'count', size: 4, rate: 1.5, minimum: 4 } },
  'a window of 0': { policy: { kind: 'count', size: 0, rate: 0.5, minimum: 1 } },
};

function refusalOf({ createBreaker }: Implementation, config: BreakerConfig): unknown {
  try {
    createBreaker(config);
  } catch (error) {
    if (error instanceof NotExpressible) throw error;
    return error;
  }
  return undefined;
}

/** What is done by hand, at construction or later. */
export const OPERATOR_CASES: readonly ConformanceCase[] = [
  {
    id: 'C20',
    sentence: 'A closed breaker cannot be made half-open by hand.',
    async run({ createBreaker }) {
      const breaker = createBreaker({ policy: TWO_FAILURES });
      await breaker.force('half_open');
      check('after the attempt', breaker.state(), 'closed');
      await running(breaker, 'a call');
      await running(breaker, 'a second call beside it');
    },
  },
  {
    id: 'C21',
    sentence: 'When it only measures, a threshold that is reached is told once and no call is refused.',
    async run({ createBreaker }) {
      const policy = { kind: 'count', size: 4, rate: 0.5, minimum: 4 } as const;
      const failing = createBreaker({ policy, observe: true });
      const failures = heard(failing);
      await play(failing, 'F F F F F');
      check('told after five failures', failures, [{ type: 'would_open' }]);
      const slow = createBreaker({ policy, observe: true, slow: { ms: 100, rate: 0.5 } });
      const slowness = heard(slow);
      for (let count = 0; count < 5; count++) {
        const call = await running(slow, `slow call ${count + 1}`);
        await slow.advance(150);
        await call.settle('success');
      }
      check('told after five slow calls', slowness, [{ type: 'would_open' }]);
    },
  },
  {
    id: 'C22',
    sentence:
      'Forced open it refuses and counts that; forced closed it runs everything, records nothing and tells nothing.',
    async run({ createBreaker }) {
      const breaker = createBreaker({ policy: TWO_FAILURES });
      const undo = await breaker.force('open');
      await refused(breaker, 'a call while forced open');
      await refused(breaker, 'a second one');
      check('refusals', breaker.rejections(), 2);
      await undo();
      await breaker.force('closed');
      const events = heard(breaker);
      const before = breaker.failures();
      await play(breaker, 'F F F F');
      await running(breaker, 'a call after four failures while forced closed');
      check('failures that it counted', breaker.failures() - before, 0);
      check('what it told', events, []);
    },
  },
  {
    id: 'C23',
    sentence: 'Entering the state it is in already tells nothing.',
    async run({ createBreaker }) {
      const breaker = createBreaker({ policy: TWO_FAILURES });
      const events = heard(breaker);
      await breaker.force('reset');
      check('changes after resetting a closed one', events.length, 0);
      await breaker.force('open');
      await breaker.force('open');
      check('changes after forcing it open twice', events.length, 1);
    },
  },
  {
    id: 'C25',
    sentence: 'Forced open while open, it does not turn half-open when its open time is over.',
    async run({ createBreaker }) {
      const breaker = createBreaker({ policy: TWO_FAILURES, recoveryMs: RECOVERY_MS });
      await play(breaker, 'F F');
      await breaker.advance(RECOVERY_MS / 2);
      await breaker.force('open');
      await breaker.advance(2 * RECOVERY_MS);
      await refused(breaker, 'a call long after the open time');
    },
  },
  {
    id: 'C26',
    sentence: 'It can be made open, or made so that it only measures.',
    async run({ createBreaker }) {
      await refused(createBreaker({ policy: TWO_FAILURES, initially: 'open' }), 'the first call of one made open');
      const measuring = createBreaker({ policy: TWO_FAILURES, observe: true });
      await play(measuring, 'F F F');
    },
    decided: {
      why: 'A breaker begins closed, or as a memo of an earlier one says; to only measure is an option (`observe`), not a state.',
      async run({ createBreaker }) {
        const earlier = createBreaker({ policy: TWO_FAILURES });
        await play(earlier, 'F F');
        const breaker = createBreaker({ policy: TWO_FAILURES });
        check('a new one', breaker.state(), 'closed');
        await breaker.import(stored(earlier.export()));
        await refused(breaker, 'the first call of one that was restored');
        const measuring = createBreaker({ policy: TWO_FAILURES, observe: true });
        await play(measuring, 'F F F');
        check('one that only measures', measuring.state(), 'closed');
      },
    },
  },
  {
    id: 'C30',
    sentence:
      'Forced open twice and undone once it stays open; undone again it closes; one change each; undoing twice counts once.',
    async run({ createBreaker }) {
      const breaker = createBreaker({ policy: TWO_FAILURES });
      const events = heard(breaker);
      const first = await breaker.force('open');
      const second = await breaker.force('open');
      await first();
      await first();
      await refused(breaker, 'a call after the first was undone twice');
      await second();
      check('after both were undone', breaker.state(), 'closed');
      check('changes', events.length, 2);
    },
    decided: {
      why: 'An operator’s word is a state, not a count: forcing twice is forcing once, and one reset closes.',
      async run({ createBreaker }) {
        const breaker = createBreaker({ policy: TWO_FAILURES });
        const events = heard(breaker);
        await breaker.force('open');
        await breaker.force('open');
        await breaker.force('reset');
        check('after one reset', breaker.state(), 'closed');
        await breaker.force('reset');
        check('changes', statesOf(events), ['forced_open', 'closed']);
      },
    },
  },
  {
    id: 'C31',
    sentence: 'Options that make no sense throw a RangeError at construction.',
    async run(implementation) {
      for (const [what, config] of Object.entries(BAD)) {
        check(
          what,
          refusalOf(implementation, config) instanceof RangeError ? 'RangeError' : 'no RangeError',
          'RangeError',
        );
      }
    },
    decided: {
      why: 'They throw a `ConfigurationError` that names the option, what was given and what is accepted. A rate of 1 is accepted: it means all.',
      async run(implementation) {
        const options = { 'a window of 0': 'windowSize', 'no probes': 'halfOpenMaxProbes' };
        const configs = { ...BAD, 'no probes': { policy: TWO_FAILURES, probes: 0 } };
        for (const [what, config] of Object.entries(configs)) {
          const error = refusalOf(implementation, config);
          if (!(error instanceof ConfigurationError)) throw new Unmet(`${what}: expected ConfigurationError`);
          check(
            `the option that ${what} is blamed on`,
            error.option,
            options[what as keyof typeof options] ?? 'failureRate',
          );
        }
        implementation.createBreaker({ policy: { kind: 'count', size: 4, rate: 1, minimum: 4 } });
      },
    },
  },
  {
    id: 'C38',
    sentence:
      'After shutdown calls are refused with an error of its own; a hundred breakers leave no listener warning.',
    async run({ createBreaker }) {
      const warnings: string[] = [];
      const note = ({ name }: Error): void => void warnings.push(name);
      process.on('warning', note);
      try {
        for (let count = 0; count < 100; count++) await createBreaker({ policy: TWO_FAILURES }).shutdown();
        const breaker = createBreaker({ policy: TWO_FAILURES });
        await breaker.shutdown();
        const call = await refused(breaker, 'a call after shutdown');
        check('its error is the breaker’s own', breaker.isOwn(call.error), true);
      } finally {
        process.off('warning', note);
      }
      check('warnings', warnings, []);
    },
  },
  {
    id: 'C43',
    sentence: 'Listeners hear every change in order, also when one of them throws.',
    async run({ createBreaker }) {
      const breaker = createBreaker({ policy: TWO_FAILURES, recoveryMs: RECOVERY_MS });
      breaker.on(() => {
        throw new Error('a listener’s own fault');
      });
      const events = heard(breaker);
      await play(breaker, 'F');
      const tripping = await running(breaker, 'the second call');
      await tripping.settle('failure');
      check('the call that opened it', tripping.status, 'done');
      await breaker.advance(RECOVERY_MS);
      await play(breaker, 'S');
      check('changes', statesOf(events), ['open', 'half_open', 'closed']);
    },
  },
];

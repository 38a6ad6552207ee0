import { BackendError } from '../../../src/errors.ts';
import { createRig } from '../../support/rig.ts';
import { settled } from '../../support/virtual-clock.ts';
import { check } from '../check.ts';
import type { ConformanceCase } from '../conformance-case.ts';
import { heard, manyRunning, play, refused, running, statesOf } from '../steps.ts';

const TWO_FAILURES = { kind: 'failures', failures: 2 } as const;
const RECOVERY_MS = 60_000;

class Recorded extends Error {}
class Ignored extends Recorded {}

/** Which results count, and whose fault they are. */
export const RESULT_CASES: readonly ConformanceCase[] = [
  {
    id: 'C08',
    sentence: 'Calls that time out count as failures when they are configured to, and do not when they are excluded.',
    async run({ createBreaker }) {
      for (const counts of [true, false]) {
        const breaker = createBreaker({ policy: TWO_FAILURES, timeout: { ms: 100, counts } });
        for (let count = 0; count < 2; count++) {
          const call = await running(breaker, 'the call');
          await breaker.advance(100);
          check('a call that took too long', call.status, 'done');
        }
        check(`when time-outs ${counts ? 'count' : 'are excluded'}`, breaker.state(), counts ? 'open' : 'closed');
      }
    },
  },
  {
    id: 'C09',
    sentence: 'Refusals for lack of capacity around the breaker do not count as failures.',
    async run({ createBreaker }) {
      const breaker = createBreaker({ policy: TWO_FAILURES, capacity: 1 });
      const call = await running(breaker, 'the call that fits');
      for (const which of ['second', 'third', 'fourth']) await refused(breaker, `the ${which} call`);
      check('after three refusals', breaker.state(), 'closed');
      await call.settle('success');
      await running(breaker, 'the call after it');
    },
  },
  {
    id: 'C10',
    sentence: 'Retries around it succeed once the open time is over; a refusal that is not to be retried is not.',
    async run({ createBreaker }) {
      const config = { policy: { kind: 'failures', failures: 1 }, recoveryMs: RECOVERY_MS } as const;
      const retry = { attempts: 3, delayMs: RECOVERY_MS / 2 };
      const retrying = createBreaker({ ...config, retry: { ...retry, rejections: true } });
      const call = await running(retrying, 'the first attempt');
      await call.settle('failure');
      await retrying.advance(RECOVERY_MS / 2);
      check('after a retry against the open breaker', call.status, 'parked');
      await retrying.advance(RECOVERY_MS / 2);
      check('when the open time is over', call.status, 'running');
      await call.settle('success');
      check('its caller gets the answer', call.error, undefined);
      const firm = createBreaker({ ...config, retry: { ...retry, rejections: false } });
      await firm.force('open');
      await refused(firm, 'a call whose refusal is not retried');
    },
    decided: {
      why: 'An open breaker is never tried again by the router: the request goes to its next candidate at once, and with none left fails with the time after which to come again.',
      async run({ createBreaker }) {
        const breaker = createBreaker({ policy: TWO_FAILURES, recoveryMs: RECOVERY_MS });
        await play(breaker, 'F F');
        const call = await refused(breaker, 'a call while it is open');
        check('when to come again', breaker.remainingMs(call), RECOVERY_MS);
        await breaker.advance(RECOVERY_MS);
        check('after the open time', call.status, 'rejected');
      },
    },
  },
  {
    id: 'C11',
    sentence: 'By class of error, subclasses included: ignored beats recorded, and recorded beats the default.',
    async run({ createBreaker }) {
      const breaker = createBreaker({
        policy: { kind: 'count', size: 10, rate: 1, minimum: 2 },
        classes: { record: Recorded, ignore: Ignored },
      });
      for (const error of [new Ignored('a'), new Ignored('b'), new Error('c'), new Error('d')])
        await breaker.throws(error);
      check('after ignored and other errors', breaker.state(), 'closed');
      const counting = createBreaker({ policy: TWO_FAILURES, classes: { record: Recorded, ignore: Ignored } });
      await counting.throws(new Recorded('e'));
      await counting.throws(new Recorded('f'));
      check('after two recorded errors', counting.state(), 'open');
    },
    decided: {
      why: 'No lists of classes: one function, `classify(error)`, says `failure`, `ignored` or `rate_limited`; what it leaves open is judged by status and code.',
      async run() {
        const classify = (error: unknown) =>
          error instanceof Ignored ? 'ignored' : error instanceof Recorded ? 'failure' : undefined;
        const rig = createRig({ m: { classify, breaker: { failureThreshold: 2 } } });
        await rig.fail('m', 3, new Ignored('not the model’s fault'));
        check('after three that classify excuses', rig.breaker('m'), 'closed');
        await rig.fail('m', 3, new BackendError('refused', { status: 400 }));
        check('after three that their status excuses', rig.breaker('m'), 'closed');
        await rig.fail('m', 2, new Recorded('down'));
        check('after two that classify blames', rig.breaker('m'), 'open');
        await rig.router.stop({ graceMs: 0 });
      },
    },
  },
  {
    id: 'C34',
    sentence: 'A success of a call that began before it opened does not close it.',
    async run({ createBreaker }) {
      for (const isOver of [false, true]) {
        const breaker = createBreaker({ policy: TWO_FAILURES, recoveryMs: RECOVERY_MS });
        const late = await running(breaker, 'the call that began before');
        await play(breaker, 'F F');
        if (isOver) await breaker.advance(RECOVERY_MS);
        const before = breaker.state();
        await late.settle('success');
        check(
          `after its success ${isOver ? 'when the open time is over' : 'while it is open'}`,
          breaker.state(),
          before,
        );
      }
    },
  },
  {
    id: 'C37',
    sentence: 'A filtered error goes to the caller as it is, and no fallback runs.',
    async run({ createBreaker }) {
      let fallbacks = 0;
      const breaker = createBreaker({ policy: TWO_FAILURES, fallback: () => fallbacks++ });
      const filtered = await running(breaker, 'the call');
      await filtered.settle('ignored');
      check('its caller gets the error itself', breaker.isOwn(filtered.error) || filtered.error === undefined, false);
      check('fallbacks after a filtered error', fallbacks, 0);
      const failing = await running(breaker, 'the next call');
      await failing.settle('failure');
      check('fallbacks after a failure', fallbacks, 1);
    },
    decided: {
      why: 'Whether an error moves on is a question of whose fault it is: what the provider refused for the request’s own sake (400, 413, 422, content filter, context length) goes to the caller with the provider’s error as its cause; all else goes to the next candidate.',
      async run() {
        const rig = createRig({ m: {}, other: {} }, { retries: { maxRetries: 0 } });
        const refusal = new BackendError('too long', { status: 400 });
        const refusedOne = rig.ask();
        rig.backends.m.last.fail(refusal);
        await settled();
        check('the code', refusedOne.code, 'provider_rejected');
        check('its cause is the provider’s own error', (refusedOne.error as Error).cause === refusal, true);
        check('calls of the other model after it', rig.backends.other.calls.length, 0);
        rig.ask();
        rig.backends.m.last.fail(new BackendError('down', { status: 503 }));
        await settled();
        check('calls of the other model after a failure', rig.backends.other.calls.length, 1);
        rig.backends.other.last.succeed();
        await settled();
        await rig.router.stop({ graceMs: 0 });
      },
    },
  },
  {
    id: 'C39',
    sentence: 'A burst of failing calls opens it once, and it still recovers.',
    async run({ createBreaker }) {
      const breaker = createBreaker({ policy: TWO_FAILURES, recoveryMs: RECOVERY_MS });
      const events = heard(breaker);
      const calls = await manyRunning(breaker, 10, 'the burst');
      for (const call of calls) await call.settle('failure');
      check('changes', statesOf(events), ['open']);
      await breaker.advance(RECOVERY_MS);
      await play(breaker, 'S');
      check('after a successful probe', breaker.state(), 'closed');
    },
  },
  {
    id: 'C41',
    sentence:
      'A late success changes nothing when forced open or closed again; a late failure neither tells again nor extends.',
    async run({ createBreaker }) {
      const policy = { kind: 'count', size: 10, rate: 1, minimum: 2 } as const;
      const forced = createBreaker({ policy, recoveryMs: RECOVERY_MS });
      const inForced = await running(forced, 'a call before');
      const undo = await forced.force('open');
      await inForced.settle('success');
      await refused(forced, 'a call after a late success while forced open');
      await undo();

      const closed = createBreaker({ policy, recoveryMs: RECOVERY_MS });
      const inClosed = await running(closed, 'a call before');
      await (await closed.force('open'))();
      await play(closed, 'F');
      await inClosed.settle('success');
      await play(closed, 'F');
      check('closed again, after two failures and a success from before', closed.state(), 'open');

      const open = createBreaker({ policy: TWO_FAILURES, recoveryMs: RECOVERY_MS });
      const events = heard(open);
      const late = await running(open, 'the late call');
      await play(open, 'F F');
      await open.advance(RECOVERY_MS / 2);
      await late.settle('failure');
      check('changes', statesOf(events), ['open']);
      await open.advance(RECOVERY_MS / 2);
      await running(open, 'a call when the open time is over');
    },
  },
];

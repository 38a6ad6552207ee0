import { getEventListeners } from 'node:events';
import { BackendError } from '../../src/errors.ts';
import { type Asked, createRig } from '../support/rig.ts';
import { settled } from '../support/virtual-clock.ts';
import { NO_QUEUE } from './adapters/opossum.ts';
import { NO_BOUND } from './adapters/p-queue.ts';
import { check } from './check.ts';
import type { ConformanceCase } from './conformance-case.ts';
import type { Job, Queue } from './interface.ts';

const statuses = (jobs: readonly Job[]): string[] => jobs.map(({ status }) => status);

/** As many jobs of one class as are told, the first of them running as far as slots go. */
async function add(queue: Queue, count: number, signal?: AbortSignal): Promise<Job[]> {
  const jobs = Array.from({ length: count }, () => queue.add('normal', signal));
  await queue.settle();
  return jobs;
}

const RETRY_MS = 1_000;
const MANY = 100_000;
/** Node warns when one signal has more listeners. */
const JOBS_PER_CALLER = 10;

/** The rows about queues, in order of their ids. */
export const QUEUE_CASES: readonly ConformanceCase[] = [
  {
    id: 'Q01',
    sentence: 'Jobs of one class start in order of arrival, also after many have gone; a late important one is next.',
    async run({ createQueue }) {
      const queue = createQueue({ slots: 1 });
      const jobs = await add(queue, 300);
      for (const [index, job] of jobs.entries()) {
        if (index === 150) break;
        check(`job ${index + 1} in its turn`, job.status, 'running');
        await job.finish();
      }
      const critical = queue.add('critical');
      await queue.settle();
      await jobs[150]!.finish();
      check('the late important job', critical.status, 'running');
      check('the next of the others', jobs[151]!.status, 'waiting');
      await critical.finish();
      for (const job of jobs.slice(151)) {
        check('each of the rest in its turn', job.status, 'running');
        await job.finish();
      }
    },
  },
  {
    id: 'Q02',
    sentence:
      'Aborted while it waits, a job rejects at once with the given reason, also when paused; among equal ids the right one goes.',
    async run({ createQueue }) {
      const queue = createQueue({ slots: 1 });
      const [running] = await add(queue, 1);
      const [staying, leaving] = [new AbortController(), new AbortController()];
      const stays = queue.add('normal', staying.signal, 'same');
      const leaves = queue.add('normal', leaving.signal, 'same');
      const reason = new Error('enough');
      leaving.abort(reason);
      await queue.settle();
      check('the aborted job, at once', leaves.status, 'rejected');
      check('it has the given reason', leaves.error === reason, true);
      check('jobs that wait', queue.size(), 1);
      await queue.pause();
      const other = new AbortController();
      const paused = queue.add('normal', other.signal);
      await queue.settle();
      other.abort(reason);
      await queue.settle();
      check('a job aborted while paused', paused.status, 'rejected');
      check('the other job with the same id', stays.status, 'waiting');
      await running!.finish();
    },
  },
  {
    id: 'Q03',
    sentence:
      'A job’s abort listener is removed when it ends and when the queue is cleared; it never holds more than one.',
    async run({ createQueue }) {
      const queue = createQueue({ slots: 1 });
      const { signal } = new AbortController();
      const listeners = (): number => getEventListeners(signal, 'abort').length;
      for (let cycle = 0; cycle < 50; cycle++) {
        const job = queue.add('normal', signal);
        await queue.settle();
        check('at most one while it runs', listeners() <= 1, true);
        await job.finish();
      }
      check('after fifty cycles', listeners(), 0);
      await add(queue, 1);
      const [waiting] = await add(queue, 1, signal);
      check('the job that waits', waiting!.status, 'waiting');
      await queue.clear();
      check('after the queue was cleared', listeners(), 0);
    },
  },
  {
    id: 'Q04',
    sentence:
      'Jobs aborted while they wait use up nothing that bounds calls; a hundred thousand of them do not overflow the stack.',
    async run({ createQueue }) {
      const queue = createQueue({ slots: 1, quota: { starts: 2, perMs: 1_000 } });
      const [running] = await add(queue, 1);
      const controller = new AbortController();
      await add(queue, 3, controller.signal);
      const [next] = await add(queue, 1);
      controller.abort();
      await queue.settle();
      await running!.finish();
      check('the next job that is wanted', next!.status, 'running');

      const long = createQueue({ slots: 1 });
      const [first] = await add(long, 1);
      const leaving = Array.from({ length: MANY / JOBS_PER_CALLER }, () => new AbortController());
      const jobs = leaving.flatMap(({ signal }) =>
        Array.from({ length: JOBS_PER_CALLER }, () => long.add('normal', signal)),
      );
      const [last] = await add(long, 1);
      const reason = new Error('enough');
      for (const caller of leaving) caller.abort(reason);
      await long.settle();
      check('aborted jobs', jobs.filter(({ status }) => status === 'rejected').length, MANY);
      await first!.finish();
      check('the job behind them', last!.status, 'running');
    },
  },
  {
    id: 'Q05',
    sentence: 'One job more than slots and places is refused; when the head is aborted the next in the queue runs.',
    async run({ createQueue }) {
      const queue = createQueue({ slots: 1, places: 2 });
      const [running] = await add(queue, 1);
      const controller = new AbortController();
      const [head] = await add(queue, 1, controller.signal);
      const [next, extra] = await add(queue, 2);
      check('the jobs that fit', statuses([running!, head!, next!]), ['running', 'waiting', 'waiting']);
      check('the one too many', extra!.status, 'rejected');
      controller.abort();
      await queue.settle();
      await running!.finish();
      check('the job behind the aborted head', next!.status, 'running');
    },
  },
  {
    id: 'Q06',
    sentence:
      'When a job’s time ends in the moment a slot frees, no permit is lost; the limit can rise and fall while jobs wait.',
    async run({ createQueue }) {
      for (const abortsFirst of [true, false]) {
        const queue = createQueue({ slots: 1 });
        const [running] = await add(queue, 1);
        const controller = new AbortController();
        await add(queue, 1, controller.signal);
        const [next] = await add(queue, 1);
        if (abortsFirst) controller.abort();
        const finished = running!.finish();
        if (!abortsFirst) controller.abort();
        await finished;
        check(`the next job, aborting ${abortsFirst ? 'before' : 'after'} the slot frees`, next!.status, 'running');
      }
      const queue = createQueue({ slots: 1 });
      const jobs = await add(queue, 6);
      await queue.resize(3);
      check('after the limit rose to 3', statuses(jobs).filter((status) => status === 'running').length, 3);
      await queue.resize(1);
      await jobs[0]!.finish();
      await jobs[1]!.finish();
      check(
        'after it fell to 1 and two ended',
        statuses(jobs.slice(2)).filter((status) => status === 'running').length,
        1,
      );
    },
  },
  {
    id: 'Q07',
    sentence: 'Under load it refuses by quantiles of recent levels: at one and the same load a higher class passes.',
    missing: {
      opossum: NO_QUEUE,
      cockatiel: 'Its queue refuses what exceeds its places, whatever it is.',
      'p-queue': NO_BOUND,
    },
    decided: {
      why: 'No shedding by quantiles, whose threshold nobody can name beforehand: a full model refuses, and a higher class takes the place of the lower one that would be served last.',
      async run({ createQueue }) {
        const queue = createQueue({ slots: 1, places: 2 });
        const [, first, last] = await add(queue, 3);
        const [low, critical] = [queue.add('low'), queue.add('critical')];
        await queue.settle();
        check('low and critical at the same load', statuses([low, critical]), ['rejected', 'waiting']);
        check('those that waited', statuses([first!, last!]), ['waiting', 'rejected']);
      },
    },
  },
  {
    id: 'Q08',
    sentence:
      'A budget of retries and hedges: a few are always allowed; above the rate none is made and the first result stands.',
    async run() {
      const rig = createRig({ m: { breaker: { failureThreshold: 1_000 } } }, { retries: { baseMs: 0 } });
      const down = () => new BackendError('down', { status: 503, retryAfterMs: RETRY_MS });
      const failAll = async (asked: readonly Asked[]): Promise<void> => {
        for (const call of rig.backends.m.calls.slice(-asked.length)) call.fail(down());
        await settled();
      };
      const first = [rig.ask(), rig.ask(), rig.ask(), rig.ask()];
      await failAll(first);
      check(
        'requests that are tried again with next to nothing running',
        rig.router.getModelStatus()['m']!.backingOff,
        3,
      );
      check('the fourth fails with its own failure', first.filter(({ code }) => code === 'provider_failed').length, 1);
      await rig.clock.advance(RETRY_MS);
      check('calls', rig.backends.m.calls.length, 7);
      for (const call of rig.backends.m.calls.slice(-3)) call.succeed();
      await settled();
      check('those that were tried again', first.filter(({ answer }) => answer?.attempts === 2).length, 3);
      const many = Array.from({ length: 30 }, () => rig.ask());
      for (const call of rig.backends.m.calls.slice(-30, -20)) call.fail(down());
      await settled();
      // A fifth of what runs: with each that leaves its slot, one call less.
      check('of ten failures among thirty calls', rig.router.getModelStatus()['m']!.backingOff, 5);
      check('whose first result stands', many.filter(({ code }) => code === 'provider_failed').length, 5);
      for (const call of rig.backends.m.calls.slice(-20)) call.succeed();
      await settled();
      await rig.router.stop({ graceMs: 0 });
    },
    missing: {
      opossum: 'It does not retry.',
      cockatiel: 'Its retries have a number of attempts for each call and no budget over all of them.',
      'p-queue': 'It does not retry.',
    },
  },
];

import PQueue from 'p-queue';
import {
  type Class,
  type Implementation,
  type Job,
  NotExpressible,
  type Queue,
  type QueueConfig,
} from '../interface.ts';
import { turn } from './peer-time.ts';
import { PendingJob } from './pending-job.ts';

export const NO_BREAKER = 'It is a queue without a breaker.';
export const NO_BOUND = 'It refuses nothing: its queue has no bound.';

const PRIORITIES: Readonly<Record<Class, number>> = { critical: 3, high: 2, normal: 1, low: 0 };

class PQueueQueue implements Queue {
  readonly #queue: PQueue;

  constructor({ slots, quota }: QueueConfig) {
    this.#queue = new PQueue({
      concurrency: slots,
      ...(quota !== undefined && { intervalCap: quota.starts, interval: quota.perMs }),
    });
  }

  add(priority: Class, signal?: AbortSignal, id?: string): Job {
    const job = new PendingJob(turn);
    const result = this.#queue.add(job.invoke, {
      priority: PRIORITIES[priority],
      ...(signal !== undefined && { signal }),
      ...(id !== undefined && { id }),
    });
    return job.follow(result);
  }

  settle = turn;

  async pause(): Promise<void> {
    this.#queue.pause();
  }

  async clear(): Promise<void> {
    this.#queue.clear();
    await turn();
  }

  async resize(slots: number): Promise<void> {
    this.#queue.concurrency = slots;
    await turn();
  }

  size(): number {
    return this.#queue.size;
  }
}

export const pQueue: Implementation = {
  name: 'p-queue',
  createBreaker() {
    throw new NotExpressible(NO_BREAKER);
  },
  createQueue(config) {
    if (config.places !== undefined) throw new NotExpressible(NO_BOUND);
    return new PQueueQueue(config);
  },
};

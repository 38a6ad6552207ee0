import { bulkhead } from 'cockatiel';
import { type Implementation, type Job, NotExpressible, type Queue, type QueueConfig } from '../interface.ts';
import { createCockatielBreaker } from './cockatiel.ts';
import { turn } from './peer-time.ts';
import { PendingJob } from './pending-job.ts';

class CockatielQueue implements Queue {
  readonly #config: QueueConfig;
  readonly #bulkhead: ReturnType<typeof bulkhead>;

  constructor(config: QueueConfig) {
    this.#config = config;
    this.#bulkhead = bulkhead(config.slots, this.#places);
  }

  add(priority: string, signal?: AbortSignal): Job {
    if (priority !== 'normal') throw new NotExpressible('Its queue knows no classes.');
    const job = new PendingJob(turn);
    return job.follow(this.#bulkhead.execute(job.invoke, signal));
  }

  settle = turn;

  pause(): Promise<void> {
    throw new NotExpressible('Its queue cannot be paused.');
  }

  clear(): Promise<void> {
    throw new NotExpressible('Its queue cannot be cleared.');
  }

  resize(): Promise<void> {
    throw new NotExpressible('Its limits are fixed when it is made.');
  }

  size(): number {
    return this.#places - this.#bulkhead.queueSlots;
  }

  get #places(): number {
    return this.#config.places ?? Number.MAX_SAFE_INTEGER;
  }
}

export const cockatiel: Implementation = {
  name: 'cockatiel',
  createBreaker: createCockatielBreaker,
  createQueue: (config) => new CockatielQueue(config),
};

import type { Backend, LLMRequest } from '../../../src/backends/backend.ts';
import { LLMRouter } from '../../../src/llm-router.ts';
import { settled, VirtualClock } from '../../support/virtual-clock.ts';
import {
  type Class,
  type Implementation,
  type Job,
  NotExpressible,
  type Queue,
  type QueueConfig,
} from '../interface.ts';
import { createRouterBreaker, releaseRouters } from './llm-router.ts';
import { PendingJob } from './pending-job.ts';

const MODEL = 'm';
const LONG_MS = 1_000_000_000_000;
/** More than any row adds. */
const UNBOUNDED = 1_000_000;

const made = new Set<Queue>();

/** The queue of one model of a whole router, driven by its public methods. */
class RouterQueue implements Queue {
  readonly #clock = new VirtualClock();
  readonly #jobs = new Map<string, PendingJob>();
  readonly #router: LLMRouter;

  constructor({ slots, places = UNBOUNDED }: QueueConfig) {
    const backend: Backend = {
      generate: async ({ messages }: LLMRequest) => {
        await this.#jobs.get(messages[0]!.content as string)!.invoke();
        return { content: 'ok' };
      },
    };
    this.#router = new LLMRouter({ clock: this.#clock, seed: 1 }).addModel(MODEL, {
      backend,
      maxConcurrency: slots,
      maxQueueDepth: slots + places,
      attemptTimeoutMs: LONG_MS,
    });
  }

  /** Requests have no ids of their own to share: those of the router are unique. */
  add(priority: Class, signal?: AbortSignal): Job {
    const name = `job ${this.#jobs.size}`;
    const job = new PendingJob(settled);
    this.#jobs.set(name, job);
    return job.follow(this.#router.generate(name, { priority, signal, timeoutMs: LONG_MS }));
  }

  settle = settled;

  async pause(): Promise<void> {
    this.#router.pause(MODEL);
    await settled();
  }

  /** What sends away everything that waits is the router's end. */
  async clear(): Promise<void> {
    const stopped = this.#router.stop({ graceMs: 0 });
    await this.#clock.advance(0);
    await stopped;
  }

  resize(): Promise<void> {
    throw new NotExpressible('The number of slots is fixed when a model is added.');
  }

  size(): number {
    return Object.values(this.#router.getModelStatus()[MODEL]!.waiting).reduce((sum, count) => sum + count, 0);
  }
}

export const llmRouter: Implementation = {
  name: 'llm-router',
  createBreaker: createRouterBreaker,
  createQueue(config) {
    const queue = new RouterQueue(config);
    made.add(queue);
    return queue;
  },
  async release() {
    await releaseRouters();
    for (const queue of made) await queue.clear();
    made.clear();
  },
};

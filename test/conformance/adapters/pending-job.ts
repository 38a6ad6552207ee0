import type { Job } from '../interface.ts';

/** A job of a promise-based queue: it runs from when the queue calls its function. */
export class PendingJob implements Job {
  error: unknown;
  #status: Job['status'] = 'waiting';
  #end = (): void => {};
  readonly #turn: () => Promise<void>;

  constructor(turn: () => Promise<void>) {
    this.#turn = turn;
  }

  /** The function to hand over. */
  readonly invoke = (): Promise<void> => {
    this.#status = 'running';
    return new Promise((resolve) => {
      this.#end = resolve;
    });
  };

  /** Follows what its owner gets. */
  follow(result: Promise<unknown>): this {
    result.then(
      () => {
        this.#status = 'done';
      },
      (error: unknown) => {
        this.#status = 'rejected';
        this.error = error;
      },
    );
    return this;
  }

  get status(): Job['status'] {
    return this.#status;
  }

  async finish(): Promise<void> {
    this.#end();
    await this.#turn();
  }
}

import { Worker } from 'node:worker_threads';
import type { Exchanges, StoreFault } from './messages.ts';

type Reply = Exchanges[keyof Exchanges]['answer'] | StoreFault;

/** The database's thread. It answers in the order in which it is asked, and keeps the process alive until it has. */
export class SqliteThread {
  readonly #worker: Worker;
  readonly #asked: ((reply: Reply) => void)[] = [];
  #isGone = false;

  constructor(engines: readonly string[]) {
    this.#worker = new Worker(new URL('./sqlite.worker.js', import.meta.url), {
      workerData: { engines },
      // Nothing of the process's own flags; and nobody who runs a router can do anything about this warning.
      execArgv: ['--disable-warning=ExperimentalWarning'],
    });
    this.#worker.on('message', (reply: Reply) => this.#answer(reply));
    this.#worker.on('error', () => this.#end());
    this.#worker.on('exit', () => this.#end());
  }

  ask<Type extends keyof Exchanges>(
    type: Type,
    ask: Exchanges[Type]['ask'],
    transfer: readonly ArrayBuffer[] = [],
  ): Promise<Exchanges[Type]['answer'] | StoreFault> {
    if (this.#isGone) return Promise.resolve({ fault: 'thread_gone' });
    return new Promise((resolve) => {
      this.#asked.push(resolve as (reply: Reply) => void);
      this.#worker.ref();
      this.#worker.postMessage({ type, ...ask }, transfer);
    });
  }

  /** The file is free when it resolves: a binding may hold it until its thread has ended. */
  async close(): Promise<void> {
    await this.ask('close', {});
    this.#worker.ref();
    await this.#worker.terminate();
  }

  #answer(reply: Reply): void {
    this.#asked.shift()?.(reply);
    if (this.#asked.length === 0) this.#worker.unref();
  }

  #end(): void {
    this.#isGone = true;
    while (this.#asked.length > 0) this.#answer({ fault: 'thread_gone' });
  }
}

import type { Call, CallStatus, Outcome } from '../interface.ts';

/** What the call itself throws, as against what the implementation throws in its place. */
export class ProviderError extends Error {
  readonly kind: 'failure' | 'ignored' | 'aborted';
  readonly waitMs: number | undefined;

  constructor(kind: ProviderError['kind'], waitMs?: number) {
    super(kind);
    this.kind = kind;
    this.waitMs = waitMs;
  }
}

interface Settlers {
  resolve(): void;
  reject(error: Error): void;
}

/** A call through a promise-based implementation: it runs while the function that was handed over has not settled. */
export class PendingCall implements Call {
  error: unknown;
  #isOver = false;
  #hasRun = false;
  #running: Settlers | null = null;
  readonly #turn: () => Promise<void>;
  readonly #controller: AbortController | null;

  /** @param controller what its caller's leaving aborts; null when the implementation takes no signal */
  constructor(turn: () => Promise<void>, controller: AbortController | null = null) {
    this.#turn = turn;
    this.#controller = controller;
  }

  /** The function to hand over. */
  readonly invoke = (): Promise<string> => {
    this.#hasRun = true;
    return new Promise((resolve, reject) => {
      this.#running = { resolve: () => resolve('answer'), reject };
    });
  };

  /** Follows what the caller gets. */
  follow(result: Promise<unknown>): this {
    result.then(
      () => {
        this.#isOver = true;
      },
      (error: unknown) => {
        this.#isOver = true;
        this.error = error;
      },
    );
    return this;
  }

  get status(): CallStatus {
    if (this.#isOver) return this.#hasRun ? 'done' : 'rejected';
    return this.#running === null ? 'parked' : 'running';
  }

  async settle(outcome: Outcome, waitMs?: number): Promise<void> {
    this.#end((running) =>
      outcome === 'success' ? running.resolve() : running.reject(new ProviderError(outcome, waitMs)),
    );
    await this.#turn();
  }

  /** The function hears its caller's leaving and gives up, as one that honours its signal would. */
  async abort(): Promise<void> {
    this.#controller?.abort();
    this.#end((running) => running.reject(new ProviderError('aborted')));
    await this.#turn();
  }

  #end(how: (running: Settlers) => void): void {
    const running = this.#running;
    this.#running = null;
    if (running !== null) how(running);
  }
}

import type { Clock } from '../../src/clock.ts';

interface Timer {
  readonly due: number;
  readonly order: number;
  readonly callback: () => void;
}

/** Time that stands still until it is told to move; then it steps through every timer in order. */
export class VirtualClock implements Clock {
  #now: number;
  #order = 0;
  readonly #timers = new Map<number, Timer>();

  constructor(start = 0) {
    this.#now = start;
  }

  now = (): number => this.#now;
  wallNow = (): number => 1_700_000_000_000 + this.#now;

  setTimeout = (callback: () => void, ms: number): number => {
    const order = ++this.#order;
    this.#timers.set(order, { due: this.#now + Math.max(0, ms), order, callback });
    return order;
  };

  clearTimeout = (handle: unknown): void => {
    this.#timers.delete(handle as number);
  };

  /** Timers that are armed. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Lets promise reactions run, then moves on, letting them run after each timer. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settled();
    for (let next = this.#next(end); next !== undefined; next = this.#next(end)) {
      this.#timers.delete(next.order);
      this.#now = next.due;
      next.callback();
      await settled();
    }
    this.#now = end;
  }

  #next(end: number): Timer | undefined {
    let best: Timer | undefined;
    for (const timer of this.#timers.values()) {
      if (timer.due > end) continue;
      if (best === undefined || timer.due < best.due || (timer.due === best.due && timer.order < best.order)) {
        best = timer;
      }
    }
    return best;
  }
}

/** After every promise reaction that is ready now, and those that these make ready. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

import { afterReactions, type Clock } from '../../clock.ts';

interface Timer {
  readonly due: number;
  /** Order of setting; breaks ties. */
  readonly order: number;
  readonly callback: () => void;
}

const isLater = (a: Timer, b: Timer): boolean => (a.due === b.due ? a.order > b.order : a.due > b.due);

/** When the virtual clock begins, in milliseconds since the Unix epoch. */
const EPOCH_MS = 1_700_000_000_000;

/**
 * Time that stands still until it is told to move; then it steps through every timer in order.
 *
 * @example
 * const clock = new VirtualClock();
 * const router = new LLMRouter({ clock });
 * await clock.advance(60_000);
 */
export class VirtualClock implements Clock {
  readonly isManual = true;
  #now: number;
  #order = 0;
  /** The latest first, so that the next one is taken off the end. */
  readonly #timers: Timer[] = [];

  /** @param start what `now()` says at first, in milliseconds. Default 0 */
  constructor(start = 0) {
    this.#now = start;
  }

  now = (): number => this.#now;
  wallNow = (): number => EPOCH_MS + this.#now;

  setTimeout = (callback: () => void, ms: number): unknown => {
    const timer: Timer = { due: this.#now + Math.max(0, ms), order: ++this.#order, callback };
    this.#timers.splice(this.#placeOf(timer), 0, timer);
    return timer;
  };

  clearTimeout = (handle: unknown): void => {
    // As the process's own, it takes what was never set.
    if (typeof handle !== 'object' || handle === null) return;
    const place = this.#placeOf(handle as Timer);
    if (this.#timers[place] === handle) this.#timers.splice(place, 1);
  };

  /** Timers that are set. */
  get pending(): number {
    return this.#timers.length;
  }

  /**
   * Lets promise reactions run, then moves on, letting them run after each timer. Two at once begin at the same time, and
   * the longer one says where it ends.
   * @param ms how far; 0 rings what is due now
   * @throws {RangeError} when it is below 0, or not finite
   */
  async advance(ms: number): Promise<void> {
    if (!(ms >= 0 && ms < Number.POSITIVE_INFINITY)) {
      throw new RangeError(`advance(): given ${ms}; accepted: a finite number of milliseconds, 0 or more`);
    }
    const end = this.#now + ms;
    await afterReactions();
    for (let next = this.#timers.at(-1); next !== undefined && next.due <= end; next = this.#timers.at(-1)) {
      this.#timers.pop();
      this.#now = next.due;
      next.callback();
      await afterReactions();
    }
    this.#now = Math.max(this.#now, end);
  }

  /** Where the timer stands, or would. */
  #placeOf(timer: Timer): number {
    let low = 0;
    let high = this.#timers.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (isLater(this.#timers[middle]!, timer)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

// Node's own, also where a test has put a fake in the place of the global one.
import { setImmediate } from 'node:timers';
import { MAX_TIMER_MS } from './timer-limit.ts';

/**
 * The only source of time. Everything that waits, measures or expires asks the clock that was injected, so that a test
 * or a simulation can replay a week of traffic in seconds.
 */
export interface Clock {
  /** Milliseconds on a monotonic scale; never steps back, says nothing about the date. */
  now(): number;
  /** Milliseconds since the Unix epoch; for what is persisted or sent to others, never for durations. */
  wallNow(): number;
  setTimeout(callback: () => void, ms: number): unknown;
  clearTimeout(handle: unknown): void;
  /**
   * Its time is moved by hand: a pending request does not keep the process alive, since nobody may move it any more.
   * Default false.
   */
  readonly isManual?: boolean;
}

/**
 * The process's own time. Its timers are unref'd: an open breaker must not keep a process alive, and XState cannot say
 * which of its timers matter. A pending request keeps the process alive by other means.
 */
export const systemClock: Clock = {
  now: () => performance.now(),
  wallNow: () => Date.now(),
  setTimeout: (callback, ms) => setTimeout(callback, Math.max(0, Math.min(ms, MAX_TIMER_MS))).unref(),
  clearTimeout: (handle) => clearTimeout(handle as NodeJS.Timeout | undefined),
};

/**
 * Resolves after every promise reaction that is ready now, and those that these make ready. No time passes for it: it is
 * how a clock that is moved by hand lets the program catch up.
 */
export const afterReactions = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Keeps the process alive while something is pending; timers of the clock never do. */
export interface ProcessHold {
  take(): void;
  release(): void;
  /** Lets go for good. */
  end(): void;
}

export function createProcessHold(): ProcessHold {
  // One timer whose ref is switched, because making and clearing one for each request costs more than the switch.
  let handle: NodeJS.Timeout | null = null;
  let isTaken = false;
  return {
    take() {
      if (isTaken) return;
      isTaken = true;
      if (handle === null) handle = setInterval(() => {}, MAX_TIMER_MS);
      else handle.ref();
    },
    release() {
      isTaken = false;
      handle?.unref();
    },
    end() {
      isTaken = false;
      clearInterval(handle ?? undefined);
      handle = null;
    },
  };
}

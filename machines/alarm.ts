import { MAX_TIMER_MS } from '../src/timer-limit.ts';
import type { TimePort } from './ports.ts';

/**
 * A timer whose due time moves with every request. It re-arms the clock only for an earlier time and otherwise lets the
 * armed timer ring early and look again, because clearing and setting a timer per request costs more than the request.
 */
export interface Alarm {
  /** Rings at `due`, and no more at any time set before. */
  set(due: number): void;
  /** Does not ring until it is set again. */
  clear(): void;
  /** Lets go of the clock. */
  stop(): void;
}

export function createAlarm(time: TimePort, ring: (at: number) => void): Alarm {
  let due = Number.POSITIVE_INFINITY;
  let armedFor = Number.POSITIVE_INFINITY;
  let handle: unknown;

  const arm = (): void => {
    armedFor = due;
    handle = time.setTimeout(look, Math.min(due - time.now(), MAX_TIMER_MS));
  };
  const look = (): void => {
    armedFor = Number.POSITIVE_INFINITY;
    if (due === Number.POSITIVE_INFINITY) return;
    const at = time.now();
    if (due > at) {
      arm();
      return;
    }
    due = Number.POSITIVE_INFINITY;
    ring(at);
  };
  const disarm = (): void => {
    if (armedFor !== Number.POSITIVE_INFINITY) time.clearTimeout(handle);
    armedFor = Number.POSITIVE_INFINITY;
  };

  return {
    set(next) {
      due = next;
      if (due >= armedFor) return;
      disarm();
      arm();
    },
    clear() {
      due = Number.POSITIVE_INFINITY;
    },
    stop() {
      due = Number.POSITIVE_INFINITY;
      disarm();
    },
  };
}

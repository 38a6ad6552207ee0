// Two sources of time with one face: `{ now, wallNow, later, cancel, forRouter, armed, tick }`. What the router arms is
// counted apart from what the soak arms, so that the soak can tell what the router has left behind.

const WALL_START = 1_700_000_000_000;

/** After every promise reaction that is ready now, and those that these make ready. */
export const reactions = () => new Promise((resolve) => setImmediate(resolve));

function counted({ now, wallNow, arm, disarm }) {
  const armed = new Set();
  return {
    armed,
    clock: {
      now,
      wallNow,
      setTimeout(callback, ms) {
        const handle = arm(() => {
          armed.delete(handle);
          callback();
        }, ms);
        armed.add(handle);
        return handle;
      },
      clearTimeout(handle) {
        armed.delete(handle);
        disarm(handle);
      },
    },
  };
}

/** Time that leaps from one timer to the next: a day of traffic takes seconds, and the same seed gives the same day. */
export function createVirtualTime() {
  let time = 0;
  let order = 0;
  const heap = [];
  const isBefore = (a, b) => (a.due === b.due ? a.order < b.order : a.due < b.due);
  const swap = (a, b) => {
    [heap[a], heap[b]] = [heap[b], heap[a]];
  };
  const push = (timer) => {
    let index = heap.push(timer) - 1;
    while (index > 0 && isBefore(heap[index], heap[(index - 1) >> 1])) {
      swap(index, (index - 1) >> 1);
      index = (index - 1) >> 1;
    }
  };
  const pop = () => {
    swap(0, heap.length - 1);
    const timer = heap.pop();
    for (let index = 0; ; ) {
      const left = 2 * index + 1;
      if (left >= heap.length) return timer;
      const least = left + 1 < heap.length && isBefore(heap[left + 1], heap[left]) ? left + 1 : left;
      if (!isBefore(heap[least], heap[index])) return timer;
      swap(index, least);
      index = least;
    }
  };
  const now = () => time;
  const wallNow = () => WALL_START + time;
  const arm = (callback, ms) => {
    const timer = { due: time + Math.max(0, ms), order: ++order, callback };
    push(timer);
    return timer;
  };
  const disarm = (timer) => {
    if (timer) timer.callback = null;
  };
  const { clock, armed } = counted({ now, wallNow, arm, disarm });
  return {
    now,
    wallNow,
    later: arm,
    cancel: disarm,
    forRouter: clock,
    armed: () => armed.size,
    /** How late a timer may ring. */
    tolerance: 0,
    /** Moves on to the next timer that is armed, and lets everything happen that it causes. */
    async tick() {
      while (heap.length > 0) {
        const { due, callback } = pop();
        if (callback === null) continue;
        time = due;
        callback();
        break;
      }
      await reactions();
    },
  };
}

/** The process's own time, as the router takes it by default. */
export function createRealTime(systemClock) {
  const { now, wallNow } = systemClock;
  const { clock, armed } = counted({ now, wallNow, arm: systemClock.setTimeout, disarm: systemClock.clearTimeout });
  return {
    now,
    wallNow,
    later: (callback, ms) => setTimeout(callback, ms),
    cancel: clearTimeout,
    forRouter: clock,
    armed: () => armed.size,
    // Two cores that run other things too: what is late by less says nothing about the router.
    tolerance: 2_000,
    async tick() {
      await new Promise((resolve) => setTimeout(resolve, 1));
      await reactions();
    },
  };
}

import { vi } from 'vitest';
import { settled } from '../../support/virtual-clock.ts';

const START = 1_700_000_000_000;

/** Runs a peer under virtual time: peers read the process's own clock and timers. */
export async function underFakeTime<T>(run: () => Promise<T>): Promise<T> {
  vi.useFakeTimers({
    now: START,
    toFake: ['Date', 'performance', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'],
  });
  try {
    return await run();
  } finally {
    vi.useRealTimers();
  }
}

/** Lets every promise reaction that is ready run. */
export const turn = settled;

export async function advancePeers(ms: number): Promise<void> {
  await turn();
  await vi.advanceTimersByTimeAsync(ms);
  await turn();
}

import { monitorEventLoopDelay } from 'node:perf_hooks';

/** Median, 99th percentile and largest, in milliseconds. */
export function summary(times) {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  return { p50: at(0.5), p99: at(0.99), max: sorted.at(-1) };
}

/** How long each of so many calls takes, after as many calls in vain as warm it up. `prepare` is not timed. */
export function timed(count, prepare, call, warmUp = 500) {
  const times = [];
  for (let round = -warmUp; round < count; round++) {
    const argument = prepare(round + warmUp);
    const startedAt = performance.now();
    call(argument, round + warmUp);
    if (round >= 0) times.push(performance.now() - startedAt);
  }
  return summary(times);
}

export const turn = () => new Promise((resolve) => setImmediate(resolve));
export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** The longest that the event loop stood still while `work` ran, in milliseconds. */
export async function longestBlock(work) {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  await pause(20);
  delay.enable();
  await work();
  delay.disable();
  // It measures from timer to timer, so an idle loop shows the resolution.
  return delay.max / 1e6;
}

export const residentBytes = () => {
  globalThis.gc();
  globalThis.gc();
  return process.memoryUsage.rss();
};

export const report = (result) => void process.stdout.write(`${JSON.stringify(result)}\n`);

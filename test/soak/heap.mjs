import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');

/** An actor or an event type that stays costs some 500 bytes for each request. */
const BYTES_PER_REQUEST = 80;
/** What code and caches may still grow by once everything has happened at least once. */
const SLACK = 2 * 1_048_576;

/**
 * Measures the heap now and then, the last time at the end: between the last two it must not grow with the number of
 * requests.
 * @param at how much of the soak has passed by then, each from 0 to 1
 */
export function createHeapWatch(requestsSoFar, at = [0.2, 0.6, 1]) {
  const marks = [];
  const measure = () => {
    collect();
    collect();
    marks.push({ bytes: process.memoryUsage().heapUsed, requests: requestsSoFar() });
  };
  return {
    look(progress) {
      if (marks.length < at.length && progress >= at[marks.length]) measure();
    },
    wrong() {
      if (marks.length < at.length) return null;
      const [middle, last] = marks.slice(-2);
      const grown = last.bytes - middle.bytes;
      const allowed = SLACK + BYTES_PER_REQUEST * (last.requests - middle.requests);
      return grown <= allowed
        ? null
        : `the heap grew by ${grown} bytes over ${last.requests - middle.requests} requests`;
    },
    figures: () =>
      marks.map(({ bytes, requests }) => `${(bytes / 1_048_576).toFixed(1)} MB after ${requests}`).join(', '),
  };
}

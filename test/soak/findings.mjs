/** What went wrong first, and what had happened right before. */
export function createFindings(now) {
  const KEPT = 20;
  const events = new Array(KEPT).fill(null);
  let count = 0;
  let first = null;
  return {
    /** An event, as lazily as it can be told: only the last ones are ever put into words. */
    note(tell) {
      events[count++ % KEPT] = { at: now(), tell };
    },
    violation(what) {
      if (first !== null) return;
      const last = Array.from({ length: Math.min(count, KEPT) }, (_, index) => {
        const { at, tell } = events[(Math.max(0, count - KEPT) + index) % KEPT];
        return `${at.toFixed(3)} ${tell()}`;
      });
      first = { at: now(), what, last, stack: new Error('found here').stack.split('\n').slice(2, 8) };
    },
    get first() {
      return first;
    },
  };
}

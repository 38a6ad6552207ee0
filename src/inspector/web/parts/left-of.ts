/** How much is left of a time: 1 at its beginning, 0 when it is over. */
export const leftOf = (until: number, forMs: number, now: number): number =>
  forMs <= 0 ? 0 : Math.min(1, Math.max(0, (until - now) / forMs));

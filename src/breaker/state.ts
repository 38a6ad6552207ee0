/** The states of a breaker: of its chart, of what selection sees of it, and of what is kept over a restart. */
export const BREAKER_STATES = ['closed', 'open', 'half_open', 'forced_open', 'forced_closed'] as const;

export type BreakerState = (typeof BREAKER_STATES)[number];

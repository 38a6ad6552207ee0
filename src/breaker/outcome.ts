/**
 * How a call ended, as far as blame goes. `ignored` is the caller's own fault and `cancelled` the caller's own wish:
 * neither moves a breaker. `rate_limited` says that the provider works and wants less.
 */
export type Outcome = 'success' | 'failure' | 'ignored' | 'cancelled' | 'rate_limited';

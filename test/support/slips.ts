import type { PriorityClass } from '../../src/queue/priority.ts';
import type { Slip } from '../../src/routing/slip.ts';

/** A slip like any other but for what is given. */
export function slipWith(given: Partial<Slip> & { readonly seq: number }): Slip {
  const { seq, arrival = seq } = given;
  return {
    id: `r${seq}`,
    class: 'normal' as PriorityClass,
    arrival,
    deadline: Number.POSITIVE_INFINITY,
    rule: null,
    candidates: ['m'],
    cursor: 0,
    attempts: [],
    skipped: [],
    enteredAt: arrival,
    waitedBeforeMs: 0,
    streams: null,
    terms: { whenUnavailable: 'fail', maxRetries: 0, cache: null },
    unordered: null,
    parked: null,
    ...given,
  };
}

import type { PriorityClass } from '../../queue/priority.ts';
import { type Slip, type Terms, termsOf } from '../../routing/slip.ts';

/** What a request asks for that is judged before it is made. */
export interface Wanted {
  readonly class: PriorityClass;
  readonly arrival: number;
  /** Milliseconds until its deadline. */
  readonly timeoutMs: number;
  readonly candidates: readonly string[];
  readonly terms?: Terms;
  readonly id?: string;
  /** Its place among requests of the same instant. Default: behind all others. */
  readonly seq?: number;
}

const ON_ITS_OWN = termsOf('fail', 0);

/** The slip of a request that no model has had yet. */
export const newcomer = ({ class: priority, arrival, timeoutMs, candidates, terms, id, seq }: Wanted): Slip => ({
  id: id ?? 'newcomer',
  seq: seq ?? Number.MAX_SAFE_INTEGER,
  class: priority,
  arrival,
  deadline: arrival + timeoutMs,
  rule: null,
  candidates,
  cursor: 0,
  attempts: [],
  skipped: [],
  enteredAt: arrival,
  waitedBeforeMs: 0,
  streams: null,
  terms: terms ?? ON_ITS_OWN,
  unordered: null,
  parked: null,
});

import type { Boosts } from '../queue/priority.ts';
import type { Waiting } from '../queue/waiting.ts';

/** What selection knows of a model: plain figures, taken from its chart's snapshot or made up by a checker. */
export interface ModelView {
  readonly control: 'active' | 'draining' | 'drained';
  readonly breaker: 'closed' | 'open' | 'half_open' | 'forced_closed';
  /** When an open breaker turns half-open. */
  readonly openUntil: number;
  /** A half-open breaker has a permit and a slot left for one more probe. */
  readonly hasFreeProbe: boolean;
  /** When the earliest probe in flight must have shown life; null when none is in flight. */
  readonly probeDueAt: number | null;
  /** Every place is taken. */
  readonly isFull: boolean;
  readonly waiting: Waiting;
  readonly boosts: Boosts;
}

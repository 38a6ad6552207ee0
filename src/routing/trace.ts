import type { PriorityClass } from '../queue/priority.ts';
import type { Attempt, Slip } from './slip.ts';

/** What became of one candidate. */
export interface TraceCandidate {
  readonly model: string;
  readonly verdict: 'served' | 'failed' | 'skipped' | 'displaced' | 'cancelled';
  /** Why it was skipped or left: `circuit_open`, `half_open`, `queue_full`, `removed`, … */
  readonly reason?: string;
  readonly retryAfterMs?: number;
  /** Milliseconds that the request waited in this model's queue. */
  readonly waitedMs: number;
  readonly attempts: readonly TraceAttempt[];
}

export type TraceAttempt = Omit<Attempt, 'model' | 'waitedMs'>;

/** How a request was decided, attached to its answer or its error. Holds figures only: no prompt, answer or key. */
export interface Trace {
  readonly requestId: string;
  /** The rule that matched; null when none did. */
  readonly rule: string | null;
  readonly class: PriorityClass;
  readonly candidates: readonly TraceCandidate[];
  /** Milliseconds from acceptance to settlement. */
  readonly totalMs: number;
}

/** The trace of a request whose slip is final. Candidates that its cursor never reached are left out. */
export function traceOf(slip: Slip, settledAt: number): Trace {
  const candidates: TraceCandidate[] = [];
  for (const model of slip.candidates) {
    const attempts = slip.attempts.filter((attempt) => attempt.model === model);
    const skip = slip.skipped.find((entry) => entry.model === model);
    const last = attempts.at(-1);
    if (last === undefined && skip === undefined) continue;
    candidates.push({
      model,
      verdict: verdictOf(last, skip?.reason),
      ...(skip && { reason: skip.reason }),
      ...(skip?.retryAfterMs !== undefined && { retryAfterMs: skip.retryAfterMs }),
      waitedMs: last?.waitedMs ?? skip?.waitedMs ?? 0,
      attempts: attempts.map(({ model: _, waitedMs: __, ...attempt }) => attempt),
    });
  }
  return { requestId: slip.id, rule: slip.rule, class: slip.class, candidates, totalMs: settledAt - slip.arrival };
}

function verdictOf(last: Attempt | undefined, reason: string | undefined): TraceCandidate['verdict'] {
  if (reason === 'displaced') return 'displaced';
  if (reason === 'cancelled') return 'cancelled';
  if (last === undefined) return 'skipped';
  if (last.outcome === 'success') return 'served';
  return last.outcome === 'cancelled' ? 'cancelled' : 'failed';
}

import type { PriorityClass } from '../queue/priority.ts';
import type { CacheVerdict } from './cache-verdict.ts';
import type { Attempt, Slip } from './slip.ts';

/** What became of one candidate. */
export interface TraceCandidate {
  readonly model: string;
  readonly verdict: 'served' | 'failed' | 'skipped' | 'displaced' | 'cancelled';
  /** Why it was skipped or left: `circuit_open`, `half_open`, `queue_full`, `removed`, … */
  readonly reason?: string;
  readonly retryAfterMs?: number;
  /** `deadline_unreachable`: how long it would have waited for a slot there, in milliseconds. */
  readonly predictedWaitMs?: number;
  /** Milliseconds that the request waited in this model's queue, before all its calls. */
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
  /** How often and how long it waited outside every model for one to come back. Skips are of the last pass, attempts of all. */
  readonly parked?: { readonly count: number; readonly ms: number };
  /** What the cache had to do with it; absent without a cache. */
  readonly cache?: CacheVerdict;
  /** Milliseconds from acceptance to settlement. */
  readonly totalMs: number;
}

/** The trace of a request whose slip is final. Candidates that its cursor never reached are left out. */
export function traceOf(slip: Slip, settledAt: number): Trace {
  const candidates: TraceCandidate[] = [];
  let isServed = false;
  let listed = 0;
  for (const model of slip.candidates) {
    const candidate = candidateOf(slip, model);
    // What lies behind the one that served was not asked, unless in an earlier pass.
    if (candidate === null || (isServed && candidate.attempts.length === 0)) continue;
    candidates.push(candidate);
    isServed ||= candidate.verdict === 'served';
    listed += candidate.attempts.length;
    if (isServed && listed === slip.attempts.length) break;
  }
  const totalMs = settledAt - slip.arrival;
  const trace: { -readonly [Key in keyof Trace]: Trace[Key] } = {
    requestId: slip.id,
    rule: slip.rule,
    class: slip.class,
    candidates,
    totalMs,
  };
  if (slip.parked !== null) trace.parked = { count: slip.parked.count, ms: slip.parked.ms };
  if (slip.terms.cache !== null) trace.cache = slip.terms.cache;
  return trace;
}

/** Milliseconds that a request has spent in queues, the present one left out. */
export function queuedMs({ attempts, skipped, parked, waitedBeforeMs }: Slip): number {
  let ms = waitedBeforeMs + (parked === null ? 0 : parked.ms);
  for (const attempt of attempts) ms += attempt.waitedMs;
  for (const skip of skipped) ms += skip.waitedMs;
  return ms;
}

/** null: its turn never came. */
function candidateOf(slip: Slip, model: string): TraceCandidate | null {
  const attempts: TraceAttempt[] = [];
  let last: Attempt | undefined;
  let waitedMs = 0;
  for (const attempt of slip.attempts) {
    if (attempt.model !== model) continue;
    attempts.push(figuresOf(attempt));
    waitedMs += attempt.waitedMs;
    last = attempt;
  }
  const skip = slip.skipped.length === 0 ? undefined : slip.skipped.find((entry) => entry.model === model);
  if (skip === undefined) {
    return last === undefined ? null : { model, verdict: verdictOf(last, undefined), waitedMs, attempts };
  }
  const { reason, retryAfterMs, predictedWaitMs } = skip;
  return {
    model,
    verdict: verdictOf(last, reason),
    reason,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    ...(predictedWaitMs !== undefined && { predictedWaitMs }),
    waitedMs: waitedMs + skip.waitedMs,
    attempts,
  };
}

function figuresOf({ startedAt, ms, outcome, firstTokenMs, status, code }: Attempt): TraceAttempt {
  const figures: { -readonly [Key in keyof TraceAttempt]: TraceAttempt[Key] } = { startedAt, ms, outcome };
  if (firstTokenMs !== undefined) figures.firstTokenMs = firstTokenMs;
  if (status !== undefined) figures.status = status;
  if (code !== undefined) figures.code = code;
  return figures;
}

function verdictOf(last: Attempt | undefined, reason: string | undefined): TraceCandidate['verdict'] {
  if (reason === 'displaced') return 'displaced';
  if (reason === 'cancelled') return 'cancelled';
  if (last === undefined) return 'skipped';
  if (last.outcome === 'success') return 'served';
  return last.outcome === 'cancelled' ? 'cancelled' : 'failed';
}

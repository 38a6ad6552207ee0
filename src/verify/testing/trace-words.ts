import type { CacheVerdict } from '../../routing/cache-verdict.ts';
import type { Trace, TraceAttempt, TraceCandidate } from '../../routing/trace.ts';

/** A trace in a few lines of words: the request, then one line for each candidate, in the order in which they were asked. */
export function traceWords(trace: Trace): string {
  const { requestId, rule, class: priority, candidates, parked, cache, totalMs } = trace;
  const lines = [
    `request ${requestId}: class ${priority}, ${rule === null ? 'no rule' : `rule '${rule}'`}, ${inMs(totalMs)}`,
    ...candidates.map((candidate, index) => `  ${index + 1}. ${candidateWords(candidate)}`),
  ];
  if (candidates.length === 0) lines.push('  no model was asked');
  if (parked !== undefined) lines.push(`  waited outside every model: ${times(parked.count)}, ${inMs(parked.ms)}`);
  if (cache !== undefined) lines.push(`  cache: ${cacheWords(cache)}`);
  return lines.join('\n');
}

/** Real clocks tell fractions that nobody asked for. */
const inMs = (ms: number): string => `${Math.round(ms * 10) / 10} ms`;

export const times = (count: number): string => (count === 1 ? 'once' : `${count} times`);

function candidateWords({ model, verdict, reason, retryAfterMs, waitedMs, attempts }: TraceCandidate): string {
  const parts = [
    // Displaced and cancelled ones have their verdict for a reason.
    `${model}: ${reason === undefined || reason === verdict ? verdict : `${verdict} (${reason})`}`,
    ...(retryAfterMs === undefined ? [] : [`to be tried again in ${inMs(retryAfterMs)}`]),
    ...(waitedMs === 0 ? [] : [`waited ${inMs(waitedMs)}`]),
    ...attempts.map(attemptWords),
  ];
  return parts.join('; ');
}

function attemptWords({ outcome, status, code, ms }: TraceAttempt): string {
  const figures = [status, code].filter((figure) => figure !== undefined).join(' ');
  return `call: ${outcome}${figures === '' ? '' : ` ${figures}`} after ${inMs(ms)}`;
}

function cacheWords(verdict: CacheVerdict): string {
  if (verdict.status === 'hit') return `hit, ${verdict.kind}`;
  return 'reason' in verdict ? `${verdict.status}, ${verdict.reason}` : verdict.status;
}

import type { TraceCandidate } from '../../../routing/trace.ts';
import { duration, ordinal, words } from '../format.ts';
import { endOf } from './calls.ts';
import type { Tone } from './tone.ts';

type Hints = { readonly [Hint in 'retryAfterMs' | 'predictedWaitMs']?: number | undefined };

const REASONS: Readonly<Record<string, string>> = {
  circuit_open: 'its circuit was open',
  half_open: 'its circuit was half-open and no probe was free',
  queue_full: 'its queue was full',
  displaced: 'it gave its place to a more important request',
  draining: 'it was draining',
  removed: 'it had been removed',
  rate_limited: 'its provider wanted to be left alone',
  paused: 'an operator had paused it',
  deadline: "the request's time ran out",
  deadline_unreachable: 'the wait would have been longer than the time left',
  context_too_small: 'the request is longer than it takes',
  router_stopped: 'the router was stopped',
  cancelled: 'the request was cancelled',
};

/** Why a candidate did not take a request, or gave it back. */
export function reasonWords(reason: string, { retryAfterMs, predictedWaitMs }: Hints): string {
  const wait = predictedWaitMs === undefined ? '' : `, about ${duration(predictedWaitMs)}`;
  const retry = retryAfterMs === undefined ? '' : `, to be asked again after ${duration(retryAfterMs)}`;
  return `${REASONS[reason] ?? words(reason)}${wait}${retry}`;
}

export function toneOf(reason: string): Tone {
  if (reason === 'rate_limited') return 'limited';
  return reason === 'cancelled' || reason === 'router_stopped' ? 'neutral' : 'bad';
}

const TIMES = ['', 'once', 'twice'];

/** What became of a candidate, in words. */
export function verdictWords(candidate: TraceCandidate): string {
  const { verdict, reason, attempts } = candidate;
  const why = reason === undefined ? null : reasonWords(reason, candidate);
  if (attempts.length === 0) return `Skipped: ${why ?? words(verdict)}.`;
  if (verdict === 'served') {
    return attempts.length === 1 ? 'Served.' : `Served at the ${ordinal(attempts.length)} call.`;
  }
  const last = attempts.at(-1)!;
  const often = TIMES[attempts.length] ?? `${attempts.length} times`;
  const left = why === null ? '' : `, then left: ${why}`;
  return `Called ${often}; ${attempts.length === 1 ? 'it' : 'the last call'} ${wasEnded(last)}${left}.`;
}

const wasEnded = (attempt: TraceCandidate['attempts'][number]): string => {
  const { text } = endOf(attempt);
  return attempt.outcome === 'rate_limited' || attempt.outcome === 'cancelled' ? `was ${text}` : text;
};

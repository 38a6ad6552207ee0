import type { Trace, TraceAttempt } from '../../../routing/trace.ts';
import { words } from '../format.ts';
import type { Tone } from './drawing.ts';

/** So far apart two times may be told that are the same, in milliseconds: each has been rounded for itself. */
export const ROUNDING_MS = 2;

/** One call of a backend on a request's way. */
export interface Call extends Omit<TraceAttempt, 'startedAt'> {
  readonly model: string;
  /** Which candidate of the trace that is, from 0. */
  readonly candidate: number;
  /** Which of its calls, from 1. */
  readonly number: number;
  /** Its beginning, in milliseconds since the request was accepted; negative: it was another's call that it joined. */
  readonly at: number;
  /** What the request waited in this model's queue, before all its calls. */
  readonly waitedMs: number;
  /** It is all that the candidate had to do with the request. */
  readonly isOnly: boolean;
}

/** All calls in the order of their beginnings. */
export function callsOf({ candidates }: Pick<Trace, 'candidates'>, acceptedAt: number): Call[] {
  return candidates
    .flatMap(({ model, attempts, waitedMs, reason }, candidate) =>
      attempts.map(({ startedAt, ...attempt }, index) => ({
        ...attempt,
        model,
        candidate,
        number: index + 1,
        at: startedAt - acceptedAt,
        waitedMs,
        isOnly: attempts.length === 1 && reason === undefined,
      })),
    )
    .sort((a, b) => a.at - b.at);
}

/** How long it waited in queues before, and whether all of that was right before it. */
export function queueWaitOf(
  { at, waitedMs, isOnly }: Call,
  before: Call | undefined,
): { ms: number; isCertain: boolean } {
  const earliest = before === undefined ? 0 : before.at + before.ms;
  return { ms: waitedMs, isCertain: isOnly && at - waitedMs >= earliest - ROUNDING_MS };
}

/** How it ended, in words. */
export function endOf({ outcome, status, code }: Pick<Call, 'outcome' | 'status' | 'code'>): {
  text: string;
  tone: Tone;
} {
  const details = [...(status === undefined ? [] : [`status ${status}`]), ...(code === undefined ? [] : [words(code)])];
  const because = details.length === 0 ? '' : `: ${details.join(', ')}`;
  switch (outcome) {
    case 'success':
      return { text: 'answered', tone: 'good' };
    case 'failure':
      return { text: `failed${because}`, tone: 'bad' };
    case 'rate_limited':
      return { text: `rate limited${because}`, tone: 'limited' };
    case 'ignored':
      return { text: `refused the request itself${because}`, tone: 'bad' };
    case 'cancelled':
      return { text: `called off${because}`, tone: 'neutral' };
  }
}

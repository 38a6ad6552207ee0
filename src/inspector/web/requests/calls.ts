import type { Attempt } from '../../../routing/slip.ts';
import type { RequestDetail } from '../../protocol.ts';
import { words } from '../format.ts';
import type { Tone } from './tone.ts';

/** So far apart two times may be told that are the same, in milliseconds: each has been rounded for itself. */
export const ROUNDING_MS = 2;

/** One call of a backend on a request's way; `waitedMs`: in the model's queue before it. */
export interface Call extends Omit<Attempt, 'startedAt'> {
  /** Which candidate of the trace that is, from 0. */
  readonly candidate: number;
  /** Which of its calls, from 1. */
  readonly number: number;
  /** When it entered the queue, in milliseconds since the request was accepted. */
  readonly queuedAt: number;
  /** Its beginning, as `queuedAt`; negative: it was another's call that it joined. */
  readonly at: number;
  /** Its end, as `queuedAt`. */
  readonly endedAt: number;
}

/** All calls in their order. */
export function callsOf({ calls, trace, acceptedAt }: Pick<RequestDetail, 'calls' | 'trace' | 'acceptedAt'>): Call[] {
  return calls.map(({ startedAt, ...call }, index) => {
    const at = startedAt - acceptedAt;
    return {
      ...call,
      candidate: trace.candidates.findIndex(({ model }) => model === call.model),
      number: calls.slice(0, index + 1).filter(({ model }) => model === call.model).length,
      queuedAt: at - call.waitedMs,
      at,
      endedAt: at + call.ms,
    };
  });
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
      return { text: `cancelled${because}`, tone: 'neutral' };
  }
}

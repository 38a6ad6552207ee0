import type { Outcome } from '../../src/breaker/outcome.ts';
import { isTooLong } from '../../src/retry/classify.ts';
import type { Attempt, Slip } from '../../src/routing/slip.ts';
import type { CallEvent } from '../events.ts';
import type { ModelContext } from './context.ts';

const OUTCOMES: Readonly<Record<CallEvent['type'], Outcome>> = {
  'call.succeeded': 'success',
  'call.failed': 'failure',
  'call.ignored': 'ignored',
  'call.rate_limited': 'rate_limited',
  'call.cancelled': 'cancelled',
};

export const outcomeOf = (event: { readonly type: string }): Outcome => OUTCOMES[event.type as CallEvent['type']];

/** When the call of a slot began. */
export const startedAtOf = ({ load }: ModelContext, { slot, at }: Pick<CallEvent, 'slot' | 'at'>): number =>
  load.calls[slot]?.startedAt ?? at;

/** The slip with the call that has just ended written into it. */
export function withAttempt(context: ModelContext, event: CallEvent): Slip {
  const { slip } = event;
  const startedAt = startedAtOf(context, event);
  const attempt: Attempt = {
    model: context.name,
    startedAt,
    ms: event.at - startedAt,
    outcome: outcomeOf(event),
    waitedMs: startedAt - slip.enteredAt,
    firstTokenMs: event.firstTokenMs,
    status: event.status,
    code: event.code,
    ...(event.type === 'call.ignored' &&
      isTooLong(event) && { exceededWindow: context.profile.contextWindow ?? Number.POSITIVE_INFINITY }),
  };
  return { ...slip, attempts: slip.attempts.length === 0 ? [attempt] : [...slip.attempts, attempt] };
}

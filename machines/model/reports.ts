import { retryAfterHalfOpen, retryAfterLimit, retryAfterOpen } from '../../src/routing/admission.ts';
import type { SkipReason, Slip } from '../../src/routing/slip.ts';
import type { ModelReportEvent, RequestCancelEvent } from '../events.ts';
import { withAttempt } from './attempt.ts';
import { probeDueAt } from './context.ts';
import { type Args, asCall, heldOf, retryOf, slipOf, timeOf } from './lookup.ts';

// What a model tells the router.

export const started = (args: Args): ModelReportEvent => ({
  type: 'model.started',
  model: args.context.name,
  slip: slipOf(args.event),
  at: timeOf(args),
});

/** What a skipped candidate says about when it could take a request. */
function retryAfter({ context, event }: Args, reason: SkipReason): { retryAfterMs: number } | undefined {
  const at = timeOf({ context, event });
  const { breaker, rateLimit } = context;
  if (reason === 'circuit_open') return retryAfterOpen(breaker.openUntil, at);
  if (reason === 'half_open') return retryAfterHalfOpen(probeDueAt(context), at);
  return reason === 'rate_limited' ? retryAfterLimit(rateLimit.until, at) : undefined;
}

/** A request that it does not take, or keep: it goes to its next candidate. */
export const returned = (args: Args, slip: Slip, reason: SkipReason): ModelReportEvent => ({
  type: 'model.returned',
  model: args.context.name,
  slip,
  reason,
  at: timeOf(args),
  ...retryAfter(args, reason),
});

const REPORTS = {
  'call.failed': 'model.failed',
  'call.ignored': 'model.ignored',
  'call.rate_limited': 'model.rate_limited',
} as const;

/** How the call has ended that the event tells of. */
export function ended({ context, event }: Args): ModelReportEvent {
  const call = asCall(event);
  const report = { model: context.name, slip: withAttempt(context, call), at: call.at };
  switch (call.type) {
    case 'call.succeeded':
      return { type: 'model.succeeded', ...report };
    case 'call.cancelled':
      return { type: 'model.cancelled', ...report, reason: call.reason, interrupts: call.interrupts };
    default: {
      const { interrupts, retryAfterMs } = call;
      return { type: REPORTS[call.type], ...report, interrupts, retryAfterMs };
    }
  }
}

/** The call has failed, and is made again when its back-off is over. */
export function retrying(args: Args): ModelReportEvent {
  const { context, event } = args;
  const { due } = retryOf(args)!;
  return {
    type: 'model.retrying',
    model: context.name,
    slip: withAttempt(context, asCall(event)),
    due,
    at: timeOf(args),
  };
}

/** A request was called off that waited or backed off here. */
export function unqueued(args: Args): ModelReportEvent {
  const { name: model } = args.context;
  const { reason, at } = args.event as RequestCancelEvent;
  const slip = heldOf(args)!;
  const skip = { model, reason: 'cancelled' as const, waitedMs: at - slip.enteredAt };
  return {
    type: 'model.cancelled',
    model,
    slip: { ...slip, skipped: [...slip.skipped, skip] },
    reason,
    interrupts: false,
    at,
  };
}

export const available = (args: Args): ModelReportEvent => ({
  type: 'model.available',
  model: args.context.name,
  at: timeOf(args),
  ...(args.event.type === 'poll' && { polled: { after: args.event.after } }),
});

export const opened = (args: Args): ModelReportEvent => ({
  type: 'model.opened',
  model: args.context.name,
  until: args.context.breaker.openUntil,
  at: timeOf(args),
});

export const limited = (args: Args): ModelReportEvent => ({
  type: 'model.limited',
  model: args.context.name,
  until: args.context.rateLimit.until!,
  at: timeOf(args),
});

export const drained = ({ context }: Args): ModelReportEvent => ({ type: 'model.drained', model: context.name });

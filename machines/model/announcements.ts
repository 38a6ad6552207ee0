import type { TripCause } from '../../src/breaker/memory.ts';
import type { BreakerState } from '../../src/breaker/state.ts';
import type { ControlState } from '../../src/routing/model-view.ts';
import { outcomeOf } from './attempt.ts';
import type { BreakerCause, ModelEmitted } from './emitted.ts';
import { type Args, asCall, slipOf, timeOf, tripOf, victimOf } from './lookup.ts';

// What a model tells whoever listens.

/** `tripped` stands for what tripped it. */
export type Cause = Exclude<BreakerCause, TripCause> | 'tripped';

export function changed(args: Args, params: { from: BreakerState; to: BreakerState; cause: Cause }): ModelEmitted {
  const { context, event } = args;
  const { opens, openUntil, lastTrip } = context.breaker;
  const trip = params.cause === 'tripped' ? lastTrip : null;
  return {
    type: 'breaker.changed',
    model: context.name,
    from: params.from,
    to: params.to,
    cause: params.cause === 'tripped' ? lastTrip!.cause : params.cause,
    at: timeOf(args),
    opens,
    openForMs: params.to === 'open' ? openUntil - timeOf(args) : null,
    ...(trip !== null && { trip }),
    ...('slip' in event && { requestId: event.slip.id }),
    ...('status' in event && event.status !== undefined && { status: event.status }),
    ...('code' in event && event.code !== undefined && { code: event.code }),
  };
}

export function wouldOpen(args: Args): ModelEmitted {
  return {
    type: 'breaker.would_open',
    model: args.context.name,
    trip: tripOf(args),
    requestId: slipOf(args.event).id,
    at: timeOf(args),
  };
}

export function stale({ context, event }: Args): ModelEmitted {
  const { slip, permit, at } = asCall(event);
  return {
    type: 'result.stale',
    model: context.name,
    requestId: slip.id,
    outcome: outcomeOf(event),
    generation: permit.generation,
    currentGeneration: context.breaker.generation,
    at,
  };
}

export function limitBegan(args: Args): ModelEmitted {
  const { name, rateLimit } = args.context;
  const at = timeOf(args);
  return {
    type: 'rate_limit.began',
    model: name,
    requestId: slipOf(args.event).id,
    at,
    forMs: rateLimit.until! - at,
    strikes: rateLimit.strikes,
  };
}

export const limitOver = (args: Args): ModelEmitted => ({
  type: 'rate_limit.ended',
  model: args.context.name,
  at: timeOf(args),
});

export const controlChanged = (args: Args, params: { from: ControlState; to: ControlState }): ModelEmitted => ({
  type: 'control.changed',
  model: args.context.name,
  ...params,
  at: timeOf(args),
});

export function displaced(args: Args): ModelEmitted {
  const { id, class: priority } = victimOf(args)!;
  const newcomer = slipOf(args.event);
  return {
    type: 'request.displaced',
    model: args.context.name,
    requestId: id,
    class: priority,
    byRequestId: newcomer.id,
    byClass: newcomer.class,
    at: timeOf(args),
  };
}

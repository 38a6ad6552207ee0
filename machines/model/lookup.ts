import type { Trip } from '../../src/breaker/memory.ts';
import type { Permit } from '../../src/breaker/permit.ts';
import { silenceTrip, silentAfterMs } from '../../src/breaker/silence.ts';
import { type Judged, tripOf as resultTripOf, type Verdict, verdict } from '../../src/breaker/verdict.ts';
import { findWaiting, head, victim } from '../../src/queue/waiting.ts';
import { forgiven, isForgivenBy, limited, type RateLimit } from '../../src/retry/rate-limit.ts';
import type { Slip, SlipKey } from '../../src/routing/slip.ts';
import type { CallEvent, ModelEvent, RequestCancelEvent, RequestEvent, SlotCommand } from '../events.ts';
import { outcomeOf, startedAtOf } from './attempt.ts';
import { type ModelContext, maxHintMsOf } from './context.ts';
import * as load from './load.ts';
import { findBackingOff, retryOf as nextTry, type Retry } from './retries.ts';

// What guards and actions find in a context and an event, and what a slot is told of it.

export interface Args {
  readonly context: ModelContext;
  readonly event: ModelEvent;
}

// XState narrows an event's type only where a transition is written out; a named guard or action sees the whole union.
export const asCall = (event: ModelEvent): CallEvent => event as CallEvent;
export const slipOf = (event: ModelEvent): Slip => (event as RequestEvent).slip;
export const slotOf = (event: ModelEvent): number => (event as CallEvent).slot;
/** The recovery timer's own event carries no time: it is due exactly when the breaker's open time ends. */
export const timeOf = ({ context, event }: Args): number => ('at' in event ? event.at : context.breaker.openUntil);

/** The call that an event tells of, as the breaker judges it. */
export function judgedOf(args: Args): Judged {
  const { event } = args;
  const { permit, at, firstTokenMs } = asCall(event);
  const isWell = event.type === 'probe.proved' || (event.type === 'call.ignored' && event.provesHealth === true);
  const outcome = isWell ? 'success' : outcomeOf(event);
  return { outcome, permit, ms: firstTokenMs ?? at - startedAtOf(args.context, asCall(args.event)), at };
}

/** What the silence of its calls trips, now that one more has been noticed; null: nothing. */
export function silenceOf({ context, event }: Args): Trip | null {
  const { options, generation } = context.breaker;
  if (event.type !== 'silence.noticed' || options === null) return null;
  return silenceTrip(load.silenced(context.load, event.slot), event.lastSignAt, options, generation);
}

/** What the event trips the breaker of. */
export const tripOf = (args: Args): Trip => silenceOf(args) ?? resultTripOf(args.context.breaker, judgedOf(args));

export const judge = (args: Args): Verdict => verdict(args.context.breaker, judgedOf(args));

/** The rate limit after this 429. */
export function limitAfter(args: Args): RateLimit {
  const { rateLimit } = args.context;
  const { at, retryAfterMs } = asCall(args.event);
  return limited(
    rateLimit,
    { startedAt: startedAtOf(args.context, asCall(args.event)), at, hintMs: retryAfterMs },
    maxHintMsOf(args.context),
  );
}

/** What a success tells about earlier limits. */
export function limitForgiven(args: Args): RateLimit {
  const { rateLimit } = args.context;
  const isForgiven =
    args.event.type === 'call.succeeded' && isForgivenBy(rateLimit, startedAtOf(args.context, asCall(args.event)));
  return isForgiven ? forgiven(rateLimit) : rateLimit;
}

export const runningSlot = ({ context, event }: Args): number =>
  context.load.calls.findIndex((call) => call?.slip.id === (event as RequestCancelEvent).id);

export const permitFor = ({ breaker }: ModelContext, probe: boolean): Permit => ({
  generation: breaker.generation,
  probe,
});

export const headOf = ({ load: { waiting }, limits }: ModelContext): Slip | null => head(waiting, limits.boosts);

export const victimOf = ({ context: { load, limits }, event }: Args): Slip | null =>
  victim(load.waiting, slipOf(event), limits.boosts, load.retries.backingOff);

/** The request that an event names, where it waits. */
export const waitingOf = ({ context, event }: Args): Slip | null =>
  findWaiting(context.load.waiting, event as RequestCancelEvent);

/** The request that an event names, where it backs off. */
export const backingOffOf = ({ context, event }: Args): Slip | null => findBackingOff(context, event as SlipKey);

export const heldOf = (args: Args): Slip | null => waitingOf(args) ?? backingOffOf(args);

/** When the request is tried again here whose call has just ended; null: it moves on. */
export const retryOf = (args: Args): Retry | null =>
  judge(args) === 'trip' ? null : nextTry(args.context, asCall(args.event));

const isStreamed = ({ limits: { streaming } }: ModelContext, slip: Slip): boolean =>
  streaming === 'always' || (streaming === 'on_request' && slip.streams !== null);

export function startOf(context: ModelContext, slip: Slip, at: number, probe: boolean): SlotCommand {
  const { options } = context.breaker;
  const streamed = isStreamed(context, slip);
  return {
    type: 'call.start',
    slip,
    permit: permitFor(context, probe),
    timeouts: context.limits,
    isStreamed: streamed,
    // What a reader is handed piece by piece has a first piece, even where the provider gives it whole.
    silentAfterMs: probe ? null : silentAfterMs(context.load.firstTokens, streamed || slip.streams !== null, options),
    probeTimeoutMs: probe ? options!.probeTimeoutMs : null,
    at,
  };
}

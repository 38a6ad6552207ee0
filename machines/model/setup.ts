import {
  type ActorRef,
  assign,
  emit,
  fromCallback,
  not,
  or,
  raise,
  type Snapshot,
  sendTo,
  setup,
  stateIn,
} from 'xstate';
import * as memory from '../../src/breaker/changes.ts';
import { inServingOrder } from '../../src/queue/waiting.ts';
import { limitEnded } from '../../src/retry/rate-limit.ts';
import type { SkipReason } from '../../src/routing/slip.ts';
import { MAX_TIMER_MS } from '../../src/timer-limit.ts';
import type { ModelEvent, ModelReportEvent, RequestCancelEvent, SlotCommand } from '../events.ts';
import * as announcements from './announcements.ts';
import { withAttempt } from './attempt.ts';
import { firstLimit, type Load, type ModelContext, type ModelInput, type SlotInput } from './context.ts';
import type { ModelEmitted } from './emitted.ts';
import { guards } from './guards.ts';
import * as load from './load.ts';
import {
  type Args,
  asCall,
  backingOffOf,
  headOf,
  heldOf,
  judgedOf,
  limitAfter,
  limitForgiven,
  permitFor,
  retryOf,
  runningSlot,
  silenceOf,
  slipOf,
  slotOf,
  startOf,
  timeOf,
  tripOf,
  victimOf,
} from './lookup.ts';
import * as reports from './reports.ts';

// The named actions of the model chart, each a verb. Like the guards they only look things up and call pure functions.

/** `undefined` is the model itself, which ignores its own reports: so a model can stand alone. */
const recipient = ({ context }: { context: ModelContext }): ActorRef<Snapshot<unknown>, ModelReportEvent> =>
  context.reportTo ?? (undefined as never);
const nextSlot = ({ context }: Args) => context.slots[context.load.idle!.slot]!;
const sameSlot = ({ context, event }: Args) => context.slots[slotOf(event)]!;

const measuredLoad = ({ context, event }: Args) =>
  event.type === 'call.succeeded' ? load.measured(context.load, event) : context.load;

/** What a call that has ended leaves behind, in one `assign`: the load, the limit it forgives, the result it counts. */
const concluded = (args: Args, next: Load) => ({
  load: next,
  rateLimit: limitForgiven(args),
  breaker: memory.remembered(args.context.breaker, judgedOf(args)),
});

/** A slot that nobody has given a backend: replaced by `provide`, with the real logic or with a scripted one. */
const unboundSlot = fromCallback<SlotCommand, SlotInput>(() => {});

const base = setup({
  types: {
    context: {} as ModelContext,
    events: {} as ModelEvent,
    input: {} as ModelInput,
    emitted: {} as ModelEmitted,
  },
  actors: { slot: unboundSlot },
  delays: {
    recovery: ({ context }) => Math.min(context.breaker.openUntil - context.breaker.timerFrom, MAX_TIMER_MS),
  },
  guards: {
    ...guards,
    // By id: a state value would be parsed at every request.
    isDraining: not(stateIn('#active')),
    isPaused: stateIn('#paused'),
    isHeld: or(['isLimited', stateIn('#paused')]),
  },
  actions: {
    // Breaker.
    openBreaker: assign((args) => {
      const { retryAfterMs } = asCall(args.event);
      return { breaker: memory.opened(args.context.breaker, tripOf(args), timeOf(args), retryAfterMs) };
    }),
    forceOpen: assign(({ context }) => ({ breaker: memory.forcedOpen(context.breaker) })),
    forceClosed: assign(({ context }) => ({ breaker: memory.forcedClosed(context.breaker) })),
    resetBreaker: assign((args) => ({ breaker: memory.reset(args.context.breaker, timeOf(args)) })),
    restoreBreaker: assign(({ context, event }) =>
      event.type === 'breaker.restore'
        ? { breaker: memory.restored(context.breaker, event.memo, event.at), rateLimit: event.memo.limit }
        : {},
    ),
    halfOpenBreaker: assign(({ context }) => ({ breaker: memory.halfOpened(context.breaker) })),
    closeBreaker: assign((args) => ({ breaker: memory.closed(args.context.breaker, timeOf(args)) })),
    configureBreaker: assign(({ context, event }) =>
      event.type === 'breaker.configure'
        ? { breaker: memory.configured(context.breaker, event.breaker, event.at) }
        : {},
    ),
    extendTimer: assign(({ context: { breaker } }) => ({
      breaker: { ...breaker, timerFrom: breaker.timerFrom + MAX_TIMER_MS },
    })),
    passProbe: assign(({ context }) => ({ breaker: memory.probePassed(context.breaker) })),
    releaseProbe: assign(({ context }) => ({ breaker: memory.probeReleased(context.breaker) })),
    raiseOpened: raise((args) => ({ type: 'breaker.opened' as const, at: timeOf(args) })),
    raiseHalfOpened: raise((args) => ({ type: 'breaker.half_opened' as const, at: timeOf(args) })),
    raiseClosed: raise((args) => ({ type: 'breaker.closed' as const, at: timeOf(args) })),
    raiseSlowStartEnded: raise((args) => ({ type: 'slow_start.ended' as const, at: timeOf(args) })),

    // What it tells whoever listens.
    announceChange: emit(announcements.changed),
    announceWouldOpen: emit(announcements.wouldOpen),
    announceStale: emit(announcements.stale),
    announceLimit: emit(announcements.limitBegan),
    announceLimitEnd: emit(announcements.limitOver),
    announceControl: emit(announcements.controlChanged),
    announceDisplaced: emit(announcements.displaced),

    // Queue and slots. A `dispatch…` stands before the `assign` that takes the slot it names.
    dispatch: sendTo(nextSlot, (args) => startOf(args.context, slipOf(args.event), timeOf(args), false)),
    occupy: assign((args) => {
      const { context, event } = args;
      return { load: load.occupied(context.load, slipOf(event), permitFor(context, false), timeOf(args)) };
    }),
    dispatchProbe: sendTo(nextSlot, (args) => startOf(args.context, slipOf(args.event), timeOf(args), true)),
    occupyAsProbe: assign((args) => {
      const { context, event } = args;
      return {
        load: load.occupied(context.load, slipOf(event), permitFor(context, true), timeOf(args)),
        breaker: memory.probeGranted(context.breaker),
      };
    }),
    vacate: assign((args) => {
      return concluded(args, load.vacated(measuredLoad(args), asCall(args.event)));
    }),
    growLimit: assign(({ context, event }) =>
      event.type === 'call.succeeded' ? { load: load.grown(context.load, context.limits.maxConcurrency) } : {},
    ),
    /** The router stops: what fails from now on is not tried again. */
    giveUpRetries: assign(({ context }) => ({ limits: { ...context.limits, backoff: null } })),
    startSlowly: assign(({ context }) => ({ load: { ...context.load, runningLimit: firstLimit(context) } })),
    liftLimit: assign(({ context }) => ({ load: { ...context.load, runningLimit: context.limits.maxConcurrency } })),
    beginLimit: assign((args) => ({ rateLimit: limitAfter(args) })),
    endLimit: assign(({ context }) => ({ rateLimit: limitEnded(context.rateLimit) })),
    free: assign(({ context, event }) => ({ load: load.freed(context.load, slotOf(event)) })),
    dispatchHead: sendTo(sameSlot, (args) => startOf(args.context, headOf(args.context)!, timeOf(args), false)),
    handOver: assign((args) => {
      const { context, event } = args;
      const permit = permitFor(context, false);
      const handedOver = load.handedOver(measuredLoad(args), slotOf(event), headOf(context)!, permit, timeOf(args));
      return concluded(args, handedOver);
    }),
    backOff: assign((args) => {
      const { context, event } = args;
      const slip = { ...withAttempt(context, asCall(event)), enteredAt: timeOf(args) };
      return concluded(args, load.backedOff(context.load, slotOf(event), slip, retryOf(args)!.seed));
    }),
    rejoin: assign((args) => ({
      load: load.rejoined(args.context.load, { ...backingOffOf(args)!, enteredAt: timeOf(args) }),
    })),
    enqueue: assign(({ context, event }) => ({ load: load.joined(context.load, slipOf(event)) })),
    displaceVictim: assign((args) => ({
      load: load.exchanged(args.context.load, victimOf(args)!, slipOf(args.event)),
    })),
    removeFromQueue: assign((args) => ({ load: load.left(args.context.load, heldOf(args)!) })),
    markSilent: assign((args) => {
      const { context, event } = args;
      // Where it would open but only observes, all is forgotten, so that it is announced anew the next time.
      const calls =
        silenceOf(args) === null ? load.silenced(context.load, slotOf(event)) : load.unsilenced(context.load);
      return { load: { ...context.load, calls } };
    }),
    markProven: assign(({ context, event }) => ({ load: load.spent(context.load, slotOf(event)) })),
    cancelCall: sendTo(
      (args) => args.context.slots[runningSlot(args)]!,
      ({ event }): SlotCommand => {
        const { id, reason, at } = event as RequestCancelEvent;
        return { type: 'call.cancel', id, reason, at };
      },
    ),

    // Reports to the router.
    report: sendTo(recipient, reports.ended),
    reportRetry: sendTo(recipient, reports.retrying),
    reject: sendTo(recipient, (args, { reason }: { reason: SkipReason }) =>
      reports.returned(args, slipOf(args.event), reason),
    ),
    returnVictim: sendTo(recipient, (args) => reports.returned(args, victimOf(args)!, 'displaced')),
    reportStarted: sendTo(recipient, reports.started),
    reportUnqueued: sendTo(recipient, reports.unqueued),
    reportAvailable: sendTo(recipient, reports.available),
    reportOpened: sendTo(recipient, reports.opened),
    reportLimited: sendTo(recipient, reports.limited),
    reportDrained: sendTo(recipient, reports.drained),
  },
});

const RETURNED_FOR: Readonly<Record<string, SkipReason>> = { 'breaker.half_opened': 'half_open' };

/** Gives back what does not wait for the end of the rate limit. */
const returnUntimely = base.enqueueActions(({ enqueue, context, event }) => {
  const until = context.rateLimit.until ?? Number.NEGATIVE_INFINITY;
  const { load: next, returned: untimely } = load.sifted(context.load, until, context.limits.boosts);
  for (const slip of untimely) enqueue.sendTo(recipient, reports.returned({ context, event }, slip, 'rate_limited'));
  enqueue.assign({ load: next });
});

/** Gives back everything that waits or backs off, in the order in which it would have been served. */
const returnWaiting = base.enqueueActions(({ enqueue, context, event }) => {
  const why = 'reason' in event ? (event.reason as SkipReason) : (RETURNED_FOR[event.type] ?? 'circuit_open');
  for (const slip of load.heldIn(context.load, context.limits.boosts)) {
    enqueue.sendTo(recipient, reports.returned({ context, event }, slip, why));
  }
  enqueue.assign({ load: load.emptied(context.load) });
});

/** Gives back everything that backs off: what waits stays. */
const returnBackingOff = base.enqueueActions(({ enqueue, context, event }) => {
  if (context.load.retries.count === 0) return;
  const why = event.type === 'pause' ? 'paused' : 'draining';
  const backingOff = inServingOrder(context.load.retries.backingOff, context.limits.boosts);
  for (const slip of backingOff) enqueue.sendTo(recipient, reports.returned({ context, event }, slip, why));
  enqueue.assign({ load: backingOff.reduce(load.left, context.load) });
});

/** Starts as much of the queue as there are free slots, and returns what has expired on the way. */
const startWaiting = base.enqueueActions(({ enqueue, context, event }) => {
  const at = timeOf({ context, event });
  const {
    load: next,
    started,
    expired,
  } = load.advanced(context.load, permitFor(context, false), context.limits.boosts, at);
  for (const slip of expired) enqueue.sendTo(recipient, reports.returned({ context, event }, slip, 'deadline'));
  for (const { slot, slip } of started) enqueue.sendTo(context.slots[slot]!, startOf(context, slip, at, false));
  enqueue.assign({ load: next });
});

const cancelCalls = base.enqueueActions(({ enqueue, context, event }) => {
  if (event.type !== 'evict') return;
  context.load.calls.forEach((call, slot) => {
    if (call !== null) {
      enqueue.sendTo(context.slots[slot]!, {
        type: 'call.cancel',
        id: call.slip.id,
        reason: event.reason,
        at: event.at,
      });
    }
  });
});

/** The provider is silent: whoever has had nothing from it goes elsewhere, the others are left to finish. */
const giveUpCalls = base.enqueueActions(({ enqueue, context, event }) => {
  const at = timeOf({ context, event });
  context.load.calls.forEach((call, slot) => {
    if (call !== null) enqueue.sendTo(context.slots[slot]!, { type: 'call.give_up', at });
  });
});

export const modelSetup = base.extend({
  actions: { returnUntimely, returnWaiting, returnBackingOff, startWaiting, cancelCalls, giveUpCalls },
});

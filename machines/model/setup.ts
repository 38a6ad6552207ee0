import { type ActorRef, assign, emit, fromCallback, not, raise, type Snapshot, sendTo, setup, stateIn } from 'xstate';
import * as memory from '../../src/breaker/memory.ts';
import { inServingOrder } from '../../src/queue/waiting.ts';
import type { SkipReason } from '../../src/routing/slip.ts';
import { MAX_TIMER_MS } from '../../src/timer-limit.ts';
import type { ModelEvent, ModelReportEvent, RequestCancelEvent, SlotCommand } from '../events.ts';
import { outcomeOf } from './attempt.ts';
import { depthOf, hasFreeProbe, isFull, type ModelContext, type ModelInput, type SlotInput } from './context.ts';
import type { BreakerState, ModelEmitted } from './emitted.ts';
import * as load from './load.ts';
import {
  type Args,
  asCall,
  headOf,
  judge,
  permitFor,
  reportOf,
  returned,
  runningSlot,
  slipOf,
  slotOf,
  startOf,
  timeOf,
  victimOf,
  waitingOf,
} from './lookup.ts';

// Named guards and actions of the model chart. A guard reads as a proposition about the event and the context before
// it; an action is a verb. Both only look things up and call pure functions.

/** `undefined` is the model itself, which ignores its own reports: so a model can stand alone. */
const recipient = ({ context }: { context: ModelContext }): ActorRef<Snapshot<unknown>, ModelReportEvent> =>
  context.reportTo ?? (undefined as never);
const nextSlot = ({ context }: Args) => context.slots[context.load.idle!.slot]!;
const sameSlot = ({ context, event }: Args) => context.slots[slotOf(event)]!;

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
    // What a result does to the breaker.
    trips: (args) => judge(args) === 'trip',
    counts: (args) => judge(args) === 'count',
    clears: (args) => judge(args) === 'clear',
    closes: (args) => judge(args) === 'close',
    passes: (args) => judge(args) === 'pass',
    releases: (args) => judge(args) === 'release',
    isStale: (args) => judge(args) === 'stale',
    isSwitchedOff: ({ context }) => context.breaker.options === null,
    switchesOff: ({ event }) => event.type === 'breaker.configure' && event.breaker === null,
    isRecoveryDue: ({ context: { breaker } }) => breaker.openUntil - breaker.timerFrom <= MAX_TIMER_MS,

    // What a request meets.
    takesLastSlot: ({ context }) => context.load.idle?.next === null,
    takesLastPlace: ({ context }) => depthOf(context) + 1 >= context.limits.maxQueueDepth,
    takesLastSlotAndPlace: ({ context }) =>
      context.load.idle?.next === null && depthOf(context) + 1 >= context.limits.maxQueueDepth,
    canDisplace: (args) => victimOf(args) !== null,
    canProbe: ({ context }) => hasFreeProbe(context),
    // By id: a state value would be parsed at every request.
    isDraining: not(stateIn('#active')),

    // What a queue holds.
    nothingWaits: ({ context }) => context.load.waitingCount === 0,
    somethingWaits: ({ context }) => context.load.waitingCount > 0,
    headIsExpired: (args) => headOf(args.context)!.deadline <= timeOf(args),
    hasFreeSlot: ({ context }) => context.load.idle !== null,
    isFull: ({ context }) => isFull(context),
    isEmpty: ({ context }) => depthOf(context) === 0 && context.load.lingering === 0,
    waits: (args) => waitingOf(args) !== null,
    runs: (args) => runningSlot(args) >= 0,
    lingers: ({ event }) => asCall(event).lingers,
  },
  actions: {
    // Breaker.
    countFailure: assign(({ context }) => ({ breaker: memory.failureCounted(context.breaker) })),
    clearFailures: assign(({ context }) => ({ breaker: memory.failuresCleared(context.breaker) })),
    openBreaker: assign(({ context, event }) => {
      const { permit, at, retryAfterMs } = asCall(event);
      return { breaker: memory.opened(context.breaker, permit, at, retryAfterMs) };
    }),
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
    announceChange: emit((args, params: { from: BreakerState; to: BreakerState; cause: string }): ModelEmitted => {
      const { context, event } = args;
      return {
        type: 'breaker.changed',
        model: context.name,
        ...params,
        at: timeOf(args),
        opens: context.breaker.opens,
        openForMs: params.to === 'open' ? context.breaker.openUntil - timeOf(args) : null,
        ...('slip' in event && { requestId: event.slip.id }),
        ...('status' in event && event.status !== undefined && { status: event.status }),
        ...('code' in event && event.code !== undefined && { code: event.code }),
      };
    }),
    announceStale: emit(({ context, event }): ModelEmitted => {
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
    }),

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
    vacate: assign(({ context, event }) => ({ load: load.vacated(context.load, asCall(event)) })),
    free: assign(({ context, event }) => ({ load: load.freed(context.load, slotOf(event)) })),
    dispatchHead: sendTo(sameSlot, (args) => startOf(args.context, headOf(args.context)!, timeOf(args), false)),
    handOver: assign((args) => {
      const { context, event } = args;
      const permit = permitFor(context, false);
      return { load: load.handedOver(context.load, slotOf(event), headOf(context)!, permit, timeOf(args)) };
    }),
    enqueue: assign(({ context, event }) => ({ load: load.joined(context.load, slipOf(event)) })),
    displaceVictim: assign((args) => ({
      load: load.exchanged(args.context.load, victimOf(args)!, slipOf(args.event)),
    })),
    removeFromQueue: assign((args) => ({ load: load.left(args.context.load, waitingOf(args)!) })),
    markProven: assign(({ context, event }) => ({ load: load.spent(context.load, slotOf(event)) })),
    cancelCall: sendTo(
      (args) => args.context.slots[runningSlot(args)]!,
      ({ event }): SlotCommand => {
        const { id, reason, at } = event as RequestCancelEvent;
        return { type: 'call.cancel', id, reason, at };
      },
    ),

    // Reports to the router.
    report: sendTo(recipient, reportOf),
    reject: sendTo(recipient, (args, { reason }: { reason: SkipReason }) => returned(args, slipOf(args.event), reason)),
    returnVictim: sendTo(recipient, (args) => returned(args, victimOf(args)!, 'displaced')),
    announceDisplaced: emit((args): ModelEmitted => {
      const displaced = victimOf(args)!;
      return {
        type: 'request.displaced',
        model: args.context.name,
        requestId: displaced.id,
        class: displaced.class,
        byRequestId: slipOf(args.event).id,
        byClass: slipOf(args.event).class,
        at: timeOf(args),
      };
    }),
    reportStarted: sendTo(
      recipient,
      ({ context, event }): ModelReportEvent => ({
        type: 'model.started',
        model: context.name,
        slip: slipOf(event),
        at: timeOf({ context, event }),
      }),
    ),
    reportUnqueued: sendTo(recipient, (args): ModelReportEvent => {
      const { reason, at } = args.event as RequestCancelEvent;
      const slip = waitingOf(args)!;
      const skip = { model: args.context.name, reason: 'cancelled' as const, waitedMs: at - slip.enteredAt };
      return {
        type: 'model.cancelled',
        model: args.context.name,
        slip: { ...slip, skipped: [...slip.skipped, skip] },
        reason,
        interrupts: false,
        at,
      };
    }),
    reportDrained: sendTo(
      recipient,
      ({ context }): ModelReportEvent => ({ type: 'model.drained', model: context.name }),
    ),
  },
});

/** Gives back everything that waits, in the order in which it would have been served. */
const returnWaiting = base.enqueueActions(({ enqueue, context, event }) => {
  const why = 'reason' in event ? (event.reason as SkipReason) : 'circuit_open';
  for (const slip of inServingOrder(context.load.waiting, context.limits.boosts)) {
    enqueue.sendTo(recipient, returned({ context, event }, slip, why));
  }
  enqueue.assign({ load: load.emptied(context.load) });
});

/** Starts as much of the queue as there are free slots, and returns what has expired on the way. */
const startWaiting = base.enqueueActions(({ enqueue, context, event }) => {
  const at = timeOf({ context, event });
  const {
    load: next,
    started,
    expired,
  } = load.advanced(context.load, permitFor(context, false), context.limits.boosts, at);
  for (const slip of expired) enqueue.sendTo(recipient, returned({ context, event }, slip, 'deadline'));
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

export const modelSetup = base.extend({ actions: { returnWaiting, startWaiting, cancelCalls } });

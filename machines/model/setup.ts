import { type ActorRef, assign, emit, fromCallback, not, raise, type Snapshot, sendTo, setup, stateIn } from 'xstate';
import { MAX_TIMER_MS } from '../../src/timer-limit.ts';
import { type Verdict, verdict } from '../../src/breaker/verdict.ts';
import { findWaiting, inServingOrder } from '../../src/queue/waiting.ts';
import { retryAfterHalfOpen, retryAfterOpen } from '../../src/routing/admission.ts';
import type { SkipReason, Slip } from '../../src/routing/slip.ts';
import type { CallEvent, ModelEvent, ModelReportEvent, RequestCancelEvent, RequestEvent, SlotCommand } from '../events.ts';
import * as change from './changes.ts';
import { depthOf, type ModelContext, type ModelInput, probeDueAt, type SlotInput } from './context.ts';
import type { BreakerState, ModelEmitted } from './emitted.ts';

// Named guards and actions of the model chart. A guard reads as a proposition about the event and the context before
// it; an action is a verb. Both only look things up and call pure functions.

interface Args {
  readonly context: ModelContext;
  readonly event: ModelEvent;
}

// XState narrows an event's type only where a transition is written out; a named guard or action sees the whole union.
const asCall = (event: ModelEvent): CallEvent => event as CallEvent;
const slipOf = (event: ModelEvent): Slip => (event as RequestEvent).slip;
const slotOf = (event: ModelEvent): number => (event as CallEvent).slot;
/** The recovery timer's own event carries no time: it is due exactly when the breaker's open time ends. */
const timeOf = ({ context, event }: Args): number => ('at' in event ? event.at : context.openUntil);

const judge = ({ context, event }: Args): Verdict => {
  const { permit } = asCall(event);
  return verdict(context, permit, event.type === 'probe.proved' ? 'success' : change.outcomeOf(event));
};

const runningSlot = ({ context, event }: Args): number =>
  context.calls.findIndex((call) => call?.slip.id === (event as RequestCancelEvent).id);

/** What a skipped candidate says about when it could take a request. */
function retryAfter({ context, event }: Args, reason: SkipReason): { retryAfterMs: number } | undefined {
  const at = timeOf({ context, event });
  if (reason === 'circuit_open') return { retryAfterMs: retryAfterOpen(context.openUntil, at) };
  if (reason === 'half_open') return { retryAfterMs: retryAfterHalfOpen(probeDueAt(context), at) };
  return undefined;
}

const returned = (args: Args, slip: Slip, reason: SkipReason): ModelReportEvent => ({
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

function reportOf({ context, event }: Args): ModelReportEvent {
  const call = asCall(event);
  const report = { model: context.name, slip: change.withAttempt(context, call), at: call.at };
  switch (call.type) {
    case 'call.succeeded':
      return { type: 'model.succeeded', ...report };
    case 'call.cancelled':
      return { type: 'model.cancelled', ...report, reason: call.reason, interrupts: call.interrupts };
    default:
      return {
        type: REPORTS[call.type],
        ...report,
        interrupts: call.interrupts,
        ...(call.retryAfterMs !== undefined && { retryAfterMs: call.retryAfterMs }),
      };
  }
}

const startOf = (context: ModelContext, slip: Slip, at: number, probe: boolean): SlotCommand => ({
  type: 'call.start',
  slip,
  permit: change.permitFor(context, probe),
  attemptTimeoutMs: context.limits.attemptTimeoutMs,
  probeTimeoutMs: probe ? context.breaker!.probeTimeoutMs : null,
  at,
});

/** `undefined` is the model itself, which ignores its own reports: so a model can stand alone. */
const recipient = ({ context }: { context: ModelContext }): ActorRef<Snapshot<unknown>, ModelReportEvent> =>
  context.reportTo ?? (undefined as never);
const nextSlot = ({ context }: Args) => context.slots[context.idle!.slot]!;
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
    recovery: ({ context }) => Math.min(context.openUntil - context.timerFrom, MAX_TIMER_MS),
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
    isSwitchedOff: ({ context }) => context.breaker === null,
    switchesOff: ({ event }) => event.type === 'breaker.configure' && event.breaker === null,
    isRecoveryDue: ({ context }) => context.openUntil - context.timerFrom <= MAX_TIMER_MS,

    // What a request meets.
    takesLastSlot: ({ context }) => context.idle?.next === null,
    takesLastPlace: ({ context }) => depthOf(context) + 1 >= context.limits.maxQueueDepth,
    takesLastSlotAndPlace: ({ context }) =>
      context.idle?.next === null && depthOf(context) + 1 >= context.limits.maxQueueDepth,
    canDisplace: ({ context, event }) => change.victimOf(context, slipOf(event)) !== null,
    canProbe: ({ context }) => context.idle !== null && context.probes < (context.breaker?.halfOpenMaxProbes ?? 0),
    isDraining: not(stateIn({ control: 'active' })),

    // What a queue holds.
    nothingWaits: ({ context }) => context.waitingCount === 0,
    somethingWaits: ({ context }) => context.waitingCount > 0,
    headIsExpired: ({ context, event }) => change.headOf(context)!.deadline <= timeOf({ context, event }),
    hasFreeSlot: ({ context }) => context.idle !== null,
    isFull: ({ context }) => depthOf(context) >= context.limits.maxQueueDepth,
    isEmpty: ({ context }) => depthOf(context) === 0 && context.lingering === 0,
    waits: ({ context, event }) => findWaiting(context.waiting, event as RequestCancelEvent) !== null,
    runs: (args) => runningSlot(args) >= 0,
    lingers: ({ event }) => asCall(event).lingers,
  },
  actions: {
    // Breaker.
    countFailure: assign({ failures: ({ context }) => context.failures + 1 }),
    clearFailures: assign({ failures: 0 }),
    openBreaker: assign(({ context, event }) => {
      const { permit, at, retryAfterMs } = asCall(event);
      return change.open(context, permit, at, retryAfterMs);
    }),
    halfOpenBreaker: assign(({ context }) => change.halfOpen(context)),
    closeBreaker: assign((args) => change.close(args.context, timeOf(args))),
    configureBreaker: assign(({ context, event }) =>
      event.type === 'breaker.configure' ? change.configure(context, event.breaker, event.at) : {},
    ),
    extendTimer: assign({ timerFrom: ({ context }) => context.timerFrom + MAX_TIMER_MS }),
    passProbe: assign(({ context }) => change.passProbe(context)),
    releaseProbe: assign(({ context }) => change.releaseProbe(context)),
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
        opens: context.opens,
        openForMs: params.to === 'open' ? context.openUntil - timeOf(args) : null,
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
        outcome: change.outcomeOf(event),
        generation: permit.generation,
        currentGeneration: context.generation,
        at,
      };
    }),

    // Queue and slots. A `dispatch…` stands before the `assign` that takes the slot it names.
    dispatch: sendTo(nextSlot, ({ context, event }) => startOf(context, slipOf(event), timeOf({ context, event }), false)),
    occupy: assign(({ context, event }) => change.occupy(context, slipOf(event), timeOf({ context, event }), false)),
    dispatchProbe: sendTo(nextSlot, ({ context, event }) =>
      startOf(context, slipOf(event), timeOf({ context, event }), true),
    ),
    occupyAsProbe: assign(({ context, event }) =>
      change.occupy(context, slipOf(event), timeOf({ context, event }), true),
    ),
    vacate: assign(({ context, event }) => change.vacate(context, asCall(event))),
    free: assign(({ context, event }) => change.free(context, slotOf(event))),
    dispatchHead: sendTo(sameSlot, (args) =>
      startOf(args.context, change.headOf(args.context)!, timeOf(args), false),
    ),
    handOver: assign((args) => change.handOver(args.context, slotOf(args.event), timeOf(args))),
    enqueue: assign(({ context, event }) => change.join(context, slipOf(event))),
    displaceVictim: assign(({ context, event }) =>
      change.exchange(context, change.victimOf(context, slipOf(event))!, slipOf(event)),
    ),
    removeFromQueue: assign(({ context, event }) =>
      change.leave(context, findWaiting(context.waiting, event as RequestCancelEvent)!),
    ),
    markProven: assign(({ context, event }) => change.spend(context, slotOf(event))),
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
    returnVictim: sendTo(recipient, (args) =>
      returned(args, change.victimOf(args.context, slipOf(args.event))!, 'displaced'),
    ),
    announceDisplaced: emit((args): ModelEmitted => {
      const displaced = change.victimOf(args.context, slipOf(args.event))!;
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
    reportStarted: sendTo(recipient, ({ context, event }): ModelReportEvent => ({
      type: 'model.started',
      model: context.name,
      slip: slipOf(event),
      at: timeOf({ context, event }),
    })),
    reportUnqueued: sendTo(recipient, ({ context, event }): ModelReportEvent => {
      const { reason, at } = event as RequestCancelEvent;
      const slip = findWaiting(context.waiting, event as RequestCancelEvent)!;
      const skip = { model: context.name, reason: 'cancelled' as const, waitedMs: at - slip.enteredAt };
      return {
        type: 'model.cancelled',
        model: context.name,
        slip: { ...slip, skipped: [...slip.skipped, skip] },
        reason,
        interrupts: false,
        at,
      };
    }),
    reportDrained: sendTo(recipient, ({ context }): ModelReportEvent => ({ type: 'model.drained', model: context.name })),
  },
});

/** Gives back everything that waits, in the order in which it would have been served. */
const returnWaiting = base.enqueueActions(({ enqueue, context, event }) => {
  const why = 'reason' in event ? (event.reason as SkipReason) : 'circuit_open';
  for (const slip of inServingOrder(context.waiting, context.limits.boosts)) {
    enqueue.sendTo(recipient, returned({ context, event }, slip, why));
  }
  enqueue.assign(change.NOBODY_WAITS);
});

/** Starts as much of the queue as there are free slots, and returns what has expired on the way. */
const startWaiting = base.enqueueActions(({ enqueue, context, event }) => {
  const at = timeOf({ context, event });
  const { change: changed, started, expired } = change.advance(context, at);
  for (const slip of expired) enqueue.sendTo(recipient, returned({ context, event }, slip, 'deadline'));
  for (const { slot, slip } of started) enqueue.sendTo(context.slots[slot]!, startOf(context, slip, at, false));
  enqueue.assign(changed);
});

const cancelCalls = base.enqueueActions(({ enqueue, context, event }) => {
  if (event.type !== 'evict') return;
  context.calls.forEach((call, slot) => {
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

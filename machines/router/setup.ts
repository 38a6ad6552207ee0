import { type ActorRef, assign, emit, fromCallback, type Snapshot, sendTo, setup, stopChild } from 'xstate';
import { dequeue, enqueue, inServingOrder } from '../../src/queue/waiting.ts';
import { park, unpark } from '../../src/routing/select.ts';
import type { Slip, SlipKey } from '../../src/routing/slip.ts';
import type { ModelCommand, RequestCancelEvent, RequestEvent, TimerCommand, TimerDueEvent } from '../events.ts';
import { modelMachine } from '../model/model.machine.ts';
import { type RouterEmitted, settlementOf } from '../settlement.ts';
import type { ModelRef, RouterContext, RouterEvent } from './events.ts';
import { guards } from './guards.ts';
import { modelOf, parkedVictim, refOf, takerIn, timeOf } from './lookup.ts';
import { type Args, asReport, conclusion, nextStop, settlement, strategiesAfter } from './outcome.ts';

// The named actions of the router chart, each a verb.

/** A cancellation, from the caller or from the clock. */
function cancellationOf(event: RouterEvent): Omit<RequestCancelEvent, 'type'> {
  if (event.type === 'timer.due' && event.kind === 'deadline') {
    const { id, seq, class: priority, arrival } = event.slip;
    return { id, seq, class: priority, arrival, reason: 'deadline', at: event.at };
  }
  const { type: _, ...cancellation } = event as RequestCancelEvent;
  return cancellation;
}

const everyModel = (context: RouterContext): ModelRef[] => [
  ...Object.values(context.models),
  ...Object.values(context.leaving),
];

type RouterSelf = ActorRef<Snapshot<unknown>, RouterEvent>;

const parkedSlipOf = (args: Args): Slip => park(nextStop(args).slip, timeOf(args.event));
const released = ({ parked, parkedCount }: RouterContext, key: SlipKey) => ({
  parked: dequeue(parked, key),
  parkedCount: parkedCount - 1,
});

const without = <T>(record: Readonly<Record<string, T>>, name: string): Record<string, T> => {
  const { [name]: _, ...rest } = record;
  return rest;
};

/** Replaced by `provide` with the real timers, or with scripted ones. */
const unboundTimers = fromCallback<TimerCommand, undefined>(() => {});

const base = setup({
  types: {
    context: {} as RouterContext,
    events: {} as RouterEvent,
    emitted: {} as RouterEmitted,
  },
  actors: { model: modelMachine, timers: unboundTimers },
  guards,
  actions: {
    forward: sendTo(
      (args) => args.context.models[nextStop(args).model!]!,
      (args): RequestEvent => {
        const { slip, waitsOutLimit } = nextStop(args);
        const { at } = args.event as RequestEvent;
        return waitsOutLimit ? { type: 'request', slip, at, waitsOutLimit } : { type: 'request', slip, at };
      },
    ),
    takeTurn: assign((args) => ({ strategies: strategiesAfter(args) })),
    park: assign((args) => ({
      parked: enqueue(args.context.parked, parkedSlipOf(args)),
      parkedCount: args.context.parkedCount + 1,
    })),
    parkInstead: assign((args) => ({
      parked: enqueue(dequeue(args.context.parked, parkedVictim(args)!), parkedSlipOf(args)),
    })),
    dismissVictim: sendTo(
      ({ self }) => self,
      (args): RouterEvent => ({ type: 'request.displaced', slip: parkedVictim(args)!, at: timeOf(args.event) }),
    ),
    announceVictim: emit((args): RouterEmitted => {
      const displaced = parkedVictim(args)!;
      const newcomer = nextStop(args).slip;
      return {
        type: 'request.displaced',
        model: null,
        requestId: displaced.id,
        class: displaced.class,
        byRequestId: newcomer.id,
        byClass: newcomer.class,
        at: timeOf(args.event),
      };
    }),
    announceParked: emit((args): RouterEmitted => {
      const { slip } = nextStop(args);
      const { id, class: priority, arrival, seq } = slip;
      return { type: 'request.parked', requestId: id, class: priority, arrival, seq, at: timeOf(args.event) };
    }),
    unpark: assign(({ context, event }) => released(context, event as RequestCancelEvent)),
    wake: sendTo(
      ({ self }) => self,
      (args): RouterEvent => {
        const at = timeOf(args.event);
        return { type: 'request', slip: unpark(takerIn(args)!, at), at };
      },
    ),
    wakeNext: sendTo(
      ({ self }) => self,
      (args): RouterEvent => {
        const { event } = args;
        return { type: 'request.woken', model: modelOf(event), after: takerIn(args)!, at: timeOf(event) };
      },
    ),
    /** The model may still be in the step that made it available: its answer comes after it has taken the request. */
    poll: sendTo(
      ({ context, event }) => context.models[modelOf(event)]!,
      ({ event }): ModelCommand => ({
        type: 'poll',
        after: event.type === 'request.woken' ? event.after : null,
        at: timeOf(event),
      }),
    ),
    releaseTaker: assign((args) => released(args.context, takerIn(args)!)),
    setLimit: sendTo('timers', ({ event }): TimerCommand => {
      const { model, until } = event as Extract<RouterEvent, { type: 'model.limited' }>;
      return { type: 'timer.set', kind: 'limit', key: model, due: until };
    }),
    endLimit: sendTo(
      ({ context, event }) => refOf(context, (event as TimerDueEvent).key)!,
      ({ event }) => ({ type: 'limit.ended' as const, at: timeOf(event) }),
    ),
    clearLimit: sendTo(
      'timers',
      ({ event }): TimerCommand => ({ type: 'timer.clear', kind: 'limit', key: modelOf(event) }),
    ),
    configure: assign(({ context, event }) => {
      const { maxParked, seed } = event as Extract<RouterEvent, { type: 'router.configure' }>;
      return { maxParked, strategies: { ...context.strategies, seed } };
    }),
    command: sendTo(
      ({ context, event }) => context.models[modelOf(event)]!,
      ({ event }): ModelCommand => {
        const { command, at } = event as Extract<RouterEvent, { type: 'model.command' }>;
        return { type: command, at } as ModelCommand;
      },
    ),
    setDeadline: sendTo('timers', ({ event }): TimerCommand => {
      const { slip } = event as RequestEvent;
      return { type: 'timer.set', kind: 'deadline', key: slip.id, due: slip.deadline, slip };
    }),
    clearDeadline: sendTo('timers', ({ event }): TimerCommand => {
      const key = 'slip' in event ? event.slip.id : (event as SlipKey & { type: 'request.cancelled' }).id;
      return { type: 'timer.clear', kind: 'deadline', key };
    }),
    /** From its first content on, only its total deadline bounds a stream. */
    relaxDeadline: sendTo('timers', ({ event }): TimerCommand => {
      const { slip } = asReport(event);
      const due = slip.streams?.totalDeadline ?? null;
      if (due === null) return { type: 'timer.clear', kind: 'deadline', key: slip.id };
      return { type: 'timer.set', kind: 'deadline', key: slip.id, due, slip };
    }),
    settle: emit((args): RouterEmitted => settlementOf(settlement(args))),
    /** Settles without looking for another candidate. */
    conclude: emit((args): RouterEmitted => settlementOf(conclusion(args))),
    /** The answer to a cancellation tells where the request was; the settlement follows from the router itself. */
    noteWhereabouts: () => {},
    announceFailure: emit(({ event }): RouterEmitted => {
      const { model, slip, at } = asReport(event);
      const { outcome, ms, status, code } = slip.attempts.at(-1)!;
      return {
        type: 'attempt.failed',
        model,
        requestId: slip.id,
        outcome,
        ms,
        at,
        ...(status !== undefined && { status }),
        ...(code !== undefined && { code }),
      };
    }),
    confirmCancel: sendTo(
      ({ self }) => self,
      ({ event }): RouterEvent => ({ type: 'request.cancelled', ...cancellationOf(event) }),
    ),
    addModel: assign({
      models: ({ context, event, spawn, self }) => {
        const { input } = event as Extract<RouterEvent, { type: 'model.add' }>;
        const ref = spawn('model', { id: `model:${input.name}`, input: { ...input, reportTo: self } });
        return { ...context.models, [input.name]: ref };
      },
    }),
    dismissModel: assign(({ context, event }) => {
      const { model } = event as Extract<RouterEvent, { type: 'model.remove' }>;
      return {
        models: without(context.models, model),
        leaving: { ...context.leaving, [model]: context.models[model]! },
      };
    }),
    drainModel: sendTo(
      ({ context, event }) => context.models[modelOf(event)]!,
      ({ event }): ModelCommand => ({ type: 'drain', at: timeOf(event) }),
    ),
    setGrace: sendTo('timers', ({ event }): TimerCommand => {
      const { model, graceMs, at } = event as Extract<RouterEvent, { type: 'model.remove' }>;
      return { type: 'timer.set', kind: 'grace', key: model, due: at + graceMs };
    }),
    clearGrace: sendTo(
      'timers',
      ({ event }): TimerCommand => ({
        type: 'timer.clear',
        kind: 'grace',
        key: modelOf(event),
      }),
    ),
    evictModel: sendTo(
      ({ context, event }) => context.leaving[(event as TimerDueEvent).key]!,
      ({ event }) => ({ type: 'evict' as const, reason: 'removed' as const, at: (event as TimerDueEvent).at }),
    ),
    stopModel: stopChild(({ context, event }) => context.leaving[modelOf(event)]!),
    forgetModel: assign(({ context, event }) => ({
      leaving: without(context.leaving, modelOf(event)),
    })),
    announceAdded: emit(
      ({ event }): RouterEmitted => ({
        type: 'model.added',
        model: (event as Extract<RouterEvent, { type: 'model.add' }>).input.name,
      }),
    ),
    announceRemoval: emit(
      ({ event }): RouterEmitted => ({
        type: 'model.removed',
        model: modelOf(event),
      }),
    ),
    replaceRule: assign(({ context, event }) => {
      const { rule } = event as Extract<RouterEvent, { type: 'rule.put' }>;
      return { rules: context.rules.map((known) => (known.name === rule.name ? rule : known)) };
    }),
    appendRule: assign(({ context, event }) => ({
      rules: [...context.rules, (event as Extract<RouterEvent, { type: 'rule.put' }>).rule],
    })),
    removeRule: assign(({ context, event }) => {
      const { name } = event as Extract<RouterEvent, { type: 'rule.remove' }>;
      const { seed, turns } = context.strategies;
      return {
        rules: context.rules.filter((rule) => rule.name !== name),
        strategies: { seed, turns: without(turns, name) },
      };
    }),
  },
});

/** Every model is asked, because only the one that holds the request knows that it does. */
const cancelEverywhere = base.enqueueActions(({ enqueue, context, event }) => {
  const cancel: RequestCancelEvent = { type: 'request.cancel', ...cancellationOf(event) };
  for (const ref of everyModel(context)) enqueue.sendTo(ref, cancel);
});

const configureModels = base.enqueueActions(({ enqueue, context, event }) => {
  if (event.type !== 'breaker.configure') return;
  const { type, breaker, at } = event;
  for (const name of event.models) enqueue.sendTo(context.models[name]!, { type, breaker, at });
});

/** Takes them out and lets them begin again, each behind the other. */
function wakeAll(
  enqueue: { sendTo(target: RouterSelf, event: RouterEvent): void; assign(update: Partial<RouterContext>): void },
  context: RouterContext,
  slips: readonly Slip[],
  self: RouterSelf,
  at: number,
): void {
  if (slips.length === 0) return;
  for (const slip of slips) enqueue.sendTo(self, { type: 'request', slip: unpark(slip, at), at });
  enqueue.assign({
    parked: slips.reduce(dequeue, context.parked),
    parkedCount: context.parkedCount - slips.length,
  });
}

/** Those who wait for it ask elsewhere, or learn that there is nobody left to wait for. */
const rejudgeParked = base.enqueueActions(({ enqueue, context, event, self }) => {
  if (event.type !== 'model.remove') return;
  const concerned = inServingOrder(context.parked, context.boosts).filter(({ candidates }) =>
    candidates.includes(event.model),
  );
  wakeAll(enqueue, context, concerned, self, event.at);
});

/** The router stops: what is parked is settled with everything else. */
const wakeParked = base.enqueueActions(({ enqueue, context, event, self }) => {
  if (event.type !== 'stop') return;
  wakeAll(enqueue, context, inServingOrder(context.parked, context.boosts), self, event.at);
});

const restoreModels = base.enqueueActions(({ enqueue, context, event }) => {
  if (event.type !== 'models.restore') return;
  const { at } = event;
  for (const [model, memo] of Object.entries(event.memos)) {
    enqueue.sendTo(context.models[model]!, { type: 'breaker.restore', memo, at });
    const timer = { kind: 'limit', key: model } as const;
    const due = memo.limit.until;
    enqueue.sendTo('timers', due === null ? { type: 'timer.clear', ...timer } : { type: 'timer.set', ...timer, due });
  }
});

const releaseModels = base.enqueueActions(({ enqueue, context, event }) => {
  if (event.type !== 'stop') return;
  const release = { type: 'release', reason: 'router_stopped', at: event.at } as const;
  for (const ref of everyModel(context)) enqueue.sendTo(ref, release);
});

const evictModels = base.enqueueActions(({ enqueue, context, event }) => {
  if (event.type !== 'abort') return;
  const evict = { type: 'evict', reason: 'router_stopped', at: event.at } as const;
  for (const ref of everyModel(context)) enqueue.sendTo(ref, evict);
});

export const routerSetup = base.extend({
  actions: {
    cancelEverywhere,
    configureModels,
    releaseModels,
    evictModels,
    rejudgeParked,
    wakeParked,
    restoreModels,
  },
});

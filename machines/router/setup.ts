import { assign, emit, fromCallback, sendTo, setup, stopChild } from 'xstate';
import type { SlipKey } from '../../src/routing/slip.ts';
import type { RequestCancelEvent, RequestEvent, TimerCommand, TimerDueEvent } from '../events.ts';
import { modelMachine } from '../model/model.machine.ts';
import { type RouterEmitted, settlementOf } from '../settlement.ts';
import type { ModelRef, RouterContext, RouterEvent } from './events.ts';
import { asReport, conclusion, nextStop, selectNext, settlement } from './outcome.ts';

// Named guards and actions of the router chart.

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
  guards: {
    hasAdmittingCandidate: (args) => selectNext(args).model !== null,
    interrupts: ({ event }) => 'interrupts' in event && event.interrupts,
    isCalledOff: ({ event }) =>
      event.type === 'model.cancelled' && (event.reason === 'aborted' || event.reason === 'deadline'),
    isFinal: ({ event }) =>
      event.type === 'model.returned' && (event.reason === 'deadline' || event.reason === 'router_stopped'),
    isDeadline: ({ event }) => event.type === 'timer.due' && event.kind === 'deadline',
    isOver: ({ event }) => 'slip' in event && asReport(event).slip.deadline <= asReport(event).at,
    knowsRule: ({ context, event }) =>
      event.type === 'rule.put' && context.rules.some((rule) => rule.name === event.rule.name),
  },
  actions: {
    forward: sendTo(
      (args) => args.context.models[nextStop(args).model!]!,
      (args): RequestEvent => ({ type: 'request', slip: nextStop(args).slip, at: (args.event as RequestEvent).at }),
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
      ({ context, event }) => context.models[(event as { model: string }).model]!,
      ({ event }) => ({ type: 'drain', at: (event as { at: number }).at }),
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
        key: (event as { model: string }).model,
      }),
    ),
    evictModel: sendTo(
      ({ context, event }) => context.leaving[(event as TimerDueEvent).key]!,
      ({ event }) => ({ type: 'evict' as const, reason: 'removed' as const, at: (event as TimerDueEvent).at }),
    ),
    stopModel: stopChild(({ context, event }) => context.leaving[(event as { model: string }).model]!),
    forgetModel: assign(({ context, event }) => ({
      leaving: without(context.leaving, (event as { model: string }).model),
    })),
    announceRemoval: emit(
      ({ event }): RouterEmitted => ({
        type: 'model.removed',
        model: (event as { model: string }).model,
      }),
    ),
    replaceRule: assign(({ context, event }) => {
      const { rule } = event as Extract<RouterEvent, { type: 'rule.put' }>;
      return { rules: context.rules.map((known) => (known.name === rule.name ? rule : known)) };
    }),
    appendRule: assign(({ context, event }) => ({
      rules: [...context.rules, (event as Extract<RouterEvent, { type: 'rule.put' }>).rule],
    })),
    removeRule: assign(({ context, event }) => ({
      rules: context.rules.filter(({ name }) => name !== (event as { name: string }).name),
    })),
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

export const routerSetup = base.extend({ actions: { cancelEverywhere, configureModels, releaseModels, evictModels } });

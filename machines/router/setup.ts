import type { SlipKey } from '../../src/routing/slip.ts';
import type { CacheCommand } from '../cache/events.ts';
import type {
  HeldKey,
  ModelCommand,
  RequestCancelEvent,
  RequestEvent,
  TimerCommand,
  TimerDueEvent,
} from '../events.ts';
import { type RouterEmitted, settlementOf } from '../settlement.ts';
import { base } from './base.ts';
import type { ModelRef, RouterContext, RouterEvent } from './events.ts';
import { cancellationOf, modelOf, refOf, timeOf } from './lookup.ts';
import { asReport, beginsAgain, conclusion, deadlineOf, nextStop, settlement, strategiesAfter } from './outcome.ts';
import { parkingActions } from './parking.ts';

// The named actions of the router chart, each a verb.

const everyModel = (context: RouterContext): ModelRef[] => [
  ...Object.values(context.models),
  ...Object.values(context.leaving),
];

const dueRetry = (event: RouterEvent): HeldKey => (event as Extract<TimerDueEvent, { kind: 'retry' }>).slip;

const without = <T>(record: Readonly<Record<string, T>>, name: string): Record<string, T> => {
  const { [name]: _, ...rest } = record;
  return rest;
};

const actions = {
  forward: base.sendTo(
    (args) => args.context.models[nextStop(args).model!]!,
    (args): RequestEvent => {
      const { slip, waitsOutLimit } = nextStop(args);
      const { at } = args.event as RequestEvent;
      return waitsOutLimit ? { type: 'request', slip, at, waitsOutLimit } : { type: 'request', slip, at };
    },
  ),
  askCache: base.sendTo('cache', ({ event }): CacheCommand => {
    const { slip, at } = event as RequestEvent;
    return { type: 'cache.look_up', slip, at };
  }),
  enableCache: base.sendTo('cache', ({ event }) => event as CacheCommand),
  releaseCache: base.sendTo('cache', ({ event }): CacheCommand => ({ type: 'cache.release', at: timeOf(event) })),
  takeTurn: base.assign((args) => ({ strategies: strategiesAfter(args) })),
  setLimit: base.sendTo('timers', ({ event }): TimerCommand => {
    const { model, until } = event as Extract<RouterEvent, { type: 'model.limited' }>;
    return { type: 'timer.set', kind: 'limit', key: model, due: until };
  }),
  endLimit: base.sendTo(
    ({ context, event }) => refOf(context, (event as TimerDueEvent).key)!,
    ({ event }) => ({ type: 'limit.ended' as const, at: timeOf(event) }),
  ),
  setRetry: base.sendTo('timers', ({ event }): TimerCommand => {
    const { model, slip, due } = event as Extract<RouterEvent, { type: 'model.retrying' }>;
    const { id, seq, class: priority, arrival } = slip;
    return { type: 'timer.set', kind: 'retry', key: id, due, slip: { id, seq, class: priority, arrival, model } };
  }),
  retry: base.sendTo(
    ({ context, event }) => refOf(context, dueRetry(event).model)!,
    ({ event }): ModelCommand => {
      const { model: _, ...key } = dueRetry(event);
      return { type: 'retry.due', ...key, at: timeOf(event) };
    },
  ),
  clearLimit: base.sendTo(
    'timers',
    ({ event }): TimerCommand => ({ type: 'timer.clear', kind: 'limit', key: modelOf(event) }),
  ),
  configure: base.assign(({ context, event }) => {
    const { maxParked, boosts, seed } = event as Extract<RouterEvent, { type: 'router.configure' }>;
    return { maxParked, boosts, strategies: { ...context.strategies, seed } };
  }),
  command: base.sendTo(
    ({ context, event }) => context.models[modelOf(event)]!,
    ({ event }): ModelCommand => {
      const { command, at } = event as Extract<RouterEvent, { type: 'model.command' }>;
      return { type: command, at } as ModelCommand;
    },
  ),
  setDeadline: base.sendTo('timers', ({ event }): TimerCommand => {
    const { slip } = event as RequestEvent;
    return { type: 'timer.set', kind: 'deadline', key: slip.id, due: slip.deadline, slip };
  }),
  clearDeadline: base.sendTo('timers', ({ event }): TimerCommand => {
    const key = 'slip' in event ? event.slip.id : (event as SlipKey & { type: 'request.cancelled' }).id;
    return { type: 'timer.clear', kind: 'deadline', key };
  }),
  /** From its first content on, only its total deadline bounds a stream. */
  relaxDeadline: base.sendTo('timers', ({ event }): TimerCommand => {
    const { slip } = asReport(event);
    const due = slip.streams?.totalDeadline ?? null;
    if (due === null) return { type: 'timer.clear', kind: 'deadline', key: slip.id };
    return { type: 'timer.set', kind: 'deadline', key: slip.id, due, slip };
  }),
  settle: base.emit((args): RouterEmitted => settlementOf(settlement(args))),
  /** Settles without looking for another candidate. */
  conclude: base.emit((args): RouterEmitted => settlementOf(conclusion(args))),
  /** Marks the request in the ledger: whoever is about to pass it on learns that it is over. */
  markCalledOff: () => {},
  /** Where a request that was called off had got to; its settlement follows from the router itself. */
  noteWhereabouts: () => {},
  announceFailure: base.emit(({ event }): RouterEmitted => {
    const report = asReport(event);
    const { model, slip, at } = report;
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
      ...(report.type === 'model.retrying' && { retryInMs: report.due - at }),
    };
  }),
  confirmCancel: base.sendTo(
    ({ self }) => self,
    ({ event }): RouterEvent => ({ type: 'request.cancelled', ...cancellationOf(event) }),
  ),
  addModel: base.assign(({ context, event, spawn, self }) => {
    const { input } = event as Extract<RouterEvent, { type: 'model.add' }>;
    const ref = spawn('model', { id: `model:${input.name}`, input: { ...input, reportTo: self } });
    return {
      models: { ...context.models, [input.name]: ref },
      chatModels: input.profile?.serves === 'embeddings' ? context.chatModels : [...context.chatModels, input.name],
    };
  }),
  dismissModel: base.assign(({ context, event }) => {
    const { model } = event as Extract<RouterEvent, { type: 'model.remove' }>;
    return {
      models: without(context.models, model),
      chatModels: context.chatModels.filter((name) => name !== model),
      leaving: { ...context.leaving, [model]: context.models[model]! },
    };
  }),
  drainModel: base.sendTo(
    ({ context, event }) => context.models[modelOf(event)]!,
    ({ event }): ModelCommand => ({ type: 'drain', at: timeOf(event) }),
  ),
  setGrace: base.sendTo('timers', ({ event }): TimerCommand => {
    const { model, graceMs, at } = event as Extract<RouterEvent, { type: 'model.remove' }>;
    return { type: 'timer.set', kind: 'grace', key: model, due: at + graceMs };
  }),
  clearGrace: base.sendTo(
    'timers',
    ({ event }): TimerCommand => ({
      type: 'timer.clear',
      kind: 'grace',
      key: modelOf(event),
    }),
  ),
  evictModel: base.sendTo(
    ({ context, event }) => context.leaving[(event as TimerDueEvent).key]!,
    ({ event }) => ({ type: 'evict' as const, reason: 'removed' as const, at: (event as TimerDueEvent).at }),
  ),
  stopModel: base.stopChild(({ context, event }) => context.leaving[modelOf(event)]!),
  forgetModel: base.assign(({ context, event }) => ({
    leaving: without(context.leaving, modelOf(event)),
  })),
  announceAdded: base.emit(
    ({ event }): RouterEmitted => ({
      type: 'model.added',
      model: (event as Extract<RouterEvent, { type: 'model.add' }>).input.name,
    }),
  ),
  announceRemoval: base.emit(
    ({ event }): RouterEmitted => ({
      type: 'model.removed',
      model: modelOf(event),
    }),
  ),
  replaceRule: base.assign(({ context, event }) => {
    const { rule } = event as Extract<RouterEvent, { type: 'rule.put' }>;
    return { rules: context.rules.map((known) => (known.name === rule.name ? rule : known)) };
  }),
  appendRule: base.assign(({ context, event }) => ({
    rules: [...context.rules, (event as Extract<RouterEvent, { type: 'rule.put' }>).rule],
  })),
  removeRule: base.assign(({ context, event }) => {
    const { name } = event as Extract<RouterEvent, { type: 'rule.remove' }>;
    const { seed, turns } = context.strategies;
    return {
      rules: context.rules.filter((rule) => rule.name !== name),
      strategies: { seed, turns: without(turns, name) },
    };
  }),
};

/** All are asked, because only who holds the request knows that it does. */
const cancelEverywhere = base.enqueueActions(({ enqueue, context, event }) => {
  const cancel: RequestCancelEvent = { type: 'request.cancel', ...cancellationOf(event) };
  for (const ref of everyModel(context)) enqueue.sendTo(ref, cancel);
  enqueue.sendTo('cache', cancel);
});

const configureModels = base.enqueueActions(({ enqueue, context, event }) => {
  if (event.type !== 'breaker.configure') return;
  const { type, breaker, at } = event;
  for (const name of event.models) {
    const ref = context.models[name];
    if (ref !== undefined) enqueue.sendTo(ref, { type, breaker, at });
  }
});

/** A stream that begins again has its time anew. */
const renewDeadline = base.enqueueActions(({ enqueue, event }) => {
  if (!beginsAgain(event)) return;
  const { slip } = asReport(event);
  enqueue.sendTo('timers', {
    type: 'timer.set',
    kind: 'deadline',
    key: slip.id,
    due: deadlineOf(asReport(event)),
    slip,
  });
});

const restoreModels = base.enqueueActions(({ enqueue, context, event }) => {
  if (event.type !== 'models.restore') return;
  const { at } = event;
  for (const [model, memo] of Object.entries(event.memos)) {
    const ref = context.models[model];
    if (ref === undefined) continue;
    enqueue.sendTo(ref, { type: 'breaker.restore', memo, at });
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
    ...actions,
    ...parkingActions,
    cancelEverywhere,
    configureModels,
    releaseModels,
    evictModels,
    restoreModels,
    renewDeadline,
  },
});

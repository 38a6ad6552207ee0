import { type ActorRefFrom, assign, emit, fromCallback, sendTo, setup, stopChild } from 'xstate';
import type { BreakerOptions } from '../src/breaker/options.ts';
import type { RoutingRule } from '../src/routing/rule.ts';
import { moveOn, passOver, type Selection, select } from '../src/routing/select.ts';
import type { Slip, SlipKey } from '../src/routing/slip.ts';
import type { ModelReportEvent, RequestCancelEvent, RequestEvent, TimerCommand, TimerDueEvent } from './events.ts';
import type { ModelInput } from './model/context.ts';
import { modelMachine } from './model/model.machine.ts';
import { viewOf } from './model/view.ts';
import { type RouterEmitted, type Settlement, settlementOf } from './settlement.ts';

export type ModelRef = ActorRefFrom<typeof modelMachine>;

export interface RouterContext {
  /** The models that requests can go to, in order of registration. */
  readonly models: Readonly<Record<string, ModelRef>>;
  /** Models that were removed and still finish what they have. */
  readonly leaving: Readonly<Record<string, ModelRef>>;
  /** Tried in this order. */
  readonly rules: readonly RoutingRule[];
}

export type RouterEvent =
  | RequestEvent
  | RequestCancelEvent
  /** Sent to itself behind a `request.cancel`: by then whoever held the request has answered. */
  | (Omit<RequestCancelEvent, 'type'> & { readonly type: 'request.cancelled' })
  | TimerDueEvent
  | ModelReportEvent
  | { readonly type: 'model.add'; readonly input: Omit<ModelInput, 'reportTo'> }
  | { readonly type: 'model.remove'; readonly model: string; readonly graceMs: number; readonly at: number }
  /** A rule of the same name is replaced where it stands. */
  | { readonly type: 'rule.put'; readonly rule: RoutingRule }
  | { readonly type: 'rule.remove'; readonly name: string }
  | {
      readonly type: 'breaker.configure';
      readonly models: readonly string[];
      readonly breaker: BreakerOptions | null;
      readonly at: number;
    }
  | { readonly type: 'stop'; readonly at: number }
  /** The grace of a stop is over. */
  | { readonly type: 'abort'; readonly at: number };

type Report = Extract<ModelReportEvent, { slip: Slip }>;

interface Args {
  readonly context: RouterContext;
  readonly event: RouterEvent;
}

const asReport = (event: RouterEvent): Report => event as Report;

/** The selection asked for last: a step's guard, target and message all need the same one. */
let latest: { readonly context: RouterContext; readonly event: RouterEvent; readonly selection: Selection } | null =
  null;

/** Where a request goes that enters, or that its model has given back. */
function nextStop({ context, event }: Args): Selection {
  if (latest !== null && latest.event === event && latest.context === context) return latest.selection;
  const { at } = event as RequestEvent;
  const selection = select(slipBehind(event), (name) => snapshotView(context, name), at);
  latest = { context, event, selection };
  return selection;
}

function snapshotView(context: RouterContext, name: string) {
  const ref = context.models[name];
  return ref === undefined ? undefined : viewOf(ref.getSnapshot());
}

/** The request's slip with the cursor behind the model that reports. */
function slipBehind(event: RouterEvent): Slip {
  if (event.type === 'request') return event.slip;
  const report = asReport(event);
  if (report.type !== 'model.returned') return moveOn(report.slip);
  const { slip, model, reason, at, retryAfterMs } = report;
  return passOver(slip, {
    model,
    reason,
    waitedMs: at - slip.enteredAt,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });
}

const keyOf = ({ id, seq, class: priority, arrival }: SlipKey): SlipKey => ({ id, seq, class: priority, arrival });

/** A cancellation, from the caller or from the clock. */
function cancellationOf(event: RouterEvent): Omit<RequestCancelEvent, 'type'> {
  if (event.type === 'timer.due' && event.kind === 'deadline') {
    return { ...event.slip, reason: 'deadline', at: event.at };
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
    hasAdmittingCandidate: (args) => nextStop(args).model !== null,
    interrupts: ({ event }) => 'interrupts' in event && event.interrupts,
    isCalledOff: ({ event }) =>
      event.type === 'model.cancelled' && (event.reason === 'aborted' || event.reason === 'deadline'),
    isFinal: ({ event }) =>
      event.type === 'model.returned' && (event.reason === 'deadline' || event.reason === 'router_stopped'),
    isDeadline: ({ event }) => event.type === 'timer.due' && event.kind === 'deadline',
    isOver: ({ event }) => event.type === 'request' && event.slip.deadline <= event.at,
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
      return { type: 'timer.set', kind: 'deadline', key: slip.id, due: slip.deadline, slip: keyOf(slip) };
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
      return { type: 'timer.set', kind: 'deadline', key: slip.id, due, slip: keyOf(slip) };
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

/** How a request ends whose candidates have all been asked. */
export function settlement(args: Args): Settlement {
  const facts = conclusion(args);
  if (args.event.type === 'request') {
    if (facts.slip!.deadline <= facts.at) return { ...facts, verdict: 'deadline' };
    return { ...facts, verdict: 'unserved', slip: nextStop(args).slip };
  }
  return facts.verdict === 'unserved' ? { ...facts, slip: nextStop(args).slip } : facts;
}

/** How a request ends that is not moved on. */
export function conclusion({ event }: Args): Settlement {
  if (event.type === 'request.cancelled') {
    const { type: _, at, reason, ...key } = event;
    return { key, slip: null, at, verdict: reason };
  }
  if (event.type === 'request') return { key: event.slip, slip: event.slip, at: event.at, verdict: 'stopped' };
  const report = asReport(event);
  return {
    key: report.slip,
    slip: report.type === 'model.succeeded' ? report.slip : slipBehind(event),
    at: report.at,
    model: report.model,
    verdict: verdictOf(report),
    ...('retryAfterMs' in report && { retryAfterMs: report.retryAfterMs }),
  };
}

function verdictOf(report: Report): Settlement['verdict'] {
  switch (report.type) {
    case 'model.succeeded':
      return 'served';
    case 'model.ignored':
      return report.interrupts ? 'interrupted' : 'rejected';
    case 'model.cancelled':
      if (report.reason === 'removed') return report.interrupts ? 'interrupted' : 'unserved';
      return report.reason === 'router_stopped' ? 'stopped' : report.reason;
    case 'model.returned':
      if (report.reason === 'deadline') return 'deadline';
      return report.reason === 'router_stopped' ? 'stopped' : 'unserved';
    default:
      return 'interrupts' in report && report.interrupts ? 'interrupted' : 'unserved';
  }
}

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

const routerSetup = base.extend({ actions: { cancelEverywhere, configureModels, releaseModels, evictModels } });

const settles = { actions: ['clearDeadline', 'settle'] } as const;
const movesOn = { guard: 'hasAdmittingCandidate', actions: 'forward' } as const;

/** Calls a request off: whoever holds it lets go, then it is settled. */
const cancels = { actions: ['cancelEverywhere', 'confirmCancel'] } as const;

/** What a stopping router and a running one do alike. */
const always = {
  'request.cancel': cancels,
  'request.cancelled': settles,
  'timer.due': [{ guard: 'isDeadline', ...cancels }, { actions: 'evictModel' }],
  'model.started': { actions: 'relaxDeadline' },
  'model.succeeded': settles,
  'model.ignored': { actions: ['announceFailure', ...settles.actions] },
  'model.drained': { actions: ['clearGrace', 'stopModel', 'forgetModel', 'announceRemoval'] },
} as const;

const concludes = { actions: ['clearDeadline', 'conclude'] } as const;
const failureSettles = { actions: ['announceFailure', ...settles.actions] } as const;
const failureConcludes = { actions: ['announceFailure', ...concludes.actions] } as const;
const failureMovesOn = [
  { guard: 'interrupts', ...failureSettles },
  { guard: 'hasAdmittingCandidate', actions: ['announceFailure', 'forward'] },
  failureSettles,
] as const;

/**
 * Sends each request along its candidates until one has served it, and settles it exactly once.
 *
 *   running ─stop▶ stopping
 *
 *   request ──▶ model ──▶ served, rejected           ──▶ settled
 *                 └──▶ failed, rate limited, returned ──▶ the next candidate, or settled
 *
 * The chart keeps nothing about a request: what happened to it so far travels in its slip. `stopping` takes no request
 * and moves none on; what runs may finish.
 */
export const routerMachine = routerSetup.createMachine({
  id: 'llm-router',
  context: ({ spawn }) => {
    spawn('timers', { id: 'timers' });
    return { models: {}, leaving: {}, rules: [] };
  },
  initial: 'running',
  states: {
    running: {
      description: 'Requests are routed.',
      on: {
        ...always,
        request: [
          { guard: 'isOver', actions: 'settle' },
          { guard: 'hasAdmittingCandidate', actions: ['setDeadline', 'forward'] },
          { actions: 'settle' },
        ],
        'model.failed': failureMovesOn,
        'model.rate_limited': failureMovesOn,
        'model.returned': [{ guard: 'isFinal', ...settles }, movesOn, settles],
        'model.cancelled': [
          { guard: 'isCalledOff', actions: 'noteWhereabouts' },
          { guard: 'interrupts', ...settles },
          movesOn,
          settles,
        ],
        'model.add': { actions: 'addModel' },
        'model.remove': { actions: ['drainModel', 'setGrace', 'dismissModel'] },
        'rule.put': [{ guard: 'knowsRule', actions: 'replaceRule' }, { actions: 'appendRule' }],
        'rule.remove': { actions: 'removeRule' },
        'breaker.configure': { actions: 'configureModels' },
        stop: { target: 'stopping', actions: 'releaseModels' },
      },
    },
    stopping: {
      description: 'No request is taken or moved on; what runs may finish within the grace.',
      on: {
        ...always,
        request: { actions: 'conclude' },
        'model.failed': failureConcludes,
        'model.rate_limited': failureConcludes,
        'model.returned': concludes,
        'model.cancelled': [{ guard: 'isCalledOff', actions: 'noteWhereabouts' }, concludes],
        abort: { actions: 'evictModels' },
      },
    },
  },
  options: { maxIterations: 1_000 },
});

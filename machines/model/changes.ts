import { openTime, rememberedOpens } from '../../src/breaker/open-time.ts';
import type { BreakerOptions } from '../../src/breaker/options.ts';
import type { Outcome } from '../../src/breaker/outcome.ts';
import type { Permit } from '../../src/breaker/permit.ts';
import { dequeue, enqueue, head, NONE_WAITING, victim } from '../../src/queue/waiting.ts';
import type { Attempt, Slip } from '../../src/routing/slip.ts';
import type { CallEvent, CallFigures } from '../events.ts';
import type { ModelContext } from './context.ts';

// How a model's context changes: pure functions that the regions' actions name. Each gives the fields that change.

type Change = Partial<ModelContext>;

const OUTCOMES: Readonly<Record<CallEvent['type'], Outcome>> = {
  'call.succeeded': 'success',
  'call.failed': 'failure',
  'call.ignored': 'ignored',
  'call.rate_limited': 'rate_limited',
  'call.cancelled': 'cancelled',
};

export const outcomeOf = (event: { readonly type: string }): Outcome => OUTCOMES[event.type as CallEvent['type']];

/** The slip with the call that has just ended written into it. */
export function withAttempt(context: ModelContext, event: CallEvent): Slip {
  const { slip } = event;
  const startedAt = context.calls[event.slot]?.startedAt ?? event.at;
  const attempt: Attempt = {
    model: context.name,
    startedAt,
    ms: event.at - startedAt,
    outcome: outcomeOf(event),
    waitedMs: startedAt - slip.enteredAt,
    ...(event.firstTokenMs !== undefined && { firstTokenMs: event.firstTokenMs }),
    ...(event.status !== undefined && { status: event.status }),
    ...(event.code !== undefined && { code: event.code }),
  };
  return { ...slip, attempts: slip.attempts.length === 0 ? [attempt] : [...slip.attempts, attempt] };
}

export const permitFor = (context: ModelContext, probe: boolean): Permit => ({
  generation: context.generation,
  probe,
});

/** The next free slot takes the request. */
export function occupy(context: ModelContext, slip: Slip, at: number, probe: boolean): Change {
  const idle = context.idle!;
  const call = { slip, permit: permitFor(context, probe), startedAt: at };
  return {
    idle: idle.next,
    running: context.running + 1,
    calls: context.calls.with(idle.slot, call),
    ...(probe && { probes: context.probes + 1 }),
  };
}

/** The call's caller has its answer; the slot is free too, unless the backend lingers. */
export function vacate(context: ModelContext, { slot, lingers }: Pick<CallFigures, 'slot' | 'lingers'>): Change {
  return {
    running: context.running - 1,
    calls: context.calls.with(slot, null),
    ...(lingers ? { lingering: context.lingering + 1 } : { idle: { slot, next: context.idle } }),
  };
}

/** The backend of a slot that lingered has let go. */
export const free = (context: ModelContext, slot: number): Change => ({
  lingering: context.lingering - 1,
  idle: { slot, next: context.idle },
});

/** The slot whose call has ended takes the head of the queue. */
export function handOver(context: ModelContext, slot: number, at: number): Change {
  const next = headOf(context)!;
  return {
    calls: context.calls.with(slot, { slip: next, permit: permitFor(context, false), startedAt: at }),
    waiting: dequeue(context.waiting, next),
    waitingCount: context.waitingCount - 1,
  };
}

export const join = (context: ModelContext, slip: Slip): Change => ({
  waiting: enqueue(context.waiting, slip),
  waitingCount: context.waitingCount + 1,
});

export const leave = (context: ModelContext, slip: Slip): Change => ({
  waiting: dequeue(context.waiting, slip),
  waitingCount: context.waitingCount - 1,
});

export const exchange = (context: ModelContext, leaving: Slip, joining: Slip): Change => ({
  waiting: enqueue(dequeue(context.waiting, leaving), joining),
});

export const NOBODY_WAITS: Change = { waiting: NONE_WAITING, waitingCount: 0 };

export const headOf = (context: ModelContext): Slip | null => head(context.waiting, context.limits.boosts);

export const victimOf = (context: ModelContext, newcomer: Slip): Slip | null =>
  victim(context.waiting, newcomer, context.limits.boosts);

/**
 * Fills the free slots from the queue. Requests whose time is over by then are not called but returned; those behind
 * the last one taken are left to their own deadline.
 */
export function advance(context: ModelContext, at: number): {
  readonly change: Change;
  readonly started: readonly { readonly slot: number; readonly slip: Slip }[];
  readonly expired: readonly Slip[];
} {
  const started: { slot: number; slip: Slip }[] = [];
  const expired: Slip[] = [];
  let current = context;
  while (current.idle !== null) {
    const next = headOf(current);
    if (next === null) break;
    const slot = current.idle.slot;
    current = { ...current, ...leave(current, next) };
    if (next.deadline <= at) expired.push(next);
    else {
      started.push({ slot, slip: next });
      current = { ...current, ...occupy(current, next, at, false) };
    }
  }
  const { idle, running, calls, waiting, waitingCount } = current;
  return { change: { idle, running, calls, waiting, waitingCount }, started, expired };
}

/** Every change of the breaker begins a new generation with clean counts. */
const newGeneration = (context: ModelContext): Change => ({
  generation: context.generation + 1,
  failures: 0,
  successes: 0,
  probes: 0,
});

/** Opens after a failure: while closed, time has forgiven earlier openings; while half-open, none. */
export function open(context: ModelContext, permit: Permit, at: number, hintMs: number | undefined): Change {
  const breaker = context.breaker!;
  const opens = (permit.probe ? context.opens : rememberedOpens(context, breaker, at)) + 1;
  const { ms, seed } = openTime(opens, breaker, context.seed, hintMs);
  return { ...newGeneration(context), opens, seed, openUntil: at + ms, timerFrom: at };
}

export const halfOpen = (context: ModelContext): Change => newGeneration(context);

export const close = (context: ModelContext, at: number): Change => ({ ...newGeneration(context), closedAt: at });

export const configure = (context: ModelContext, breaker: BreakerOptions | null, at: number): Change => ({
  ...newGeneration(context),
  breaker,
  opens: 0,
  closedAt: at,
});

export const passProbe = (context: ModelContext): Change => ({
  successes: context.successes + 1,
  probes: context.probes - 1,
});

export const releaseProbe = (context: ModelContext): Change => ({ probes: context.probes - 1 });

/** The permit of a running call has done its work. */
export function spend(context: ModelContext, slot: number): Change {
  const call = context.calls[slot];
  if (!call) return {};
  return { calls: context.calls.with(slot, { ...call, permit: { ...call.permit, spent: true } }) };
}

import type { Permit } from '../../src/breaker/permit.ts';
import { withFirstToken } from '../../src/breaker/silence.ts';
import type { Boosts } from '../../src/queue/priority.ts';
import { withServiceTime } from '../../src/queue/service-times.ts';
import { dequeue, enqueue, findWaiting, head, inServingOrder, NONE_WAITING } from '../../src/queue/waiting.ts';
import { peakEwma } from '../../src/routing/peak-ewma.ts';
import { hasFurtherCandidate, type Slip } from '../../src/routing/slip.ts';
import type { CallFigures } from '../events.ts';
import type { Load, Retries } from './context.ts';
import * as retries from './retries.ts';

// How a model's load changes: pure functions that the actions name.

/** The next free slot takes the request. */
export function occupied(load: Load, slip: Slip, permit: Permit, at: number): Load {
  const idle = load.idle!;
  return {
    ...load,
    idle: idle.next,
    running: load.running + 1,
    calls: load.calls.with(idle.slot, { slip, permit, startedAt: at }),
  };
}

/** The call's caller has its answer; the slot is free too, unless the backend lingers. */
export function vacated(load: Load, { slot, lingers }: Pick<CallFigures, 'slot' | 'lingers'>): Load {
  return {
    ...load,
    running: load.running - 1,
    calls: load.calls.with(slot, null),
    lingering: lingers ? load.lingering + 1 : load.lingering,
    idle: lingers ? load.idle : { slot, next: load.idle },
    retries: withoutCall(load, slot),
  };
}

const withoutCall = ({ retries: of, calls }: Load, slot: number): Retries =>
  of.ids.length === 0 ? of : retries.ended(of, calls[slot]!.slip);

/** The backend of a slot that lingered has let go. */
export const freed = (load: Load, slot: number): Load => ({
  ...load,
  lingering: load.lingering - 1,
  idle: { slot, next: load.idle },
});

/** The slot whose call has ended takes the next request. */
export const handedOver = (load: Load, slot: number, next: Slip, permit: Permit, at: number): Load => ({
  ...load,
  calls: load.calls.with(slot, { slip: next, permit, startedAt: at }),
  waiting: dequeue(load.waiting, next),
  waitingCount: load.waitingCount - 1,
  retries: withoutCall(load, slot),
});

/** The call of the slot has failed, and its request backs off. */
export function backedOff(load: Load, slot: number, slip: Slip, seed: number): Load {
  const next = vacated(load, { slot, lingers: false });
  return { ...next, retries: retries.begun(next.retries, slip, seed) };
}

/** The request has backed off long enough. */
export const rejoined = (load: Load, slip: Slip): Load => ({
  ...joined(load, slip),
  retries: retries.ripened(load.retries, slip),
});

export const joined = (load: Load, slip: Slip): Load => ({
  ...load,
  waiting: enqueue(load.waiting, slip),
  waitingCount: load.waitingCount + 1,
});

const unqueued = (load: Load, slip: Slip): Load => ({
  ...load,
  waiting: dequeue(load.waiting, slip),
  waitingCount: load.waitingCount - 1,
});

/** It waits or backs off here no longer, and goes elsewhere. */
export function left(load: Load, slip: Slip): Load {
  const isWaiting = findWaiting(load.waiting, slip) !== null;
  const rest = isWaiting ? unqueued(load, slip) : { ...load, retries: retries.ripened(load.retries, slip) };
  return { ...rest, retries: retries.ended(rest.retries, slip) };
}

export const exchanged = (load: Load, leaving: Slip, joining: Slip): Load => joined(left(load, leaving), joining);

export const emptied = (load: Load): Load => ({
  ...load,
  waiting: NONE_WAITING,
  waitingCount: 0,
  retries: retries.cleared(load.retries, load.calls),
});

/** All that wait or back off, in the order in which they would be served. */
export const heldIn = ({ waiting, retries: { backingOff } }: Load, boosts: Boosts): Slip[] =>
  inServingOrder(waiting, boosts, backingOff);

/** A call has succeeded: how long it took tells how long others will. */
export function measured(load: Load, { slot, at, contentAfterMs }: CallFigures): Load {
  const ms = at - load.calls[slot]!.startedAt;
  return {
    ...load,
    serviceTimes: withServiceTime(load.serviceTimes, ms),
    firstTokens: withFirstToken(load.firstTokens, contentAfterMs ?? ms, contentAfterMs !== undefined),
    latency: peakEwma(load.latency, ms, at),
  };
}

/** The call in the slot has shown no life. */
export const silenced = ({ calls }: Load, slot: number): Load['calls'] =>
  calls[slot] ? calls.with(slot, { ...calls[slot], isSilent: true }) : calls;

/** As if none had been noticed. */
export const unsilenced = ({ calls }: Load): Load['calls'] =>
  calls.map((call) => call && { slip: call.slip, permit: call.permit, startedAt: call.startedAt });

/** One more call may run at once. */
export const grown = (load: Load, maxConcurrency: number): Load => ({
  ...load,
  runningLimit: Math.min(load.runningLimit + 1, maxConcurrency),
});

export interface Sifted {
  readonly load: Load;
  /** In serving order. */
  readonly returned: readonly Slip[];
}

/** Whoever has another candidate goes there, as a newcomer would; who has none waits, when there is time. */
const staysUntil = (slip: Slip, until: number): boolean => slip.deadline > until && !hasFurtherCandidate(slip);

/** Takes out what does not wait until then. */
export function sifted(from: Load, until: number, boosts: Boosts): Sifted {
  if (from.waitingCount + from.retries.count === 0) return { load: from, returned: [] };
  const returned = heldIn(from, boosts).filter((slip) => !staysUntil(slip, until));
  return { load: returned.reduce(left, from), returned };
}

/** The permit of a running call has done its work. */
export function spent(load: Load, slot: number): Load {
  const call = load.calls[slot];
  if (!call) return load;
  return { ...load, calls: load.calls.with(slot, { ...call, permit: { ...call.permit, spent: true } }) };
}

export interface Advance {
  readonly load: Load;
  readonly started: readonly { readonly slot: number; readonly slip: Slip }[];
  readonly expired: readonly Slip[];
}

/**
 * Fills the free slots from the queue. Requests whose time is over by then are not called but returned; those behind
 * the last one taken are left to their own deadline.
 */
export function advanced(from: Load, permit: Permit, boosts: Boosts, at: number): Advance {
  const started: { slot: number; slip: Slip }[] = [];
  const expired: Slip[] = [];
  let load = from;
  while (load.idle !== null && load.running < load.runningLimit) {
    const next = head(load.waiting, boosts);
    if (next === null) break;
    const { slot } = load.idle;
    if (next.deadline <= at) {
      expired.push(next);
      load = left(load, next);
      continue;
    }
    load = unqueued(load, next);
    started.push({ slot, slip: next });
    load = occupied(load, next, permit, at);
  }
  return { load, started, expired };
}

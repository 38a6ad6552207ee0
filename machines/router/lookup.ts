import { victim } from '../../src/queue/waiting.ts';
import type { Slip } from '../../src/routing/slip.ts';
import type { RequestCancelEvent } from '../events.ts';
import type { ModelRef, RouterContext, RouterEvent } from './events.ts';
import { type Args, enters, nextStop, takerOf } from './outcome.ts';

// What the guards and actions of the router chart find in its context and its events.

export const modelOf = (event: RouterEvent): string => (event as { model: string }).model;
export const timeOf = (event: RouterEvent): number => (event as { at: number }).at;
export const refOf = ({ models, leaving }: RouterContext, name: string): ModelRef | undefined =>
  models[name] ?? leaving[name];

export const isUnordered = (event: RouterEvent): boolean => enters(event) && event.slip.unordered !== null;
/** There is room for one more parked request. */
export const hasParking = ({ parked, maxParked }: RouterContext): boolean => parked.count < maxParked;

/** Who of the parked gives way to a newcomer; null: nobody has to, or nobody does. */
export const parkedVictimOf = (context: RouterContext, newcomer: Slip): Slip | null =>
  hasParking(context) ? null : victim(context.parked.all, newcomer, context.boosts);
export const parkedVictim = (args: Args): Slip | null => parkedVictimOf(args.context, nextStop(args).slip);

export const takerIn = ({ context, event }: Args): Slip | null =>
  event.type === 'model.available' ? takerOf(context, event) : null;

/** A cancellation, from the caller or from the clock. */
export function cancellationOf(event: RouterEvent): Omit<RequestCancelEvent, 'type'> {
  if (event.type === 'timer.due' && event.kind === 'deadline') {
    const { id, seq, class: priority, arrival } = event.slip;
    return { id, seq, class: priority, arrival, reason: 'deadline', at: event.at };
  }
  const { type: _, ...cancellation } = event as RequestCancelEvent;
  return cancellation;
}

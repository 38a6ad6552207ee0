import type { ActorRef, Snapshot } from 'xstate';
import { inServingOrder } from '../../src/queue/waiting.ts';
import { entered, left, parkedFor } from '../../src/routing/parking.ts';
import { park, unpark } from '../../src/routing/select.ts';
import type { Slip } from '../../src/routing/slip.ts';
import type { ModelCommand, RequestCancelEvent } from '../events.ts';
import type { RouterEmitted } from '../settlement.ts';
import { base } from './base.ts';
import type { RouterContext, RouterEvent } from './events.ts';
import { modelOf, parkedVictim, takerIn, timeOf } from './lookup.ts';
import { type Args, nextStop, parkedSlip } from './outcome.ts';

// Requests that wait outside every model: how they are parked, how they give way, and how a model that is back wakes
// them, one at a time.

type RouterSelf = ActorRef<Snapshot<unknown>, RouterEvent>;

const parkedSlipOf = (args: Args): Slip => park(nextStop(args).slip, timeOf(args.event));

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
  enqueue.assign({ parked: slips.reduce(left, context.parked) });
}

/** Who waits for a model that will not come back in time asks elsewhere, or learns that there is nobody to wait for. */
const rejudgeParked = base.enqueueActions(({ enqueue, context, event, self }) => {
  const concerned = inServingOrder(parkedFor(context.parked, modelOf(event)), context.boosts);
  const hopeless = 'until' in event ? concerned.filter(({ deadline }) => deadline <= event.until) : concerned;
  wakeAll(enqueue, context, hopeless, self, timeOf(event));
});

/** The router stops: what is parked is settled with everything else. */
const wakeParked = base.enqueueActions(({ enqueue, context, event, self }) => {
  if (event.type !== 'stop') return;
  wakeAll(enqueue, context, inServingOrder(context.parked.all, context.boosts), self, event.at);
});

export const parkingActions = {
  park: base.assign((args) => ({ parked: entered(args.context.parked, parkedSlipOf(args)) })),
  parkInstead: base.assign((args) => ({
    parked: entered(left(args.context.parked, parkedVictim(args)!), parkedSlipOf(args)),
  })),
  dismissVictim: base.sendTo(
    ({ self }) => self,
    (args): RouterEvent => ({ type: 'request.displaced', slip: parkedVictim(args)!, at: timeOf(args.event) }),
  ),
  announceVictim: base.emit((args): RouterEmitted => {
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
  announceParked: base.emit((args): RouterEmitted => {
    const { slip } = nextStop(args);
    return { type: 'request.parked', requestId: slip.id, class: slip.class, at: timeOf(args.event) };
  }),
  unpark: base.assign(({ context, event }) => ({
    parked: left(context.parked, parkedSlip(context, event as RequestCancelEvent)!),
  })),
  wake: base.sendTo(
    ({ self }) => self,
    (args): RouterEvent => {
      const at = timeOf(args.event);
      return { type: 'request', slip: unpark(takerIn(args)!, at), at };
    },
  ),
  wakeNext: base.sendTo(
    ({ self }) => self,
    (args): RouterEvent => {
      const { event } = args;
      return { type: 'request.woken', model: modelOf(event), after: takerIn(args)!, at: timeOf(event) };
    },
  ),
  /** The model may still be in the step that made it available: its answer comes after it has taken the request. */
  poll: base.sendTo(
    ({ context, event }) => context.models[modelOf(event)]!,
    ({ event }): ModelCommand => ({
      type: 'poll',
      after: event.type === 'request.woken' ? event.after : null,
      at: timeOf(event),
    }),
  ),
  releaseTaker: base.assign((args) => ({ parked: left(args.context.parked, takerIn(args)!) })),
  rejudgeParked,
  wakeParked,
};

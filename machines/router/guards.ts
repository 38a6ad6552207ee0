import { isAsked } from '../../src/routing/cache-verdict.ts';
import type { RequestCancelEvent } from '../events.ts';
import { hasParking, isUnordered, modelOf, parkedVictim, refOf, takerIn } from './lookup.ts';
import {
  type Args,
  asReport,
  deadlineOf,
  interrupts,
  nextStop,
  parkedSlip,
  selectNext,
  strategiesAfter,
} from './outcome.ts';

/** The named guards of the router chart: each a proposition about the event and the context before it. */
export const guards = {
  // What had to be put in order has been looked at in this step already.
  hasAdmittingCandidate: (args: Args) => (isUnordered(args.event) ? nextStop(args) : selectNext(args)).model !== null,
  asksCache: ({ event }: Args) => event.type === 'request' && isAsked(event.slip.terms.cache),
  parks: (args: Args) => nextStop(args).parks && hasParking(args.context),
  displacesParked: (args: Args) => nextStop(args).parks && parkedVictim(args) !== null,
  hasTaker: (args: Args) => takerIn(args) !== null,
  isParked: ({ context, event }: Args) => parkedSlip(context, event as RequestCancelEvent) !== null,
  drains: ({ event }: Args) => event.type === 'model.command' && event.command === 'drain',
  isPollable: ({ context, event }: Args) =>
    modelOf(event) in context.parked.byModel &&
    modelOf(event) in context.models &&
    !(event.type === 'model.available' && event.polled !== undefined),
  takesTurn: (args: Args) =>
    isUnordered(args.event) && selectNext(args).model !== null && strategiesAfter(args) !== args.context.strategies,
  interrupts: ({ event }: Args) => interrupts(event),
  /** Bound to a ledger, it says so too of a request whose cancellation crossed the event that moves it on. */
  isCalledOff: ({ event }: Args) =>
    event.type === 'model.cancelled' && (event.reason === 'aborted' || event.reason === 'deadline'),
  isFinal: ({ event }: Args) =>
    event.type === 'model.returned' && (event.reason === 'deadline' || event.reason === 'router_stopped'),
  isDeadline: ({ event }: Args) => event.type === 'timer.due' && event.kind === 'deadline',
  isLimitsEnd: ({ context, event }: Args) =>
    event.type === 'timer.due' && event.kind === 'limit' && refOf(context, event.key) !== undefined,
  isRetryDue: ({ context, event }: Args) =>
    event.type === 'timer.due' && event.kind === 'retry' && refOf(context, event.slip.model) !== undefined,
  isGracesEnd: ({ context, event }: Args) =>
    event.type === 'timer.due' && event.kind === 'grace' && event.key in context.leaving,
  isLeaving: ({ context, event }: Args) => modelOf(event) in context.leaving,
  isTooLong: ({ event }: Args) =>
    event.type === 'model.ignored' && !interrupts(event) && event.slip.attempts.at(-1)!.exceededWindow !== undefined,
  isOver: ({ event }: Args) => 'slip' in event && deadlineOf(asReport(event)) <= asReport(event).at,
  knowsRule: ({ context, event }: Args) =>
    event.type === 'rule.put' && context.rules.some((rule) => rule.name === event.rule.name),
};

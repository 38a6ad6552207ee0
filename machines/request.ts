import type { ActorRefFrom } from 'xstate';
import type { PriorityClass } from '../src/queue/priority.ts';
import { itinerary } from '../src/routing/rule.ts';
import type { Slip } from '../src/routing/slip.ts';
import type { RequestCancelEvent, RequestEvent } from './events.ts';
import type { routerMachine } from './router.machine.ts';

export type RouterRef = ActorRefFrom<typeof routerMachine>;

/** What the charts need to know of a request; its content stays at the desk. */
export interface Ticket {
  readonly priority: PriorityClass;
  readonly model: string | undefined;
  readonly fallback: boolean | undefined;
  /** Milliseconds from acceptance to its deadline. */
  readonly timeoutMs: number;
  /** Streamed: its deadline ends at the first content, when this one takes over (null: none). */
  readonly streams: { readonly totalTimeoutMs: number | null } | null;
  /** Keeps the request's content under the slip's id until it is settled. */
  keep(slip: Slip): void;
}

/** Where a router takes requests in: the port behind `createRequest`. */
export interface RequestDesk<Input> {
  readonly actor: RouterRef;
  now(): number;
  /** The next in order of acceptance, and an id made from it. */
  number(): { readonly seq: number; readonly id: string };
  /** Checks and copies the request. @throws when it is wrong or comes too late */
  read(input: Input): Ticket;
  /** What is thrown when `model` names nothing. */
  unknownModel(name: string, known: readonly string[]): Error;
}

export const requestDesk: unique symbol = Symbol.for('llm-router.requestDesk') as never;

/** A router that takes requests: an `LLMRouter`. */
export interface TakesRequests<Input> {
  readonly [requestDesk]: RequestDesk<Input>;
}

/** Shared: most requests wait without an attempt or a skip. */
const NONE: readonly never[] = Object.freeze([]);

export interface RequestMessage {
  readonly id: string;
  /** Send this to the router; the request is accepted from now on. */
  readonly request: RequestEvent;
  /** Makes the event that calls it off. */
  readonly cancel: (at: number) => RequestCancelEvent;
}

/**
 * The only maker of `request` and `request.cancel`. It fixes the itinerary, so what is added or removed later concerns
 * later requests.
 * @throws what the desk throws when the request is wrong or names an unknown model
 */
export function createRequest<Input>(router: TakesRequests<Input>, input: Input): RequestMessage {
  const desk = router[requestDesk];
  const ticket = desk.read(input);
  const { models, rules } = desk.actor.getSnapshot().context;
  const names = Object.keys(models);
  const route = itinerary(rules, names, ticket);
  if (route === null) throw desk.unknownModel(ticket.model!, [...names, ...rules.map(({ name }) => name)]);
  const at = desk.now();
  const { seq, id } = desk.number();
  const { streams } = ticket;
  const slip: Slip = {
    id,
    seq,
    class: ticket.priority,
    arrival: at,
    deadline: at + ticket.timeoutMs,
    rule: route.rule,
    candidates: route.candidates,
    cursor: 0,
    attempts: NONE,
    skipped: NONE,
    enteredAt: at,
    streams: streams && { totalDeadline: streams.totalTimeoutMs === null ? null : at + streams.totalTimeoutMs },
  };
  ticket.keep(slip);
  return {
    id,
    request: { type: 'request', slip, at },
    cancel: (cancelledAt) => cancellation(slip, 'aborted', cancelledAt),
  };
}

export const cancellation = (slip: Slip, reason: RequestCancelEvent['reason'], at: number): RequestCancelEvent => ({
  type: 'request.cancel',
  id: slip.id,
  seq: slip.seq,
  class: slip.class,
  arrival: slip.arrival,
  reason,
  at,
});

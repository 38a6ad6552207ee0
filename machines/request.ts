import type { ActorRefFrom } from 'xstate';
import type { CacheVerdict } from '../src/routing/cache-verdict.ts';
import { type Itinerary, itinerary, type RoutedRequest } from '../src/routing/rule.ts';
import { type OnStreamFailure, type Slip, termsOf, type Unordered, type WhenUnavailable } from '../src/routing/slip.ts';
import type { Strategy } from '../src/routing/strategy.ts';
import type { cacheMachine } from './cache.machine.ts';
import type { RequestCancelEvent, RequestEvent } from './events.ts';
import type { routerMachine } from './router.machine.ts';

export type RouterRef = ActorRefFrom<typeof routerMachine>;

/** The cache of a router: always there, switched off until it is enabled. */
export const cacheOf = (router: RouterRef): ActorRefFrom<typeof cacheMachine> =>
  router.getSnapshot().children['cache'] as ActorRefFrom<typeof cacheMachine>;

/** What the charts need to know of a request; its content stays at the desk. */
export interface Ticket extends RoutedRequest {
  /** Milliseconds from acceptance to its deadline; undefined: as its rule says. */
  readonly timeoutMs: number | undefined;
  /** When neither the request nor its rule names one. */
  readonly defaultTimeoutMs: number;
  /** Its deadline ends at the first content, when `totalTimeoutMs` takes over. */
  readonly isStreamed: boolean;
  /** Milliseconds from acceptance to its end. */
  readonly totalTimeoutMs: number | undefined;
  /** undefined: as its rule says. */
  readonly whenUnavailable: WhenUnavailable | undefined;
  /** undefined: as its rule says. */
  readonly maxRetries: number | undefined;
  /** When neither the request nor its rule says. */
  readonly defaultMaxRetries: number;
  /** undefined: as its rule says. */
  readonly onStreamFailure: OnStreamFailure | undefined;
  /** undefined: as its rule says. */
  readonly strategy: Strategy | undefined;
  readonly maxTokens: number | undefined;
  /** What the cache has to do with it; null: there is none. */
  readonly cache: CacheVerdict | null;
  /** It wants a vector of a model that serves these, and no answer. */
  readonly wantsVector: boolean;
  /** Roughly; only asked where a strategy weighs it. */
  promptTokens(): number;
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
  const slip = slipOf(desk, ticket, desk.number());
  ticket.keep(slip);
  return {
    id: slip.id,
    request: { type: 'request', slip, at: slip.arrival },
    cancel: (cancelledAt) => cancellation(slip, 'aborted', cancelledAt),
  };
}

/** The slip that a request would have if it were accepted now. @throws what the desk throws for an unknown model */
export function slipOf<Input>(
  desk: RequestDesk<Input>,
  ticket: Ticket,
  { seq, id }: { readonly seq: number; readonly id: string },
): Slip {
  const { models, chatModels, rules } = desk.actor.getSnapshot().context;
  const names = ticket.wantsVector ? Object.keys(models) : chatModels;
  const route = itinerary(rules, names, ticket);
  if (route === null) throw desk.unknownModel(ticket.model!, [...names, ...rules.map(({ name }) => name)]);
  const { rule, candidates } = route;
  const { isStreamed, totalTimeoutMs = Number.POSITIVE_INFINITY } = ticket;
  const at = desk.now();
  const timeoutMs = ticket.timeoutMs ?? rule?.timeoutMs ?? ticket.defaultTimeoutMs;
  return {
    id,
    seq,
    class: ticket.priority,
    arrival: at,
    deadline: at + Math.min(timeoutMs, totalTimeoutMs),
    rule: rule?.name ?? null,
    candidates,
    cursor: 0,
    attempts: NONE,
    skipped: NONE,
    enteredAt: at,
    waitedBeforeMs: 0,
    streams: isStreamed
      ? {
          timeoutMs,
          totalDeadline: Number.isFinite(totalTimeoutMs) ? at + totalTimeoutMs : null,
          restarts: (ticket.onStreamFailure ?? rule?.onStreamFailure) === 'restart',
        }
      : null,
    terms: termsOf(
      ticket.whenUnavailable ?? rule?.whenUnavailable ?? 'fail',
      ticket.maxRetries ?? rule?.maxRetries ?? ticket.defaultMaxRetries,
      ticket.cache,
    ),
    unordered: unordered(route, ticket),
    parked: null,
  };
}

export interface SharedCall {
  readonly id: string;
  readonly seq: number;
  readonly at: number;
  readonly timeoutMs: number;
}

/**
 * The slip of a call that several requests share: along the itinerary of one of them that no model has had yet, in its
 * place in the queues, with a time of its own.
 */
export const onBehalfOf = (maker: Slip, { id, seq, at, timeoutMs }: SharedCall): Slip => ({
  ...maker,
  id,
  seq,
  deadline: at + timeoutMs,
  enteredAt: at,
  streams: null,
  terms: termsOf(maker.terms.whenUnavailable, maker.terms.maxRetries),
});

function unordered({ rule, targets }: Itinerary, ticket: Ticket): Unordered | null {
  const strategy = ticket.strategy ?? rule?.strategy ?? 'ordered';
  if (strategy === 'ordered' || targets < 2) return null;
  return { strategy, targets, promptTokens: ticket.promptTokens(), maxTokens: ticket.maxTokens ?? null };
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

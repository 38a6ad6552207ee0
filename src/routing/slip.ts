import type { Outcome } from '../breaker/outcome.ts';
import type { PriorityClass } from '../queue/priority.ts';
import type { CacheVerdict } from './cache-verdict.ts';
import type { RequestFigures } from './strategies/ordering.ts';
import type { Strategy } from './strategy.ts';

/** Why a candidate did not take a request, or gave it back. */
export type SkipReason =
  | 'circuit_open'
  | 'half_open'
  | 'queue_full'
  | 'displaced'
  | 'draining'
  | 'removed'
  | 'rate_limited'
  | 'paused'
  | 'deadline'
  | 'deadline_unreachable'
  | 'context_too_small'
  | 'router_stopped'
  | 'cancelled';

export interface Skip {
  readonly model: string;
  readonly reason: SkipReason;
  /** Milliseconds after which the same candidate could admit, where that is known. */
  readonly retryAfterMs?: number;
  /** `deadline_unreachable`: how long it would have waited for a slot, in milliseconds. */
  readonly predictedWaitMs?: number;
  readonly waitedMs: number;
}

/** One call of a backend. */
export interface Attempt {
  readonly model: string;
  /** When the call began, on the router's clock. */
  readonly startedAt: number;
  readonly ms: number;
  /** Milliseconds from its start to the first content, for streamed calls. */
  readonly firstTokenMs?: number | undefined;
  readonly outcome: Outcome;
  readonly status?: number | undefined;
  readonly code?: string | undefined;
  /** The model refused the request as longer than this, its context window; infinite when it has not said how long. */
  readonly exceededWindow?: number | undefined;
  /** Milliseconds in the model's queue before it. */
  readonly waitedMs: number;
}

/**
 * A request on its way through the charts: its itinerary and what happened to it so far. Figures only; the prompt, the
 * caller and the answer lie in the ledger under `id`. A slip is never changed, only replaced.
 */
export interface Slip {
  readonly id: string;
  /** Order of acceptance, unique within a router; breaks ties in queues. */
  readonly seq: number;
  readonly class: PriorityClass;
  /** When the request was accepted, on the router's clock. */
  readonly arrival: number;
  /** When its time runs out, on the router's clock. */
  readonly deadline: number;
  readonly rule: string | null;
  /** All targets, then all fallbacks, fixed at acceptance. */
  readonly candidates: readonly string[];
  /** The candidate whose turn it is; behind the last one when all have been asked. Only ever grows within a pass. */
  readonly cursor: number;
  readonly attempts: readonly Attempt[];
  /** Of the present pass over the candidates, and never older than an attempt at the same model. */
  readonly skipped: readonly Skip[];
  /** When it entered the model that holds it. */
  readonly enteredAt: number;
  /** Milliseconds in queues that no skip tells of any more. */
  readonly waitedBeforeMs: number;
  /** null: its caller wants the answer whole. */
  readonly streams: Streams | null;
  readonly terms: Terms;
  /** What its targets are put in order by when the router takes it in; null once they are. */
  readonly unordered: Unordered | null;
  /** null: it has never been parked. */
  readonly parked: Parked | null;
}

/** On what terms a request is routed: as it says itself, else its rule, else the router. */
export interface Terms {
  /** `wait`: with no candidate left it waits for the first that comes back. */
  readonly whenUnavailable: WhenUnavailable;
  /** Further calls of one model after one that failed. */
  readonly maxRetries: number;
  /** What the cache has to do with it; null: there is none. */
  readonly cache: CacheVerdict | null;
}

const termsMade = new Map<string, Terms>();

/**
 * One object for all requests on the same terms: thousands may wait at once. `cache`: what is known of it before it has
 * been asked.
 */
export function termsOf(
  whenUnavailable: WhenUnavailable,
  maxRetries: number,
  cache: CacheVerdict | null = null,
): Terms {
  const key = cache === null ? `${whenUnavailable} ${maxRetries}` : `${whenUnavailable} ${maxRetries} ${keyOf(cache)}`;
  const known = termsMade.get(key);
  if (known !== undefined) return known;
  const terms: Terms = Object.freeze({ whenUnavailable, maxRetries, cache });
  termsMade.set(key, terms);
  return terms;
}

const keyOf = (cache: CacheVerdict): string => ('reason' in cache ? cache.reason : cache.status);

/** The slip of a request on which the cache has had its word. */
export const withVerdict = (slip: Slip, cache: CacheVerdict): Slip => ({ ...slip, terms: { ...slip.terms, cache } });

export interface Streams {
  /** Milliseconds that it has until its first content, anew each time that it begins again. */
  readonly timeoutMs: number;
  /** The deadline ends at the first content, when this one takes over; null: none. */
  readonly totalDeadline: number | null;
  /** Broken after its first content, it begins again elsewhere, and its reader is told. */
  readonly restarts: boolean;
}

/** Calls of a request in all, over all its candidates and passes; then it fails with what it has met. */
export const MAX_ATTEMPTS = 6;
export const MAX_RETRIES = MAX_ATTEMPTS - 1;

/** What becomes of a stream that breaks after its first content. */
export type OnStreamFailure = 'fail' | 'restart';

export const ON_STREAM_FAILURE: readonly OnStreamFailure[] = ['fail', 'restart'];

export type WhenUnavailable = 'wait' | 'fail';

export const WHEN_UNAVAILABLE: readonly WhenUnavailable[] = ['wait', 'fail'];

export interface Unordered extends RequestFigures {
  readonly strategy: Strategy;
  /** How many of the candidates are targets; the others are fallbacks, which stay as they are. */
  readonly targets: number;
}

/** How often and how long a request has waited outside every model for one of them to come back. */
export interface Parked {
  readonly count: number;
  /** Milliseconds, without the present time. */
  readonly ms: number;
  readonly since: number;
}

/** Whether a candidate is left behind the one whose turn it is. */
export const hasFurtherCandidate = ({ cursor, candidates }: Slip): boolean => cursor + 1 < candidates.length;

/** What finds a request in a queue. */
export type SlipKey = Pick<Slip, 'id' | 'seq' | 'class' | 'arrival'>;

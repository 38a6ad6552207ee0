import { PRIORITY_CLASSES, type PriorityClass } from '../../../queue/priority.ts';

/** Falls due at `at`; of those due at once, the one armed first comes first. */
export interface Timer {
  readonly at: number;
  readonly armed: number;
}

/** Why a model takes no newcomer, or gives back one that waited or backed off there. */
export type Refusal = 'paused' | 'draining' | 'circuit_open' | 'half_open' | 'rate_limited' | 'queue_full';

/** How a candidate was left that did not serve the request. */
export type LastWord = Refusal | 'failed' | 'displaced';

/** A request that is not over. Models are named by their place in the policy. */
export interface RequestState {
  readonly name: string;
  readonly seq: number;
  readonly priority: PriorityClass;
  readonly arrival: number;
  /** Arrival less the boost of its class: the earlier, the sooner it is served. */
  readonly orderKey: number;
  readonly deadline: Timer;
  readonly canPark: boolean;
  readonly maxRetries: number;
  readonly candidates: readonly number[];
  /** Whose turn it is; -1 before the first candidate. */
  readonly cursor: number;
  /** By candidate, in this pass. */
  readonly lastWords: readonly (LastWord | null)[];
  /** By candidate, in all passes. */
  readonly attempts: readonly number[];
  readonly hasFailed: boolean;
  readonly wasLimited: boolean;
  readonly wasDisplaced: boolean;
  /** The model that holds it has failed it and tries it again: it draws on that model's budget. */
  readonly isRetrying: boolean;
}

export const MAX_ATTEMPTS = 6;

export const attemptsOf = (request: RequestState): number => request.attempts.reduce((sum, n) => sum + n, 0);

export const isSpent = (request: RequestState): boolean => attemptsOf(request) >= MAX_ATTEMPTS;

/** Serving order: the order key, ties by arrival, then as they were made. */
export const bySeniority = (a: RequestState, b: RequestState): number =>
  a.orderKey - b.orderKey || a.arrival - b.arrival || a.seq - b.seq;

/** The list in serving order, with one more. */
export const inserted = (list: readonly RequestState[], request: RequestState): readonly RequestState[] => {
  const index = list.findIndex((other) => bySeniority(request, other) < 0);
  return index < 0 ? [...list, request] : list.toSpliced(index, 0, request);
};

/** Who of a full list gives its place to the newcomer: the last, if of a lower class and with a later key. */
export function victimOf(list: readonly RequestState[], newcomer: RequestState): RequestState | null {
  const last = list.at(-1);
  if (last === undefined || last.orderKey <= newcomer.orderKey) return null;
  const isLower = PRIORITY_CLASSES.indexOf(last.priority) > PRIORITY_CLASSES.indexOf(newcomer.priority);
  return isLower ? last : null;
}

/** With the last word of one of its candidates. */
export const told = (request: RequestState, model: number, word: LastWord): RequestState => ({
  ...request,
  lastWords: request.lastWords.with(request.candidates.indexOf(model), word),
});

/** Before its first candidate again; attempts and what they met still count. */
export const restarted = (request: RequestState): RequestState => ({
  ...request,
  cursor: -1,
  lastWords: request.lastWords.map(() => null),
});

/** The code it fails with: an attempt that was made outranks a skip. */
export function errorCode(request: RequestState): string {
  if (request.hasFailed) return 'provider_failed';
  if (request.wasLimited) return 'rate_limited';
  const words = request.lastWords.filter((word) => word !== null);
  if (words.includes('queue_full') || words.includes('displaced')) return 'queue_full';
  return words.length > 0 && words.every((word) => word === 'rate_limited') ? 'rate_limited' : 'no_model_available';
}

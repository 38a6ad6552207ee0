import type { PolicyOutcome } from '../../policy-events.ts';
import {
  canStart,
  hasPlaceFor,
  hasRoomFor,
  isClosed,
  isFull,
  type ModelState,
  outlasts,
  queueOf,
  refusalOf,
  withoutQueued,
  withWaiting,
} from './model-state.ts';
import { type Draft, modelAt } from './policy-state.ts';
import {
  errorCode,
  inserted,
  isSpent,
  type LastWord,
  type RequestState,
  restarted,
  told,
  victimOf,
} from './request-state.ts';

const DEFAULT_ATTEMPT_TIMEOUT_MS = 60_000;

/** Reasons that pass, so that a request may wait for their end. */
const PASSING: readonly (LastWord | null)[] = ['circuit_open', 'half_open', 'rate_limited', 'paused'];

export function settle(draft: Draft, request: RequestState, outcome: PolicyOutcome): void {
  draft.settled = { request: request.name, outcome, earlier: draft.settled };
}

const fail = (draft: Draft, request: RequestState): void => settle(draft, request, `failed:${errorCode(request)}`);

/** A request that nobody holds. */
interface Wanderer {
  readonly request: RequestState;
  /** It has just been displaced. */
  readonly isVictim: boolean;
}

/** The request goes on, then whom it displaces. */
export const moveOn = (draft: Draft, request: RequestState): void => moveTogether(draft, [request]);

/** These go on in this order, and behind them whom they displace. */
export function moveTogether(draft: Draft, requests: readonly RequestState[]): void {
  const wanderers: Wanderer[] = requests.map((request) => ({ request, isVictim: false }));
  for (const wanderer of wanderers) {
    const displaced = moveAlone(draft, wanderer);
    if (displaced !== null) wanderers.push({ request: displaced, isVictim: true });
  }
}

/**
 * Takes a request to its next candidates until one takes it; else it waits out a rate limit, parks, or fails.
 * @returns whom it has displaced; null: nobody
 */
function moveAlone(draft: Draft, { request: moved, isVictim }: Wanderer): RequestState | null {
  let request: RequestState = moved.isRetrying ? { ...moved, isRetrying: false } : moved;
  if (request.deadline.at <= draft.now) {
    settle(draft, request, 'failed:deadline_exceeded');
    return null;
  }
  if (isSpent(request)) {
    fail(draft, request);
    return null;
  }
  while (request.cursor < request.candidates.length) {
    request = { ...request, cursor: request.cursor + 1 };
    const index = request.candidates[request.cursor];
    if (index === undefined) break;
    const refusal = refusalOf(modelAt(draft, index), request);
    if (refusal === null) return accept(draft, index, request);
    request = told(request, index, refusal);
  }
  if (!isVictim) {
    const limited = limitToWaitOut(draft, request);
    if (limited !== undefined) return accept(draft, limited, request);
    if (canPark(draft, request)) return park(draft, request);
  }
  fail(draft, request);
  return null;
}

/** It starts, or has a place. @returns who gave its place up for it */
function accept(draft: Draft, index: number, request: RequestState): RequestState | null {
  const model = modelAt(draft, index);
  if (model.breaker === 'half_open') {
    start(draft, index, request);
    return null;
  }
  const victim = isFull(model) ? victimOf(queueOf(model), request) : null;
  draft.models[index] = withWaiting(victim === null ? model : withoutQueued(model, [victim]), request);
  startWaiting(draft, index);
  return victim && told({ ...victim, wasDisplaced: true }, index, 'displaced');
}

/** The first candidate that is only rate limited, has a place, and will serve before the deadline (or is free by now). */
const limitToWaitOut = (draft: Draft, request: RequestState): number | undefined =>
  request.candidates.find((index, position) => {
    if (request.lastWords[position] !== 'rate_limited') return false;
    const model = modelAt(draft, index);
    if (model.limit === null) return isClosed(model) && refusalOf(model, request) === null;
    return outlasts(model, request) && hasPlaceFor(model, request);
  });

/** Whoever waits at the model starts, in order, as long as it may. */
export function startWaiting(draft: Draft, index: number): void {
  for (;;) {
    const model = modelAt(draft, index);
    const [head] = model.waiting;
    if (head === undefined || !canStart(model)) return;
    draft.models[index] = { ...model, waiting: model.waiting.slice(1) };
    if (head.deadline.at <= draft.now) settle(draft, head, 'failed:deadline_exceeded');
    else start(draft, index, head);
  }
}

/** A silent call ends so late after its start; a probe's lease may be shorter. */
function callLimitMs({ options, breaker }: ModelState): number {
  const attemptMs =
    options.attemptTimeoutMs ?? (options.isStreamed ? Number.POSITIVE_INFINITY : DEFAULT_ATTEMPT_TIMEOUT_MS);
  const firstTokenMs = options.isStreamed ? options.firstTokenTimeoutMs : Number.POSITIVE_INFINITY;
  const leaseMs = breaker === 'half_open' ? (options.breaker?.probeTimeoutMs ?? 0) : Number.POSITIVE_INFINITY;
  return Math.min(attemptMs, firstTokenMs, leaseMs);
}

function start(draft: Draft, index: number, request: RequestState): void {
  const model = modelAt(draft, index);
  const position = request.candidates.indexOf(index);
  const attempts = request.attempts.with(position, (request.attempts[position] ?? 0) + 1);
  const call = {
    request: { ...request, attempts },
    startedAt: draft.now,
    generation: model.generation,
    end: { at: draft.now + callLimitMs(model), armed: draft.armed++ },
  };
  draft.models[index] = { ...model, calls: [...model.calls, call] };
}

/** A candidate's last reason will pass, as far as is known before the deadline. */
const isWorthWaitingFor = (model: ModelState, word: LastWord | null | undefined, { deadline }: RequestState): boolean =>
  word != null &&
  PASSING.includes(word) &&
  model.control !== 'draining' &&
  (model.recovery === null || model.recovery.at < deadline.at) &&
  (model.limit === null || model.limit.at < deadline.at);

const canPark = (draft: Draft, request: RequestState): boolean =>
  request.canPark &&
  !request.wasDisplaced &&
  request.candidates.some((index, position) =>
    isWorthWaitingFor(modelAt(draft, index), request.lastWords[position], request),
  );

/** What would wake the request has happened since the candidate refused it: nobody would come for it. */
const hasComeBack = (draft: Draft, request: RequestState): boolean =>
  request.candidates.some((index, position) => {
    const model = modelAt(draft, index);
    const word = request.lastWords[position] ?? null;
    if (word === null || !hasRoomFor(model, request)) return false;
    return model.breaker === 'half_open' || (word !== 'failed' && word !== 'displaced');
  });

function park(draft: Draft, request: RequestState): RequestState | null {
  if (hasComeBack(draft, request)) return moveAlone(draft, { request: restarted(request), isVictim: false });
  if (draft.parked.length >= draft.policy.maxParked) {
    const victim = victimOf(draft.parked, request);
    if (victim === null) {
      fail(draft, request);
      return null;
    }
    draft.parked = draft.parked.filter((other) => other !== victim);
    fail(draft, victim);
  }
  draft.parked = inserted(draft.parked, request);
  return null;
}

/** The model has room: those parked ask again, in serving order, as long as it has; whoever it has room for parks no more. */
export function wake(draft: Draft, index: number): void {
  for (;;) {
    const model = modelAt(draft, index);
    const next = draft.parked.find((request) => request.candidates.includes(index) && hasRoomFor(model, request));
    if (next === undefined) return;
    draft.parked = draft.parked.filter((request) => request !== next);
    moveOn(draft, restarted(next));
  }
}

/**
 * What keeps the model from some of the parked now ends too late for them: they are parked no longer, and will ask again,
 * or learn that it is in vain.
 */
export function unparkHopeless(draft: Draft, index: number, until: number): readonly RequestState[] {
  const concerned = draft.parked.filter(
    ({ candidates, deadline }) => candidates.includes(index) && deadline.at <= until,
  );
  draft.parked = draft.parked.filter((request) => !concerned.includes(request));
  return concerned.map(restarted);
}

import type { PolicyOutcome } from '../../policy-events.ts';
import { grown, judged, type Moment, type Outcome } from './breaker.ts';
import {
  type Call,
  isClosed,
  isFull,
  type ModelState,
  queueOf,
  withCallOff,
  withoutCall,
  withoutQueued,
  withSlotFreed,
} from './model-state.ts';
import { moveOn, moveTogether, settle, startWaiting, unparkHopeless, wake } from './moves.ts';
import { type Draft, modelAt } from './policy-state.ts';
import { forgiven, limited, untimely } from './rate-limit.ts';
import { isSpent, type RequestState, told } from './request-state.ts';

const MIN_BUDGET = 3;
const BUDGET_SHARE = 0.2;

/** The parked are told when a model has become closed, may have a permit, or has a place again. */
export function wakeAfter(draft: Draft, index: number, before: ModelState): void {
  const model = modelAt(draft, index);
  const hasClosed = before.breaker === 'half_open' && model.breaker === 'closed';
  if (hasClosed || model.breaker === 'half_open' || (isFull(before) && !isFull(model))) wake(draft, index);
}

/**
 * A call has ended so: first its model moves, then its request, then those its model let go, each with whom it displaces;
 * last the parked.
 */
export function conclude(draft: Draft, index: number, call: Call, outcome: Outcome, hintMs?: number): void {
  const before = modelAt(draft, index);
  const ended = outcome === 'silent' ? withCallOff(before, call) : withoutCall(before, call);
  const after = resultOf(ended, call, outcome, hintMs ?? 0, {
    now: draft.now,
    armed: draft.armed++,
  });
  const hasOpened = after.breaker === 'open' && before.breaker !== 'open';
  const hasNewLimit = after.limit !== before.limit;
  const released = hasOpened ? queueOf(after) : hasNewLimit ? untimely(after) : [];
  const model = withoutQueued(after, released);
  const here = call.request.attempts[call.request.candidates.indexOf(index)] ?? 0;
  const isRetried =
    outcome === 'failed' &&
    here <= call.request.maxRetries &&
    mayRetry(draft, model, call.request, before.calls.length, hintMs ?? 0);
  draft.models[index] = isRetried ? withBackOff(draft, model, call.request, hintMs ?? 0) : model;
  startWaiting(draft, index);

  if (!isRetried) answer(draft, index, call.request, outcome);
  for (const request of released) moveOn(draft, told(request, index, hasOpened ? 'circuit_open' : 'rate_limited'));
  const returnsAt = hasOpened ? model.recovery : hasNewLimit ? model.limit : null;
  if (returnsAt !== null) moveTogether(draft, unparkHopeless(draft, index, returnsAt.at));
  wakeAfter(draft, index, before);
  if (outcome === 'silent') letGo(draft, index);
}

/** A backend heeds that its call was called off: at once, but after all that the free place has caused. */
function letGo(draft: Draft, index: number): void {
  const before = modelAt(draft, index);
  draft.models[index] = withSlotFreed(before);
  startWaiting(draft, index);
  wakeAfter(draft, index, before);
}

function resultOf(model: ModelState, call: Call, outcome: Outcome, hintMs: number, moment: Moment): ModelState {
  if (outcome === 'rate_limited') return limited(model, call, hintMs, moment);
  const noted = outcome === 'succeeded' ? grown(forgiven(model, call)) : model;
  return judged(noted, call, outcome, hintMs, moment);
}

/** Its caller hears of it, or it goes on to its next candidate. */
function answer(draft: Draft, index: number, request: RequestState, outcome: Outcome): void {
  if (outcome === 'succeeded') {
    settle(draft, request, `served:${modelAt(draft, index).options.name}`);
    return;
  }
  if (outcome === 'ignored') {
    settle(draft, request, 'failed:provider_rejected');
    return;
  }
  const met =
    outcome === 'rate_limited'
      ? told({ ...request, wasLimited: true }, index, 'rate_limited')
      : told({ ...request, hasFailed: true }, index, 'failed');
  moveOn(draft, met);
}

/** The same model is tried once more: it will be there, the request may, and neither budget nor time is used up. */
function mayRetry(draft: Draft, model: ModelState, request: RequestState, running: number, waitMs: number): boolean {
  const hasOthers = request.cursor + 1 < request.candidates.length;
  return (
    model.control === 'active' &&
    isClosed(model) &&
    model.limit === null &&
    !isSpent(request) &&
    retrying(model) + 1 <= Math.max(MIN_BUDGET, BUDGET_SHARE * running) &&
    !(waitMs > draft.policy.backoff.maxMs && hasOthers) &&
    draft.now + waitMs < request.deadline.at
  );
}

/** Retries at once: backing off, waiting again, or running again. */
const retrying = (model: ModelState): number =>
  [...queueOf(model), ...model.calls.map(({ request }) => request)].filter(({ isRetrying }) => isRetrying).length;

/** Without slot and permit, but at its place. */
const withBackOff = (draft: Draft, model: ModelState, request: RequestState, waitMs: number): ModelState => ({
  ...model,
  backingOff: [
    ...model.backingOff,
    {
      request: { ...request, isRetrying: true, hasFailed: true },
      end: { at: draft.now + waitMs, armed: draft.armed++ },
    },
  ],
});

/** Its caller leaves, or its time is over: answered at once, wherever it is; a permit goes back and moves nothing. */
export function withdraw(draft: Draft, request: RequestState, outcome: PolicyOutcome): void {
  settle(draft, request, outcome);
  draft.parked = draft.parked.filter((other) => other !== request);
  for (const [index, before] of draft.models.entries()) {
    const call = before.calls.find((other) => other.request === request);
    if (call === undefined && !queueOf(before).includes(request)) continue;
    draft.models[index] = call === undefined ? withoutQueued(before, [request]) : withCallOff(before, call);
    startWaiting(draft, index);
    wakeAfter(draft, index, before);
    if (call !== undefined) letGo(draft, index);
  }
}

import { PRIORITY_CLASSES } from '../../../queue/priority.ts';
import type { Policy } from '../../policy.ts';
import { type Call, isCurrent, type ModelState, queueOf } from './model-state.ts';
import { type PolicyState, pendingOf } from './policy-state.ts';
import { beganSinceLimit } from './rate-limit.ts';
import { requestKey } from './request-key.ts';
import { bySeniority, type RequestState } from './request-state.ts';
import { type Due, duesOf } from './timers.ts';
import { sliceAge, sliceMs } from './windows.ts';

/*
 * Requests are called by their rank in the serving order, by which every queue and every tie is decided. Of time only the
 * order is kept: which pending timers fall due before, with and after each other, and by which classes a request would be
 * overtaken now. That is exact for whatever happens next; it is not for where a timer that is armed later falls among those
 * pending, nor for when a request will have aged past another class: two states with one key can differ once more time has
 * passed. (Paths are true all the same, as they are made of states and not of keys.) Deadlines that come after everything
 * else are left out: with one far `timeoutMs` they follow the order of arrival.
 * What time windows, slow calls and the decay of openings look at is kept by value, so that there are as many keys as ages.
 */

/** Two states with the same key behave alike from then on. */
export function keyOf(policy: Policy, state: PolicyState): string {
  const pending = [...pendingOf(state)].sort(bySeniority);
  const ranks = new Map(pending.map((request, rank) => [request.name, rank]));
  const holders = new Map(
    state.models.flatMap((model, index) => [
      ...model.calls.map(({ request }) => [request.name, index] as const),
      ...queueOf(model).map((request) => [request.name, index] as const),
    ]),
  );
  const rankOf = ({ name }: RequestState): number => ranks.get(name) ?? -1;
  return [
    pending
      .map((request) => `${requestKey(request, holders.get(request.name))},${overtakers(policy, request, state.now)}`)
      .join(' '),
    ...state.models.map((model) => modelKey(model, state.now, rankOf)),
    state.parked.map(rankOf).join(),
    state.turns.join(),
    duesKey(duesOf(state), state.now, rankOf),
  ].join('|');
}

/** The classes of newcomers that would be served before it. */
const overtakers = ({ boosts }: Policy, { orderKey }: RequestState, now: number): string =>
  PRIORITY_CLASSES.map((priority) => Number(now - boosts[priority] < orderKey)).join('');

function modelKey(model: ModelState, now: number, rankOf: (request: RequestState) => number): string {
  const { control, breaker, failures, successes, strikes, runningLimit, waiting, backingOff, calls } = model;
  return [
    control,
    breaker,
    failures,
    windowKey(model, now),
    successes,
    opensKey(model, now),
    strikes,
    runningLimit,
    waiting.map(rankOf).join('.'),
    backingOff
      .map(({ request }) => rankOf(request))
      .sort()
      .join('.'),
    calls
      .map((call) => `${rankOf(call.request)}:${callKey(model, call, now)}`)
      .sort()
      .join('.'),
  ].join();
}

/** What the end of a call can move. */
function callKey(model: ModelState, call: Call, now: number): string {
  const counts = (model.breaker === 'closed' || model.breaker === 'half_open') && isCurrent(model, call);
  const { breaker } = model.options;
  const slowCallMs = breaker === null || breaker.policy === 'consecutive' ? null : breaker.slowCallMs;
  const age = counts && slowCallMs !== null ? Math.min(now - call.startedAt, slowCallMs + 1) : 0;
  return [Number(counts), Number(beganSinceLimit(model, call)), age].join('-');
}

function windowKey({ options: { breaker }, results }: ModelState, now: number): string {
  if (breaker === null || breaker.policy === 'consecutive') return '';
  const marks = results.map(({ isFailure, isSlow }) => Number(isFailure) + 2 * Number(isSlow));
  if (breaker.policy === 'count') return marks.slice(-breaker.windowSize).join('');
  const ages = results.map((result, index) => `${sliceAge(result, breaker, now)}:${marks[index]}`);
  return [now % sliceMs(breaker), ...ages].join('.');
}

/** How long it will stay open; nothing where that never changes. */
export function opensKey({ options: { breaker: options }, breaker, opens, closedAt }: ModelState, now: number): string {
  if (options === null || opens === 0 || options.maxOpenMs <= options.recoveryTimeoutMs) return '';
  const closedMs = breaker === 'closed' ? Math.min(now - closedAt, opens * options.recoveryTimeoutMs) : 0;
  return `${opens}-${closedMs}`;
}

function duesKey(dues: readonly Due[], now: number, rankOf: (request: RequestState) => number): string {
  const kept = dues.slice(0, dues.findLastIndex(({ kind }) => kind !== 'deadline') + 1);
  return kept
    .map((due, index) => {
      const isWithPrevious = due.timer.at === (kept[index - 1]?.timer.at ?? now);
      return `${isWithPrevious ? '=' : '<'}${dueKey(due, rankOf)}`;
    })
    .join('');
}

function dueKey(due: Due, rankOf: (request: RequestState) => number): string {
  switch (due.kind) {
    case 'deadline':
      return `d${rankOf(due.request)}`;
    case 'call':
      return `c${rankOf(due.call.request)}`;
    case 'retry':
      return `b${rankOf(due.backOff.request)}`;
    case 'recovery':
      return `o${due.model}`;
    case 'limit':
      return `l${due.model}`;
  }
}

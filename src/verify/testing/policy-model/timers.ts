import { halfOpened } from './breaker.ts';
import { conclude, withdraw } from './calls.ts';
import { type BackOff, type Call, withoutQueued, withWaiting } from './model-state.ts';
import { startWaiting, wake } from './moves.ts';
import { type Draft, modelAt, type PolicyState, pendingOf } from './policy-state.ts';
import { unlimited } from './rate-limit.ts';
import type { RequestState, Timer } from './request-state.ts';

/** What falls due, and for whom. */
export type Due = { readonly timer: Timer } & (
  | { readonly kind: 'deadline'; readonly request: RequestState }
  | { readonly kind: 'call'; readonly model: number; readonly call: Call }
  | { readonly kind: 'retry'; readonly model: number; readonly backOff: BackOff }
  | { readonly kind: 'recovery' | 'limit'; readonly model: number }
);

const byTime = (a: Due, b: Due): number => a.timer.at - b.timer.at || a.timer.armed - b.timer.armed;

/** All that is pending, in the order in which it falls due. */
export function duesOf(state: PolicyState): readonly Due[] {
  const dues: Due[] = pendingOf(state).map((request) => ({ kind: 'deadline', timer: request.deadline, request }));
  for (const [model, { recovery, limit, calls, backingOff }] of state.models.entries()) {
    if (recovery !== null) dues.push({ kind: 'recovery', timer: recovery, model });
    if (limit !== null) dues.push({ kind: 'limit', timer: limit, model });
    for (const call of calls) dues.push({ kind: 'call', timer: call.end, model, call });
    for (const backOff of backingOff) dues.push({ kind: 'retry', timer: backOff.end, model, backOff });
  }
  return dues.sort(byTime);
}

/** Everything due on the way happens at its time, also what was armed on the way. */
export function passTime(draft: Draft, ms: number): void {
  const until = draft.now + ms;
  for (;;) {
    const [next] = duesOf(draft);
    if (next === undefined || next.timer.at > until) break;
    draft.now = next.timer.at;
    fallDue(draft, next);
  }
  draft.now = until;
}

function fallDue(draft: Draft, due: Due): void {
  switch (due.kind) {
    case 'deadline':
      withdraw(draft, due.request, 'failed:deadline_exceeded');
      break;
    case 'call':
      conclude(draft, due.model, due.call, 'silent');
      break;
    case 'retry': {
      const { request } = due.backOff;
      draft.models[due.model] = withWaiting(withoutQueued(modelAt(draft, due.model), [request]), request);
      startWaiting(draft, due.model);
      break;
    }
    case 'recovery':
      draft.models[due.model] = halfOpened(modelAt(draft, due.model));
      wake(draft, due.model);
      break;
    case 'limit':
      draft.models[due.model] = unlimited(modelAt(draft, due.model));
      startWaiting(draft, due.model);
      wake(draft, due.model);
      break;
  }
}

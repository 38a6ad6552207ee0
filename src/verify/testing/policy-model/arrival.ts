import type { PolicyEvent } from '../../policy-events.ts';
import { orderOf, routeOf } from './itinerary.ts';
import { moveOn } from './moves.ts';
import { type Draft, pendingOf } from './policy-state.ts';
import type { RequestState } from './request-state.ts';

/** A request comes; the turn of its rule moves when a model takes it at once. */
export function begin(draft: Draft, event: PolicyEvent & { readonly type: 'request' }): void {
  const { policy } = draft;
  const route = routeOf(policy, event);
  const names = [...orderOf(policy, draft, route, event.order), ...route.fallback];
  const candidates = names.map((name) => policy.models.findIndex((model) => model.name === name));
  draft.made += 1;
  const { rule } = route;
  const request: RequestState = {
    name: `r${draft.made}`,
    seq: draft.made,
    priority: event.priority,
    arrival: draft.now,
    orderKey: draft.now - policy.boosts[event.priority],
    deadline: { at: draft.now + (rule?.timeoutMs ?? policy.timeoutMs), armed: draft.armed++ },
    canPark: rule?.whenUnavailable === 'wait',
    maxRetries: rule?.maxRetries ?? policy.maxRetries,
    candidates,
    cursor: -1,
    lastWords: candidates.map(() => null),
    attempts: candidates.map(() => 0),
    hasFailed: false,
    wasLimited: false,
    wasDisplaced: false,
    isRetrying: false,
  };
  moveOn(draft, request);
  if (rule?.strategy !== 'round-robin') return;
  const isTaken = pendingOf({ ...draft, parked: [] }).some(({ name }) => name === request.name);
  const index = policy.rules.indexOf(rule);
  if (isTaken) draft.turns = draft.turns.with(index, ((draft.turns[index] ?? 0) + 1) % route.targets.length);
}

import type { Policy } from '../policy.ts';
import type { PolicyEvent } from '../policy-events.ts';
import { begin } from './policy-model/arrival.ts';
import { conclude, withdraw } from './policy-model/calls.ts';
import { command } from './policy-model/commands.ts';
import { keyOf } from './policy-model/key.ts';
import { observationOf } from './policy-model/observation.ts';
import {
  type Draft,
  draftOf,
  finished,
  initialState,
  type PolicyState,
  pendingOf,
} from './policy-model/policy-state.ts';
import { possibleEvents } from './policy-model/possible-events.ts';
import type { RequestState } from './policy-model/request-state.ts';
import { requireDetermined, requireModels } from './policy-model/requirements.ts';
import { passTime } from './policy-model/timers.ts';
import type { PolicySpecification } from './policy-specification.ts';

export type { PolicyState } from './policy-model/policy-state.ts';

/**
 * The policy as a pure function, written from the design and not from the router: what paths are drawn from, and what a
 * router is compared with. Time starts at 0. It knows no streams, embeddings, cache, pinned requests, silence, predicted
 * waits (none are known before five calls have succeeded, or when calls take no time) nor backends that ignore aborts.
 *
 * @throws Error when the policy leaves to chance what no event says (a back-off or an open time drawn at random), or
 * when a rule names a model that does not exist.
 */
export function policyModel(policy: Policy): PolicySpecification<PolicyState> {
  requireDetermined(policy);
  requireModels(policy);
  const reduce = (state: PolicyState, event: PolicyEvent): PolicyState => {
    const draft = draftOf(policy, state);
    happen(draft, event);
    return finished(draft);
  };
  return {
    policy,
    initial: initialState(policy),
    reduce,
    events: (state, alphabet) => possibleEvents(policy, state, alphabet),
    observe: observationOf,
    key: (state) => keyOf(policy, state),
  };
}

function happen(draft: Draft, event: PolicyEvent): void {
  switch (event.type) {
    case 'request':
      begin(draft, event);
      break;
    case 'request.cancel':
      withdraw(draft, pendingRequest(draft, event), 'cancelled');
      break;
    case 'time.passed':
      if (!(event.ms >= 0 && event.ms < Number.POSITIVE_INFINITY))
        throw new Error(`time.passed: ms is ${event.ms}, and has to be a number of milliseconds, 0 or more.`);
      passTime(draft, event.ms);
      break;
    case 'call.succeeded':
    case 'call.refused':
    case 'call.ignored':
    case 'call.failed':
    case 'call.rate_limited': {
      const index = modelNamed(draft, event);
      const call = draft.models[index]?.calls.find(({ request }) => request.name === event.request);
      if (call === undefined)
        throw new Error(`${event.type}: '${event.model}' runs no call of request '${event.request}'.`);
      const hintMs = 'retryAfterMs' in event ? event.retryAfterMs : undefined;
      conclude(draft, index, call, OUTCOMES[event.type], hintMs);
      break;
    }
    default:
      command(draft, modelNamed(draft, event), event.type);
      break;
  }
}

const OUTCOMES = {
  'call.succeeded': 'succeeded',
  'call.refused': 'refused',
  'call.ignored': 'ignored',
  'call.failed': 'failed',
  'call.rate_limited': 'rate_limited',
} as const;

function pendingRequest(draft: Draft, event: { readonly type: string; readonly request: string }): RequestState {
  const request = pendingOf(draft).find(({ name }) => name === event.request);
  if (request === undefined) throw new Error(`${event.type}: no request '${event.request}' is pending.`);
  return request;
}

function modelNamed({ policy }: Draft, event: { readonly type: string; readonly model: string }): number {
  const index = policy.models.findIndex(({ name }) => name === event.model);
  if (index >= 0) return index;
  const names = policy.models.map(({ name }) => `'${name}'`).join(', ');
  throw new Error(`${event.type}: there is no model '${event.model}', only ${names}.`);
}

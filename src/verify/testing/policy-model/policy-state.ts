import type { Policy } from '../../policy.ts';
import type { PolicyOutcome } from '../../policy-events.ts';
import { initialModel, type ModelState } from './model-state.ts';
import type { RequestState } from './request-state.ts';

/** What is over, the latest first: a list that grows without being copied. */
export interface Settled {
  readonly request: string;
  readonly outcome: PolicyOutcome;
  readonly earlier: Settled | null;
}

/** A router between two events. Its parts are replaced, never changed. */
export interface PolicyState {
  /** Milliseconds since its start. */
  readonly now: number;
  /** Requests made so far. */
  readonly made: number;
  /** Timers armed so far. */
  readonly armed: number;
  readonly models: readonly ModelState[];
  /** In serving order. */
  readonly parked: readonly RequestState[];
  /** By rule: whose turn it is among the targets of a `round-robin`. */
  readonly turns: readonly number[];
  readonly settled: Settled | null;
}

/** A state in the making: its own copy of what it replaces. */
export interface Draft {
  readonly policy: Policy;
  now: number;
  made: number;
  armed: number;
  models: ModelState[];
  parked: readonly RequestState[];
  turns: readonly number[];
  settled: Settled | null;
}

export const initialState = (policy: Policy): PolicyState => ({
  now: 0,
  made: 0,
  armed: 0,
  models: policy.models.map(initialModel),
  parked: [],
  turns: policy.rules.map(() => 0),
  settled: null,
});

export const draftOf = (policy: Policy, state: PolicyState): Draft => ({
  ...state,
  policy,
  models: [...state.models],
});

export const finished = ({ policy: _, ...state }: Draft): PolicyState => state;

export const modelAt = ({ models }: PolicyState | Draft, index: number): ModelState => {
  const model = models[index];
  if (model === undefined) throw new RangeError(`There is no model ${index}: there are ${models.length}.`);
  return model;
};

/** Everything that is not over, in no order that matters. */
export const pendingOf = ({ models, parked }: PolicyState): readonly RequestState[] => [
  ...models.flatMap(({ calls, waiting, backingOff }) => [
    ...calls.map(({ request }) => request),
    ...waiting,
    ...backingOff.map(({ request }) => request),
  ]),
  ...parked,
];

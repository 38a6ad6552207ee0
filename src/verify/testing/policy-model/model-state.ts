import type { BreakerState } from '../../../breaker/state.ts';
import type { PolicyModel } from '../../policy.ts';
import { bySeniority, inserted, type Refusal, type RequestState, type Timer, victimOf } from './request-state.ts';
import type { WindowResult } from './windows.ts';

export interface Call {
  readonly request: RequestState;
  readonly startedAt: number;
  /** Of the breaker, when it began: the permit. */
  readonly generation: number;
  /** Its time out, or the end of a probe's lease, whichever is first. */
  readonly end: Timer;
}

export interface BackOff {
  readonly request: RequestState;
  readonly end: Timer;
}

export interface ModelState {
  readonly options: PolicyModel;
  readonly control: 'active' | 'paused' | 'draining';
  readonly breaker: BreakerState;
  readonly generation: number;
  /** In a row, while closed. */
  readonly failures: number;
  /** While closed, of the policies with a window. */
  readonly results: readonly WindowResult[];
  /** In this half-open spell. */
  readonly successes: number;
  readonly opens: number;
  readonly closedAt: number;
  /** Only while open: when it becomes half-open. */
  readonly recovery: Timer | null;
  /** The end of its rate limit. */
  readonly limit: Timer | null;
  /** When the last limit began, also when it is over. */
  readonly limitBegan: number;
  /** 429s in a row, as far as they count. */
  readonly strikes: number;
  readonly runningLimit: number;
  /** In serving order. */
  readonly waiting: readonly RequestState[];
  readonly backingOff: readonly BackOff[];
  readonly calls: readonly Call[];
  /** Calls that were called off and hold their slots until their backends let go: 0 between two events. */
  readonly lingering: number;
}

export const initialModel = (options: PolicyModel): ModelState => ({
  options,
  control: 'active',
  breaker: options.breaker === null ? 'forced_closed' : 'closed',
  generation: 0,
  failures: 0,
  results: [],
  successes: 0,
  opens: 0,
  closedAt: 0,
  recovery: null,
  limit: null,
  limitBegan: Number.NEGATIVE_INFINITY,
  strikes: 0,
  runningLimit: options.maxConcurrency,
  waiting: [],
  backingOff: [],
  calls: [],
  lingering: 0,
});

export const isClosed = ({ breaker }: ModelState): boolean => breaker === 'closed' || breaker === 'forced_closed';

export const isFull = ({ options, waiting, backingOff, calls }: ModelState): boolean =>
  waiting.length + backingOff.length + calls.length >= options.maxQueueDepth;

/** Who could be displaced or sent back, in serving order. */
export const queueOf = ({ waiting, backingOff }: ModelState): readonly RequestState[] =>
  backingOff.length === 0 ? waiting : [...waiting, ...backingOff.map(({ request }) => request)].sort(bySeniority);

/** Its permit is of the breaker's present generation. */
export const isCurrent = (model: ModelState, call: Call): boolean => call.generation === model.generation;

const hasSlot = ({ options, calls, lingering }: ModelState): boolean =>
  calls.length + lingering < options.maxConcurrency;

const hasPermit = (model: ModelState): boolean =>
  model.calls.filter((call) => isCurrent(model, call)).length < (model.options.breaker?.halfOpenMaxProbes ?? 0);

/** Who waits here may start now. */
export const canStart = (model: ModelState): boolean =>
  model.control !== 'paused' &&
  isClosed(model) &&
  model.limit === null &&
  hasSlot(model) &&
  model.calls.length < model.runningLimit;

/** Why it takes nobody, places aside. */
function closedDoor(model: ModelState): Refusal | null {
  if (model.control !== 'active') return model.control;
  if (model.breaker === 'open' || model.breaker === 'forced_open') return 'circuit_open';
  if (model.breaker === 'half_open' && !(hasPermit(model) && hasSlot(model))) return 'half_open';
  return model.limit === null ? null : 'rate_limited';
}

/** A free place, or one whose owner would be displaced. */
export const hasPlaceFor = (model: ModelState, request: RequestState): boolean =>
  !isFull(model) || (isClosed(model) && victimOf(queueOf(model), request) !== null);

/** Why it does not take this newcomer. */
export const refusalOf = (model: ModelState, request: RequestState): Refusal | null =>
  closedDoor(model) ?? (hasPlaceFor(model, request) ? null : 'queue_full');

/** It takes those who would wait out its rate limit: it is limited, but will serve before the deadline. */
export const outlasts = (model: ModelState, request: RequestState): boolean =>
  model.control === 'active' && isClosed(model) && model.limit !== null && model.limit.at < request.deadline.at;

/** It has a free place or permit for one that is parked. */
export const hasRoomFor = (model: ModelState, request: RequestState): boolean =>
  !isFull(model) && (closedDoor(model) === null || outlasts(model, request));

export const withWaiting = (model: ModelState, request: RequestState): ModelState => ({
  ...model,
  waiting: inserted(model.waiting, request),
});

export const withoutCall = (model: ModelState, call: Call): ModelState => ({
  ...model,
  calls: model.calls.filter((other) => other !== call),
});

/** Its place and its permit are free, its slot only when the backend has let go. */
export const withCallOff = (model: ModelState, call: Call): ModelState => ({
  ...withoutCall(model, call),
  lingering: model.lingering + 1,
});

/** The backend has let go of a call that was called off. */
export const withSlotFreed = (model: ModelState): ModelState => ({ ...model, lingering: model.lingering - 1 });

/** Without those that wait or back off here and are among these. */
export const withoutQueued = (model: ModelState, requests: readonly RequestState[]): ModelState =>
  requests.length === 0
    ? model
    : {
        ...model,
        waiting: model.waiting.filter((request) => !requests.includes(request)),
        backingOff: model.backingOff.filter(({ request }) => !requests.includes(request)),
      };

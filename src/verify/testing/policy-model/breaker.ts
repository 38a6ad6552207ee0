import type { BreakerOptions } from '../../../breaker/options.ts';
import type { BreakerState } from '../../../breaker/state.ts';
import { type Call, isClosed, isCurrent, type ModelState } from './model-state.ts';
import { exceedsRate, inWindow } from './windows.ts';

/** What a call came to, as far as breakers and budgets care; a call that is called off is not among them. */
export type Outcome = 'succeeded' | 'failed' | 'refused' | 'silent' | 'ignored' | 'rate_limited';

/** The present, and the number of the timer that may be armed in it. */
export interface Moment {
  readonly now: number;
  readonly armed: number;
}

/** A new generation with clean counts. */
const entered = (model: ModelState, breaker: BreakerState): ModelState => ({
  ...model,
  breaker,
  generation: model.generation + 1,
  failures: 0,
  results: [],
  successes: 0,
  recovery: null,
});

/** After a recovery and after a rate limit few calls run at once; each success admits one more. */
export const startedSlowly = (model: ModelState): ModelState => ({
  ...model,
  runningLimit: Math.min(model.options.breaker?.halfOpenMaxProbes ?? 1, model.options.maxConcurrency),
});

/** Judged by the state before this success: the one that closes does not raise the limit. */
export const grown = (model: ModelState): ModelState =>
  isClosed(model) ? { ...model, runningLimit: Math.min(model.runningLimit + 1, model.options.maxConcurrency) } : model;

function opened(model: ModelState, options: BreakerOptions, hintMs: number, moment: Moment): ModelState {
  // No doubling beyond 60 matters, and 0 × ∞ is no number.
  const openMs = Math.min(options.recoveryTimeoutMs * 2 ** Math.min(model.opens, 60), options.maxOpenMs);
  const at = moment.now + Math.max(openMs, Math.min(hintMs, options.maxHintMs));
  return { ...entered(model, 'open'), opens: model.opens + 1, recovery: { at, armed: moment.armed } };
}

const closed = (model: ModelState, options: BreakerOptions, now: number): ModelState => ({
  ...startedSlowly(entered(model, 'closed')),
  closedAt: now,
  opens: options.recoveryTimeoutMs === 0 ? 0 : model.opens,
});

/** One opening is forgotten for each `recoveryTimeoutMs` spent closed. */
const decayed = (model: ModelState, { recoveryTimeoutMs }: BreakerOptions, now: number): ModelState => ({
  ...model,
  opens:
    recoveryTimeoutMs === 0 ? 0 : Math.max(0, model.opens - Math.floor((now - model.closedAt) / recoveryTimeoutMs)),
});

/** With a result of the closed breaker. */
function counted(model: ModelState, options: BreakerOptions, call: Call, isFailure: boolean, now: number): ModelState {
  if (options.policy === 'consecutive') return { ...model, failures: isFailure ? model.failures + 1 : 0 };
  const isSlow = options.slowCallMs !== null && now - call.startedAt > options.slowCallMs;
  return { ...model, results: inWindow([...model.results, { at: now, isFailure, isSlow }], options, now) };
}

const trips = ({ failures, results }: ModelState, options: BreakerOptions): boolean =>
  options.policy === 'consecutive' ? failures >= options.failureThreshold : exceedsRate(results, options);

/** The model after one of its calls has ended so. A stale result, and whatever comes while forced, moves nothing. */
export function judged(model: ModelState, call: Call, outcome: Outcome, hintMs: number, moment: Moment): ModelState {
  const options = model.options.breaker;
  if (options === null || !isCurrent(model, call) || outcome === 'ignored' || outcome === 'rate_limited') return model;
  const isFailure = outcome !== 'succeeded';
  const openHintMs = isFailure ? hintMs : 0;
  if (model.breaker === 'half_open') {
    if (isFailure) return opened(model, options, openHintMs, moment);
    const successes = model.successes + 1;
    return successes >= options.successThreshold ? closed(model, options, moment.now) : { ...model, successes };
  }
  if (model.breaker !== 'closed') return model;
  const after = counted(model, options, call, isFailure, moment.now);
  if (!trips(after, options)) return after;
  if (options.observe) return { ...after, failures: 0, results: [] };
  return opened(decayed(after, options, moment.now), options, openHintMs, moment);
}

export const halfOpened = (model: ModelState): ModelState => entered(model, 'half_open');

export const forcedOpen = (model: ModelState): ModelState => entered(model, 'forced_open');

/** The operator's word: all is forgotten, at the full running limit. */
export const closedByHand = (model: ModelState, breaker: 'closed' | 'forced_closed', now: number): ModelState => ({
  ...entered(model, breaker),
  opens: 0,
  closedAt: now,
  runningLimit: model.options.maxConcurrency,
});

/** Failures that count against it now. */
export function failuresOf(model: ModelState, now: number): number {
  const options = model.options.breaker;
  if (model.breaker !== 'closed' || options === null) return 0;
  if (options.policy === 'consecutive') return model.failures;
  return inWindow(model.results, options, now).filter((result) => result.isFailure).length;
}

import { type Moment, startedSlowly } from './breaker.ts';
import { type Call, isClosed, type ModelState, queueOf } from './model-state.ts';
import type { RequestState } from './request-state.ts';

const FIRST_LIMIT_MS = 1_000;
const LONGEST_LIMIT_MS = 60_000;
/** With this many in a row the limit grows no longer. */
export const MAX_STRIKES = 7;
/** Of a model without a breaker, whose options would say. */
const MAX_HINT_MS = 3_600_000;

/** Only such calls tell something new: what ran when the limit began was sent before anybody knew of it. */
export const beganSinceLimit = (model: ModelState, call: Call): boolean => call.startedAt > model.limitBegan;

/** After a 429, whatever its permit; a hint of 0 is none. */
export function limited(model: ModelState, call: Call, hintMs: number, { now, armed }: Moment): ModelState {
  const isNews = beganSinceLimit(model, call);
  const hint = Math.min(hintMs, model.options.breaker?.maxHintMs ?? MAX_HINT_MS);
  if (!isNews && hint === 0) return model;
  const strikes = isNews ? Math.min(model.strikes + 1, MAX_STRIKES) : model.strikes;
  const limitMs = hint > 0 ? hint : Math.min(FIRST_LIMIT_MS * 2 ** (strikes - 1), LONGEST_LIMIT_MS);
  const isLonger = model.limit === null || now + limitMs > model.limit.at;
  return {
    ...model,
    strikes,
    limitBegan: isNews ? now : model.limitBegan,
    limit: isLonger ? { at: now + limitMs, armed } : model.limit,
  };
}

/** After a success: 429s are no longer in a row. */
export const forgiven = (model: ModelState, call: Call): ModelState =>
  beganSinceLimit(model, call) ? { ...model, strikes: 0 } : model;

/** Its limit is over; while it is not closed, the slow start is the recovery's. */
export function unlimited(model: ModelState): ModelState {
  const free = { ...model, limit: null };
  return isClosed(free) ? startedSlowly(free) : free;
}

/** Who waits here no longer: who has a further candidate, and whom the limit keeps until after its deadline. */
export const untimely = (model: ModelState): readonly RequestState[] => {
  const { limit } = model;
  if (limit === null) return [];
  return queueOf(model).filter(({ deadline, cursor, candidates }) => {
    return deadline.at <= limit.at || cursor + 1 < candidates.length;
  });
};

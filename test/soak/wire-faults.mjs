// What each model's provider does with each request, drawn from the seed by both names: the provider and whoever judges
// its answers draw the same. Times in milliseconds.
import { figuresOf, piecesOf } from '../faults/pieces.mjs';
import { createDice } from './dice.mjs';

const OPENAI = {
  paced: 40,
  answers: 20,
  slow: 6,
  rate_limited_once: 2,
  error500_once: 4,
  error503: 2,
  resets_once: 2,
  resets: 1,
  silent: 1,
  late: 1.5,
  cuts: 2,
  cuts_with_usage: 1,
  ends_early: 2,
  stalls_once: 1.5,
  garbles_first: 1,
  garbles_later: 1.5,
  ends_without_done: 3,
  stays_without_done: 2,
  too_long: 1.5,
  filters: 1,
  refuses_prefill: 6,
};
/** Its streams know no `[DONE]`, its errors no codes, and it has no filter. */
const { cuts_with_usage, ends_without_done, stays_without_done, too_long, filters, ...OLLAMA } = OPENAI;

/** By model, how often its provider does what. */
const WEIGHTS = {
  a: OPENAI,
  b: OPENAI,
  c: OLLAMA,
  d: { ...OLLAMA, slow: 30, cuts: 6 },
  // Without a header a limit lasts for a second and more: it would be the end of any other model.
  t: { answers: 40, paced: 40, slow: 10, rate_limited: 3, rate_limited_once: 7 },
  // Where most requests end up.
  e: { paced: 60, answers: 30, slow: 5, error500_once: 2, refuses_prefill: 10 },
};
export const MODEL_NAMES = Object.keys(WEIGHTS);
export const FAULT_NAMES = [...new Set(Object.values(WEIGHTS).flatMap((weights) => Object.keys(weights)))];

const REFUSALS = ['too_long', 'filters', 'refuses_prefill'];

const faultOf = (seed, model, key) => createDice(seed, `fault of ${model} for ${key}`).weighted(WEIGHTS[model]);

/** Now and then all of a model is down for a while, and each time in one of these ways. */
const OUTAGE = { everyMs: 3_000, lastsMs: 350, ways: ['error503', 'resets', 'silent'] };

function outageOf(seed, model, ms) {
  const late = ms + createDice(seed, `outages of ${model}`).between(0, OUTAGE.everyMs);
  const index = Math.floor(late / OUTAGE.everyMs);
  if (index === 0 || late % OUTAGE.everyMs >= OUTAGE.lastsMs) return null;
  return createDice(seed, `outage ${index} of ${model}`).pick(OUTAGE.ways);
}

/** @param ms since the provider began */
export function behaviourOf(seed, model, key, ms) {
  const outage = outageOf(seed, model, ms);
  return outage === null ? { fault: faultOf(seed, model, key) } : { fault: outage, isDown: true };
}

/** Those that leave a request an answer at last: others, and every outage, leave it none. */
const ANSWERING = /^(paced|answers|slow|late|.*_once|.*_without_done|refuses_prefill)$/;
export const mayAnswer = (seed, model, key) => ANSWERING.test(faultOf(seed, model, key));

/** What a model says to a request: both names are in every piece of it, and in its figures. */
export const voiceOf = (model, key) => `${model}/${key}`;
export const wholeOf = (key, model) => piecesOf(voiceOf(model, key)).join('');
export const usageOf = (key, model) => figuresOf(voiceOf(model, key));

export const isPrefilled = (seed, key) => createDice(seed, `prefill of ${key}`).chance(0.15);
/** Whether some model refuses the request for what it is, when it is up. */
export const mayBeRefused = (seed, key) =>
  MODEL_NAMES.some((model) => {
    const fault = faultOf(seed, model, key);
    return REFUSALS.includes(fault) && (fault !== 'refuses_prefill' || isPrefilled(seed, key));
  });

import { setTimeout as passed } from 'node:timers/promises';
import { ANSWER } from './behaviours.mjs';

/**
 * Sends requests at an even pace, whatever becomes of those before, and waits for the last one. Of each: when it was due
 * and how long it took from then, and why it failed; a late start is the request's delay, not the schedule's.
 * @param origin wall time of the first
 */
export async function load({ ask, origin, perSecond, forMs }) {
  const count = Math.round((forMs / 1_000) * perSecond);
  const asked = [];
  while (asked.length < count) {
    const due = origin + asked.length * (1_000 / perSecond);
    const early = due - Date.now();
    if (early > 0) await passed(early);
    else asked.push(outcomeOf(ask(`hello ${asked.length}`), due, due - origin));
  }
  return Promise.all(asked);
}

async function outcomeOf(answer, due, at) {
  let failure = null;
  try {
    const content = await answer;
    if (content !== ANSWER) failure = 'a wrong answer';
  } catch (error) {
    failure = `${error.code ?? error.name}: ${error.message}`;
  }
  return { at, ms: Date.now() - due, failure };
}

import { LLMRouter } from '../../dist/src/index.js';
import { leaveInPhase, leaveStream, PHASES, WAYS } from './phases.mjs';

const REPETITIONS = 20;
const QUICK = 3;

/** Of each way to leave a stream after two chunks: how many chunks the provider had written by when it saw that. */
export async function runDepartures(provider, quick) {
  return repeated(WAYS, quick, (way, tag) => leaveStream({ LLMRouter, provider, way, tag }));
}

/** Of each phase: what leaving in it did, each time. */
export async function runCancellations(provider, quick) {
  return repeated(Object.keys(PHASES), quick, (phase, tag) => leaveInPhase({ LLMRouter, provider, phase, tag }));
}

/** By name: what each repetition saw. One after the other, so that none delays another. */
async function repeated(names, quick, run) {
  const seen = {};
  for (const name of names) {
    seen[name] = [];
    for (let tag = 0; tag < (quick ? QUICK : REPETITIONS); tag++) seen[name].push(await run(name, `${name}-${tag}`));
  }
  return seen;
}

import { leftBehind } from './leftovers.mjs';
import { wrongWithLog } from './wire-answers.mjs';
import { FAULT_NAMES, MODEL_NAMES } from './wire-faults.mjs';

/** How long what is over may take to be gone: less than the five seconds after which a provider hangs up by itself. */
const GONE_WITHIN_MS = 2_500;
/** With so many requests every fault must have happened. */
const ENOUGH = 10_000;
const IDLE = { running: 0, lingering: 0, queueDepth: 0, backingOff: 0 };

/** When every request is settled: no model has anything left. What is wrong, or null. */
async function wrongWithModels({ router, time }) {
  const end = time.now() + GONE_WITHIN_MS;
  for (;;) {
    const busy = Object.entries(router.getModelStatus()).flatMap(([name, status]) =>
      Object.keys(IDLE).flatMap((figure) =>
        status[figure] === 0 ? [] : [`${figure} of ${name} is ${status[figure]}`],
      ),
    );
    if (busy.length === 0) return null;
    // A caller hears before the provider's connection has let go.
    const isGoing = busy.every((what) => what.startsWith('lingering'));
    if (!isGoing || time.now() > end) return `nothing is asked any more, but ${busy.join(', ')}`;
    await time.tick();
  }
}

async function wrongWithStop({ router, time }) {
  const startedAt = time.now();
  await router.stop();
  const ms = time.now() - startedAt;
  return ms > GONE_WITHIN_MS ? `stop() took ${ms} ms, with nothing to wait for` : null;
}

/** Nobody waits any more: then no call is under way, long before the connections are closed. */
async function wrongWithCalls({ provider, tally }) {
  const log = [];
  for (const model of MODEL_NAMES) {
    try {
      log.push(...(await provider.over(model, GONE_WITHIN_MS)));
    } catch (error) {
      return `everybody has been answered, and the provider of ${model} still has calls (${error.name})`;
    }
  }
  tally.add('requests', 'calls at the provider', log.length);
  const faults = await provider.faults();
  for (const [name, count] of Object.entries(faults)) tally.add('faults', name, count);
  return wrongWithLog(log, tally.get('requests', 'calls'));
}

async function wrongWithConnections({ provider }) {
  try {
    await provider.deserted(GONE_WITHIN_MS);
    return null;
  } catch (error) {
    return `after stop(): the provider still has open connections (${error.name})`;
  }
}

function wrongWithCover({ tally }) {
  if (tally.get('requests', 'accepted') < ENOUGH) return null;
  const missing = FAULT_NAMES.filter((name) => tally.get('faults', name) === 0);
  return missing.length === 0 ? null : `these faults have never happened: ${missing.join(', ')}`;
}

/** Everything is settled: stops the router and looks it and its provider over. @returns what is wrong, or null */
export async function endOfWire(parts) {
  return (
    (await wrongWithModels(parts)) ??
    (await wrongWithCalls(parts)) ??
    (await wrongWithStop(parts)) ??
    leftBehind({ ...parts, operator: { removalsPending: () => 0 }, listeners: { wrong: () => null } })[0] ??
    (await wrongWithConnections(parts)) ??
    wrongWithCover(parts)
  );
}

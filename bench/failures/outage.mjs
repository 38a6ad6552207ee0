import { setTimeout as passed } from 'node:timers/promises';
import { failuresOf, fastAgainAfterMs, percentiles } from './figures.mjs';
import { load } from './load.mjs';

const PER_SECOND = 200;
/** The median counts as healthy below it. */
const FAST_MS = 150;
/** From the start of the provider's plan to the first request. */
const LEAD_MS = 200;

/** By name: what becomes of a call that arrives in it, and whether one that is in flight when it begins shares its fate. */
export const OUTAGES = {
  'never answers': { fault: 'hang', losesInFlight: true },
  'never answers, but what it had': { fault: 'hang', losesInFlight: false },
  'answers 500': { fault: '500', losesInFlight: true },
  'answers 500, but to what it had': { fault: '500', losesInFlight: false },
};

const TIMES = { healthyMs: 20_000, outageMs: 6_000, afterMs: 2_000 };
const QUICK = { healthyMs: 3_000, outageMs: 3_000, afterMs: 500 };

/** The primary is well, then down in the one way, then well; what became of the requests, and what it was called. */
export async function runOutage({ provider, router, fault: variant, quick }) {
  const { healthyMs, outageMs, afterMs } = quick ? QUICK : TIMES;
  const { fault, losesInFlight } = OUTAGES[variant];
  const origin = Date.now() + LEAD_MS;
  const from = origin + healthyMs;
  const to = from + outageMs;
  await provider.setPlan({ kind: 'outage', fault, from, to, losesInFlight });
  await passed(origin - Date.now());
  const requests = await load({
    ask: router.ask,
    origin,
    perSecond: PER_SECOND,
    forMs: healthyMs + outageMs + afterMs,
  });
  const calls = await provider.calls();
  const within = requests.filter(({ at }) => at >= healthyMs && at < healthyMs + outageMs);
  const toPrimary = calls.filter(({ model }) => model === 'primary');
  return {
    requests: requests.length,
    failures: failuresOf(requests),
    deadCalls: toPrimary.filter(({ startedAt }) => startedAt >= from && startedAt < to).length,
    fastAgainMs: fastAgainAfterMs(requests, FAST_MS, healthyMs, healthyMs + outageMs),
    callsPerRequest: calls.length / requests.length,
    percentiles: percentiles(within),
  };
}

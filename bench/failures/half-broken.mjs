import { failuresOf, percentiles } from './figures.mjs';
import { load } from './load.mjs';

export const FAULTS = ['500', '429', 'hang', 'reset in mid-body', 'malformed 200', 'slow drip'];
export const SEED = 1;
const PER_SECOND = 100;

/** The breaker of this scene. */
export const BREAKER = { policy: 'time', windowMs: 10_000, failureRate: 0.4 };

/** The primary breaks half of its calls in the one way; what became of the requests, and how many calls they took. */
export async function runHalfBroken({ provider, router, fault, quick }) {
  await provider.setPlan({ kind: 'half_broken', fault, seed: SEED });
  const origin = Date.now();
  const requests = await load({ ask: router.ask, origin, perSecond: PER_SECOND, forMs: quick ? 8_000 : 60_000 });
  const calls = await provider.calls();
  return {
    requests: requests.length,
    failures: failuresOf(requests),
    callsPerRequest: calls.length / requests.length,
    percentiles: percentiles(requests),
  };
}

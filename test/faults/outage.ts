import { setTimeout as passed } from 'node:timers/promises';
import type { Bench } from './bench.ts';
import type { Scenario } from './scenario.ts';
import type { Seen } from './surfaces.ts';

const REQUESTS = 20;
const OUTAGE_MS = 60_000;
const BACK_WITHIN_MS = 30_000;
/** Below eight. */
const MOST_ATTEMPTS = 7;
/** How often somebody asks once the primary is well. */
const PACE_MS = 1_000;

/** Requests that arrive evenly over the outage, the first one at its beginning. */
async function askThroughout(bench: Bench): Promise<Seen[]> {
  const asked: Promise<Seen>[] = [];
  for (let index = 0; index < REQUESTS; index++) {
    asked.push(bench.ask());
    await passed(OUTAGE_MS / REQUESTS);
  }
  return Promise.all(asked);
}

/** Asks on until the primary has served and its breaker is closed. Milliseconds that it took; null: it was too long. */
async function waitUntilBack(bench: Bench): Promise<number | null> {
  const startedAt = performance.now();
  for (;;) {
    const seen = await bench.ask();
    const ms = performance.now() - startedAt;
    if (seen.answer === null) bench.findings.refused(seen, 'no answer after the outage');
    if (ms > BACK_WITHIN_MS) return null;
    if (seen.answer?.modelUsed === 'primary' && !bench.isOpen('primary')) {
      bench.servedBy('primary', seen);
      return ms;
    }
    await passed(PACE_MS);
  }
}

export const outage: Scenario = {
  id: 'S15',
  provider: 'is down for 60 s while 20 requests arrive',
  router: 'all served; back on the primary within 30 s of its recovery; fewer than 8 attempts on it during the outage',
  variants: [
    {
      primary: 'down_at_first',
      async run(bench) {
        const during = await askThroughout(bench);
        const backAfterMs = await waitUntilBack(bench);
        const { primary } = await bench.calls();
        const since = primary.map(({ startedAt }) => startedAt - primary[0]!.startedAt);
        const attempts = since.filter((ms) => ms < OUTAGE_MS);
        const seen = `${attempts.length} attempts on the dead primary, ${attempts.join(', ')} ms after the first`;
        bench.findings.holds(attempts.length <= MOST_ATTEMPTS, seen);
        bench.findings.holds(backAfterMs !== null, `not back on the primary after ${BACK_WITHIN_MS} ms`);
        for (const seen of during) bench.servedBy('fallback', seen);
      },
    },
  ],
};

import type { Scenario } from './scenario.ts';

const EARLIEST_MS = 1_800;
const STORM_WINDOW_MS = 3_000;

/** S01 to S05: a provider that says no, or slams the door. */
export const REFUSALS: readonly Scenario[] = [
  {
    id: 'S01',
    provider: 'answers 429 with `Retry-After: 2` once',
    router: 'wait at least 1.8 s or go to the fallback; never retry early',
    variants: [
      {
        primary: 'rate_limited_once',
        async run(bench) {
          const seen = await bench.ask();
          const { primary } = await bench.calls();
          bench.findings.equals(primary.length, 1, 'calls of the primary');
          bench.servedBy('fallback', seen);
          bench.isUntouched('primary');
        },
      },
      {
        primary: 'rate_limited_once',
        async run(bench) {
          const seen = await bench.ask({ model: 'primary' });
          const { primary } = await bench.calls();
          const [first, second] = primary;
          const waitedMs = (second?.startedAt ?? Number.NaN) - first!.endedAt!;
          bench.findings.equals(primary.length, 2, 'calls of the primary, alone');
          bench.findings.holds(waitedMs >= EARLIEST_MS, `called again after ${waitedMs} ms`);
          bench.servedBy('primary', seen);
          bench.isUntouched('primary');
        },
      },
    ],
  },
  {
    id: 'S02',
    provider: 'answers 429 for ever without a header',
    router: 'at most 4 attempts in the first 3 s, at most 6 in all, then the fallback',
    variants: [
      {
        primary: 'rate_limited',
        async run(bench) {
          const seen = await bench.ask();
          const { primary } = await bench.calls();
          const soon = primary.filter(({ startedAt }) => startedAt < primary[0]!.startedAt + STORM_WINDOW_MS);
          bench.findings.holds(soon.length <= 4, `${soon.length} calls of the primary in the first 3 s`);
          bench.findings.holds(primary.length <= 6, `${primary.length} calls of the primary`);
          bench.servedBy('fallback', seen);
        },
      },
      {
        // Nowhere to go: then the least that can be asked is that it does not hammer, and says why.
        primary: 'rate_limited',
        async run(bench) {
          const seen = await bench.ask({ model: 'primary' });
          const { primary } = await bench.calls();
          const soon = primary.filter(({ startedAt }) => startedAt < primary[0]!.startedAt + STORM_WINDOW_MS);
          bench.findings.holds(soon.length <= 4, `${soon.length} calls of the primary, alone, in the first 3 s`);
          bench.findings.holds(primary.length <= 6, `${primary.length} calls of the primary, alone`);
          bench.failedWith('rate_limited', seen);
          bench.isUntouched('primary');
        },
      },
    ],
  },
  {
    id: 'S03',
    provider: 'answers 500 once',
    router: 'retry on the same model and succeed there',
    variants: [
      {
        primary: 'error500_once',
        async run(bench) {
          const seen = await bench.ask();
          const { primary, fallback } = await bench.calls();
          bench.findings.equals([primary.length, fallback.length], [2, 0], 'calls of the primary, of the fallback');
          bench.servedBy('primary', seen);
        },
      },
    ],
  },
  {
    id: 'S04',
    provider: 'answers 503 for ever',
    router: 'fail over inside the deadline',
    variants: [
      {
        primary: 'error503',
        async run(bench) {
          const seen = await bench.ask();
          const { primary, fallback } = await bench.calls();
          bench.findings.holds(primary.length <= 3, `${primary.length} calls of the primary, beyond its retries`);
          bench.findings.equals(fallback.length, 1, 'calls of the fallback');
          bench.servedBy('fallback', seen);
        },
      },
    ],
  },
  {
    id: 'S05',
    provider: 'resets the TCP connection before headers',
    router: 'retry or fail over',
    variants: [
      {
        primary: 'resets',
        async run(bench) {
          const seen = await bench.ask();
          const { primary } = await bench.calls();
          bench.findings.holds(primary.length <= 3, `${primary.length} calls of the primary, beyond its retries`);
          bench.servedBy('fallback', seen);
        },
      },
      {
        primary: 'resets_once',
        async run(bench) {
          const seen = await bench.ask();
          const { primary } = await bench.calls();
          bench.servedBy(primary.length > 1 ? 'primary' : 'fallback', seen);
        },
      },
    ],
  },
];

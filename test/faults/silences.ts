import type { Bench } from './bench.ts';
import { BROKEN_AFTER } from './pieces.mjs';
import { type Scenario, wholeOnly } from './scenario.ts';
import type { Seen } from './surfaces.ts';

const TOTAL_MS = 15_000;
const PROMPT_MS = 3_000;
const HALF = 'half';

/** One call that was given up, its connection closed, its model left; then the fallback. */
async function leavesForGood(bench: Bench): Promise<void> {
  const seen = await bench.ask();
  const { primary } = await bench.calls();
  bench.findings.equals(primary.length, 1, 'calls of the silent model');
  bench.findings.equals(primary[0]?.clientClosed, true, 'its connection closed');
  bench.findings.holds(seen.ms < TOTAL_MS, `${Math.round(seen.ms)} ms in all`);
  bench.servedBy('fallback', seen);
}

/** What was cut is no success: the caller keeps what it had read, and is told. */
async function saysItBroke(bench: Bench): Promise<Seen> {
  const seen = await bench.ask();
  await bench.calls();
  bench.failedWith('stream_interrupted', seen);
  bench.hasPieces('primary', BROKEN_AFTER, seen.text);
  if (seen.error?.partialText !== undefined) bench.hasPieces('primary', BROKEN_AFTER, seen.error.partialText);
  return seen;
}

async function beginsAgain(bench: Bench): Promise<void> {
  const seen = await bench.ask();
  await bench.calls();
  bench.servedBy('fallback', seen);
  bench.findings.equals(seen.restarts, ['fallback'], 'restarts');
  bench.hasPieces('primary', BROKEN_AFTER, seen.voided);
}

async function endsPromptly(bench: Bench): Promise<void> {
  const seen = await bench.ask();
  const { primary } = await bench.calls();
  bench.findings.equals(primary.length, 1, 'calls of the primary');
  bench.findings.holds(seen.ms < PROMPT_MS, `${Math.round(seen.ms)} ms`);
  bench.servedBy('primary', seen);
}

/** S06 to S11: a provider that falls silent, breaks off or mumbles. */
export const SILENCES: readonly Scenario[] = [
  {
    id: 'S06',
    provider: 'accepts and never answers',
    router: 'time out, leave that model (no retry of a silent model), fail over',
    variants: [{ primary: 'silent', run: leavesForGood }],
  },
  {
    id: 'S07',
    provider: 'sends its first token after 20 s',
    router: 'first-token limit fires, total under 15 s',
    variants: [{ primary: 'late', run: leavesForGood }],
  },
  {
    id: 'S08',
    provider: 'cuts the stream after 40 of 60 chunks',
    router:
      'a full answer from elsewhere, or a typed error; never a truncated success, never a made-up `finish_reason`',
    inapplicable: wholeOnly,
    variants: [
      { primary: 'cuts', run: async (bench) => void (await saysItBroke(bench)) },
      { primary: 'ends_early', run: async (bench) => void (await saysItBroke(bench)) },
      { primary: 'cuts', rule: { onStreamFailure: 'restart' }, run: beginsAgain },
      { primary: 'ends_early', rule: { onStreamFailure: 'restart' }, run: beginsAgain },
    ],
  },
  {
    id: 'S09',
    provider: 'stalls mid-stream for 30 s',
    router: 'idle timeout fires; the router is healthy afterwards',
    inapplicable: wholeOnly,
    variants: [
      {
        primary: 'stalls_once',
        async run(bench) {
          const broken = await saysItBroke(bench);
          bench.findings.equals(broken.error?.candidates[0]?.reason, 'idle_timeout', 'what broke it');
          bench.findings.holds(broken.ms < TOTAL_MS, `${Math.round(broken.ms)} ms in all`);
          const next = await bench.ask();
          const { primary } = await bench.calls();
          bench.findings.equals(
            primary.map(({ clientClosed }) => clientClosed),
            [true, false],
            'connections closed',
          );
          bench.servedBy('primary', next);
          bench.isUntouched('primary');
        },
      },
    ],
  },
  {
    id: 'S10',
    provider: 'sends a malformed SSE chunk',
    router: 'typed error or failover; nothing half-parsed reaches the caller as text',
    inapplicable: wholeOnly,
    variants: [
      {
        primary: 'garbles_first',
        async run(bench) {
          const seen = await bench.ask();
          await bench.calls();
          bench.servedBy('fallback', seen);
          bench.findings.holds(!`${seen.text}${seen.voided}`.includes(HALF), 'half a chunk reached the caller');
        },
      },
      {
        primary: 'garbles_later',
        async run(bench) {
          const seen = await saysItBroke(bench);
          bench.findings.holds(!`${seen.text}${seen.voided}`.includes(HALF), 'half a chunk reached the caller');
        },
      },
    ],
  },
  {
    id: 'S11',
    provider: 'ends without `[DONE]` but with a finish reason',
    router: 'finish promptly, usage reported',
    inapplicable: (place) =>
      wholeOnly(place) ??
      (place.protocol === 'ollama' ? 'Ollama has no `[DONE]`: its last line says that it is done.' : undefined),
    variants: [
      { primary: 'ends_without_done', run: endsPromptly },
      { primary: 'stays_without_done', run: endsPromptly },
    ],
  },
];

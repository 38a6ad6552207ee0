import { outage } from './outage.ts';
import { type Scenario, streams, takesMessages } from './scenario.ts';

const noOllama =
  (reason: string): NonNullable<Scenario['inapplicable']> =>
  ({ protocol }) =>
    protocol === 'ollama' ? reason : undefined;

/** S12 to S16: whose fault it was, and who is named. */
export const JUDGEMENTS: readonly Scenario[] = [
  {
    id: 'S12',
    provider: 'answers 400 context-length-exceeded',
    router: 'no retry on the same model; the larger-context fallback if the rule names one; breaker untouched',
    inapplicable: noOllama('Ollama shortens a chat that is too long, and its errors carry no code to know one by.'),
    variants: [
      {
        primary: 'too_long',
        contextWindows: { primary: 8, fallback: 128_000 },
        async run(bench) {
          const seen = await bench.ask();
          const { primary } = await bench.calls();
          bench.findings.equals(primary.length, 1, 'calls of the primary');
          bench.servedBy('fallback', seen);
          bench.isUntouched('primary');
        },
      },
      {
        primary: 'too_long',
        contextWindows: { primary: 8, fallback: 8 },
        async run(bench) {
          const seen = await bench.ask();
          const { primary, fallback } = await bench.calls();
          bench.findings.equals([primary.length, fallback.length], [1, 0], 'calls, with no larger context to go to');
          bench.failedWith('provider_rejected', seen);
          bench.isUntouched('primary');
        },
      },
    ],
  },
  {
    id: 'S13',
    provider: 'answers 400 content-filter',
    router: 'pass it on, no retry, breaker untouched',
    inapplicable: noOllama('Ollama has no content filter.'),
    variants: [
      {
        primary: 'filters',
        async run(bench, { surface }) {
          const seen = await bench.ask();
          const { primary, fallback } = await bench.calls();
          bench.findings.equals([primary.length, fallback.length], [1, 0], 'calls of the primary, of the fallback');
          bench.failedWith('provider_rejected', seen);
          bench.findings.equals(seen.error?.candidates, [{ model: 'primary', reason: 'content_filter' }], 'the word');
          bench.findings.equals(seen.error?.status, 400, `status on ${surface.name}`);
          bench.isUntouched('primary');
        },
      },
    ],
  },
  {
    id: 'S14',
    provider: 'is down and the fallback refuses an assistant prefill',
    router: 'restart cleanly on the fallback; the first error is not masked',
    variants: [
      {
        primary: 'error503',
        fallback: 'refuses_prefill',
        async run(bench) {
          const seen = await bench.ask();
          const { primary, fallback } = await bench.calls();
          bench.findings.equals(fallback[0]?.body['messages'], primary[0]?.body['messages'], 'the conversation');
          bench.servedBy('fallback', seen);
        },
      },
      {
        // A router that went on with the caller's half of an answer as a prefill would be refused here.
        primary: 'cuts',
        fallback: 'refuses_prefill',
        rule: { onStreamFailure: 'restart' },
        isAsked: streams,
        async run(bench) {
          const seen = await bench.ask();
          const { primary, fallback } = await bench.calls();
          bench.findings.equals(fallback[0]?.body['messages'], primary[0]?.body['messages'], 'the conversation');
          bench.servedBy('fallback', seen);
        },
      },
      {
        // The caller's own prefill: nobody serves it, and both say why.
        primary: 'error503',
        fallback: 'refuses_prefill',
        isAsked: takesMessages,
        async run(bench, { protocol }) {
          const seen = await bench.ask({ prefill: 'The answer is' });
          const { fallback } = await bench.calls();
          bench.findings.equals(fallback.length, 1, 'calls of the fallback');
          bench.failedWith('provider_rejected', seen);
          const reasons = seen.error?.candidates.map(({ reason }) => reason);
          const refusal = protocol === 'openai' ? 'prefill_unsupported' : 'status_400';
          const first = protocol === 'openai' ? 'service_unavailable' : 'status_503';
          bench.findings.equals(reasons, [first, refusal], 'why neither served it');
          const statuses = seen.error?.trace?.map(({ status }) => status) ?? [];
          bench.findings.equals([statuses[0], statuses.at(-1)], [503, 400], 'the first and the last error');
        },
      },
    ],
  },
  outage,
  {
    id: 'S16',
    provider: 'fails and the fallback answers',
    router: 'the answer names the model that served it, and that model’s usage',
    variants: [
      {
        primary: 'error503',
        async run(bench) {
          const seen = await bench.ask();
          await bench.calls();
          bench.servedBy('fallback', seen);
        },
      },
      {
        // What it had counted until it broke is not the answer's.
        primary: 'cuts_with_usage',
        rule: { onStreamFailure: 'restart' },
        isAsked: streams,
        async run(bench) {
          const seen = await bench.ask();
          await bench.calls();
          bench.servedBy('fallback', seen);
        },
      },
    ],
  },
];

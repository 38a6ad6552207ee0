import type { ChartFaultCode, ChartFindings } from '../chart-faults.ts';
import type { Finding } from '../finding.ts';
import { finding, type Judge } from '../subject.ts';

const WORDS: Readonly<Record<ChartFaultCode, string>> = {
  request_lost: 'a request is neither settled nor does it wait for anything that will come',
  probe_stranded: 'the permit of a probe is taken, and no call is left that will give it back',
  overtaking_unbounded: 'a request is passed over by one that came later than the boosts allow',
};

/** What is wrong with the chart of a model itself; `explored`: by model. */
export const chartFindings =
  (explored: ReadonlyMap<string, ChartFindings>): Judge =>
  (subject) =>
    [...explored].flatMap(([model, { faults, size }]) =>
      faults.map(
        ({ code, path }): Finding =>
          finding(subject, code, {
            where: `models.${model}`,
            message: `In the chart of '${model}', ${WORDS[code]} (found with ${size.maxConcurrency} of its slots and ${size.maxQueueDepth} of its places).`,
            remedy: 'The chart is at fault and not the policy: mend its guard or action that the last event meets.',
            models: [model],
            path,
          }),
      ),
    );

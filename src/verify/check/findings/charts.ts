import { pathText } from '../../../config/place.ts';
import type { ChartFaultCode } from '../chart-faults.ts';
import { pathOf } from '../chart-path.ts';
import type { ExploredChart } from '../explored-charts.ts';
import type { Finding } from '../finding.ts';
import { finding, type Judge } from '../subject.ts';

const WORDS: Readonly<Record<ChartFaultCode, string>> = {
  request_lost: 'a request is neither settled nor does it wait for anything that will come',
  probe_stranded: 'the permit of a probe is taken, and no call is left that will give it back',
  overtaking_unbounded: 'a request is passed over by one that came later than the boosts allow',
};

/** What is wrong with the charts of the models themselves. */
export const chartFindings =
  (explored: readonly ExploredChart[]): Judge =>
  (subject) =>
    explored.flatMap(({ model, chart, findings }) =>
      findings.faults.map(
        ({ code, events }): Finding =>
          finding(subject, code, {
            where: pathText(['models', model.name]),
            message: `In the chart of '${model.name}', ${WORDS[code]} (found with ${chart.size.maxConcurrency} of its slots and ${chart.size.maxQueueDepth} of its places).`,
            remedy: 'The chart is at fault and not the policy: mend the guard or the action that the last event meets.',
            models: [model.name],
            path: pathOf(model, events),
          }),
      ),
    );

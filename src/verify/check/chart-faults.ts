import type { SnapshotFrom } from 'xstate';
import type { ModelEvent } from '../../../machines/events.ts';
import type { modelMachine } from '../../../machines/model/model.machine.ts';
import type { Chart } from './chart.ts';
import { eventsAt, keyOf } from './chart-events.ts';
import { forgets, loses, overtakes, strands } from './chart-judges.ts';
import { explore, type Step } from './explore.ts';

type Machine = typeof modelMachine;
type Snapshot = SnapshotFrom<Machine>;

/** What a chart can do wrong to a request, whatever the policy. */
export type ChartFaultCode = 'request_lost' | 'probe_stranded' | 'overtaking_unbounded';

export interface ChartFault {
  readonly code: ChartFaultCode;
  /** The shortest way there, the last event being the one that goes wrong. */
  readonly events: readonly ModelEvent[];
}

export interface ChartFindings {
  readonly faults: readonly ChartFault[];
  readonly states: number;
  readonly transitions: number;
  /** No state was left out. */
  readonly isComplete: boolean;
}

export interface ChartFaultsOptions {
  readonly machine: Machine;
  /** As it is explored: see `chartOf`. */
  readonly chart: Chart;
  readonly maxStates: number;
}

/**
 * Takes every event that can happen in every state of a chart that can be reached, and looks for requests that are lost,
 * probes that are never given back, and requests that are passed over for too long.
 */
export function chartFaults({ machine, chart, maxStates }: ChartFaultsOptions): ChartFindings {
  const faults = new Map<ChartFaultCode, { readonly before: Snapshot; readonly event: ModelEvent }>();
  const note = (code: ChartFaultCode, { before, event }: Step<Machine>): void => {
    if (!faults.has(code)) faults.set(code, { before, event });
  };
  const { states, transitions, isComplete, pathTo } = explore<Machine>({
    machine,
    input: { name: 'm', breaker: chart.breaker, limits: limitsOf(chart) },
    maxStates,
    keyOf,
    eventsAt: (snapshot) => eventsAt(snapshot, chart.maxRetries),
    onStep(step) {
      if (loses(step) || forgets(step)) note('request_lost', step);
      if (strands(step)) note('probe_stranded', step);
      if (overtakes(step)) note('overtaking_unbounded', step);
    },
  });
  return {
    faults: [...faults].map(([code, { before, event }]) => ({ code, events: [...(pathTo(before) ?? []), event] })),
    states,
    transitions,
    isComplete,
  };
}

const limitsOf = ({ size: { maxConcurrency, maxQueueDepth }, boosts }: Chart) => ({
  maxConcurrency,
  maxQueueDepth,
  boosts,
  attemptTimeoutMs: null,
  abortGraceMs: 1_000,
});

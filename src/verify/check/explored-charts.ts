import type { modelMachine } from '../../../machines/model/model.machine.ts';
import type { PolicyModel } from '../policy.ts';
import { cachedBy } from './cached-by.ts';
import { type Chart, type Cut, chartOf, cutsOf } from './chart.ts';
import { type ChartFindings, chartFaults } from './chart-faults.ts';
import type { ModelFigures } from './finding.ts';
import type { PolicySpace } from './policy-space.ts';
import { candidatesOf } from './routes.ts';

/** A model's chart, and what was found in it. */
export interface ExploredChart {
  readonly model: PolicyModel;
  readonly chart: Chart;
  readonly findings: ChartFindings;
  /** In what it is smaller than the model's own. */
  readonly cuts: readonly Cut[];
  /** It is no smaller than the model's own, and no state was left out. */
  readonly isExhaustive: boolean;
}

const explored = cachedBy<typeof modelMachine, ChartFindings>();

/** Charts that differ in nothing that is explored are explored once. */
export function exploreChart({ policy, machine }: PolicySpace, model: PolicyModel, maxStates: number): ExploredChart {
  const maxRetries = Math.max(policy.maxRetries, ...policy.rules.map((rule) => rule.maxRetries ?? 0));
  const chart = chartOf(model, policy.boosts, maxRetries);
  const key = JSON.stringify([chart, maxStates]);
  const findings = explored(machine, key, () => chartFaults({ machine, chart, maxStates }));
  const cuts = cutsOf(chart, model, maxRetries);
  return { model, chart, findings, cuts, isExhaustive: findings.isComplete && cuts.length === 0 };
}

export function figuresOf(space: PolicySpace, { model, chart, findings, isExhaustive }: ExploredChart): ModelFigures {
  const { name } = model;
  const routes = space.routes.filter((route) => candidatesOf(route).includes(name));
  return {
    model: name,
    states: findings.states,
    transitions: findings.transitions,
    routingStates: Math.max(0, ...routes.map((route) => space.statesOf(name, route).length)),
    size: chart.size,
    isExhaustive,
  };
}

/** What was not looked at; null: nothing. */
export function boundOf({ model, findings, cuts, isExhaustive }: ExploredChart): string | null {
  if (isExhaustive) return null;
  const at = cuts.map(({ what, explored, own }) => `${explored} of ${own} ${what}`).join(', ');
  if (findings.isComplete) return `the chart of ${model.name} was explored with ${at}`;
  const how = at === '' ? 'as it is' : `with ${at}`;
  return `of the chart of ${model.name}, explored ${how}, ${findings.states} states were looked at`;
}

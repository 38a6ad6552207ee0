import { cacheMachine, modelMachine, routerMachine } from '../../../machines/index.ts';
import { laidOut } from '../../../scripts/charts-plugin.mjs';
import { bundle } from '../../../src/inspector/chart/bundle.ts';
import { graphOf } from '../../../src/inspector/chart/graph.ts';
import type { Chart } from '../../../src/inspector/chart/placed-chart.ts';

export const MACHINES = { router: routerMachine, model: modelMachine, cache: cacheMachine } as const;
export type MachineName = keyof typeof MACHINES;
export const NAMES = Object.keys(MACHINES) as MachineName[];

export function chartOf(name: MachineName): Promise<Chart> {
  const graph = graphOf(MACHINES[name]);
  return laidOut(graph, bundle(graph));
}

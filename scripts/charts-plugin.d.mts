import type { Bundles } from '../src/inspector/chart/bundle.ts';
import type { ChartGraph } from '../src/inspector/chart/graph.ts';
import type { Chart } from '../src/inspector/chart/placed-chart.ts';

/** `layOut`, or what it made of the same graph before. */
export function laidOut(graph: ChartGraph, bundles: Bundles): Promise<Chart>;

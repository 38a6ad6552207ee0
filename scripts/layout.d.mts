import type { Bundles } from '../src/inspector/chart/bundle.ts';
import type { ChartGraph } from '../src/inspector/chart/graph.ts';
import type { Chart } from '../src/inspector/chart/placed-chart.ts';

/** Gives everything in a statechart its place. The same graph gets the same places, on any machine. */
export function layOut(graph: ChartGraph, bundles: Bundles): Promise<Chart>;

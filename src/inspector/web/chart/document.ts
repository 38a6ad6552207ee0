import type { Chart } from '../../chart/placed-chart.ts';
import { type Sheets, svgFile } from './svg-file.tsx';

/** The drawing of a definition, for the documents: nothing is active and nothing has been counted. */
export function documentOf(chart: Chart, sheets: Sheets): string {
  const states = chart.nodes.filter(({ parent }) => parent !== null).map(({ path }) => path);
  const titles = {
    title: `Statechart of ${chart.id}`,
    description: `${chart.edges.length} transitions between the states ${states.join(', ')}.`,
  };
  return svgFile({ chart, active: null, counts: {}, fired: {} }, titles, sheets);
}

// Made when the page is built, by scripts/charts-plugin.mjs.
declare module 'virtual:charts' {
  /** Every statechart, by its machine's id. */
  export const CHARTS: Readonly<Record<string, import('../../chart/placed-chart.ts').Chart>>;
}

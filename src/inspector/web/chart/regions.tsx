import type { Box, Chart, PlacedNode } from '../../chart/placed-chart.ts';

/** What runs in parallel, each of which can be shown by itself. */
export const regionsOf = ({ nodes }: Chart): readonly PlacedNode[] => {
  const parallel = new Set(nodes.filter(({ type }) => type === 'parallel').map(({ id }) => id));
  return nodes.filter(({ parent }) => parent !== null && parallel.has(parent));
};

/** Buttons that fill the picture with one region of the chart. */
export function Regions({ chart, onShow }: { chart: Chart; onShow: (box: Box) => void }) {
  const regions = regionsOf(chart);
  if (regions.length === 0) return null;
  return (
    <fieldset class="chart-regions" aria-label="Show">
      {regions.map(({ id, key, x, y, width, height }) => (
        // Another box each time, so that pressed again it is filled again.
        <button key={id} type="button" onClick={() => onShow({ x, y, width, height })}>
          {key}
        </button>
      ))}
    </fieldset>
  );
}

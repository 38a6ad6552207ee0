import type { ChartEdge } from '../../chart/graph.ts';
import type { Chart, PlacedNode } from '../../chart/placed-chart.ts';

/** What a part of the drawing stands for: a state with what happens in it, or an arrow with its transitions. */
export interface Explained {
  readonly title: string;
  readonly kind: string;
  readonly description: string | null;
  readonly node: PlacedNode | null;
  readonly edges: readonly ChartEdge[];
}

const KINDS: Readonly<Record<PlacedNode['type'], string>> = {
  atomic: 'state',
  compound: 'state with states inside',
  parallel: 'regions that are active together',
  final: 'final state',
  history: 'the state that was active last',
};

/** `part`: as the drawing names it, `node model.queue` or `arrow model.queue.full > …`; null when there is none such. */
export function explained(chart: Chart, part: string | null): Explained | null {
  if (part === null) return null;
  const [what = '', ...rest] = part.split(' ');
  const id = rest.join(' ');
  const byId = new Map(chart.edges.map((edge) => [edge.id, edge]));
  if (what === 'node') {
    const node = chart.nodes.find((one) => one.id === id);
    if (node === undefined) return null;
    const entered = chart.bundles.filter(({ mark, target }) => mark !== null && target === id);
    const ids = [...node.lines, ...entered.flatMap(({ lines }) => lines)].flatMap((line) => line.edges);
    const edges = [...new Set(ids)].map((edge) => byId.get(edge)!);
    return { title: node.key, kind: KINDS[node.type], description: node.description, node, edges };
  }
  const arrow = chart.arrows.find((one) => one.id === id);
  if (arrow === undefined) return null;
  const edges = arrow.lines.flatMap((line) => line.edges).map((edge) => byId.get(edge)!);
  return { title: `${arrow.from} → ${arrow.to}`, kind: 'transitions', description: null, node: null, edges };
}

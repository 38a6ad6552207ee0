import type { Box, Chart } from '../../chart/placed-chart.ts';

/** What can be reached by keyboard, by the name that the drawing gives it. */
export interface Part {
  readonly name: string;
  readonly box: Box;
}

/** All parts of a chart, region by region, from the top to the bottom and from the left to the right. */
export function partsOf({ nodes, arrows }: Chart): readonly Part[] {
  const isParallel = nodes[0]?.type === 'parallel';
  const regionOf = (path: string): string => (isParallel ? path.split('.')[0]! : '');
  const paths = new Map(nodes.map(({ id, path }) => [id, path]));
  const regions = [...new Set(nodes.map(({ path }) => regionOf(path)))];
  const parts = [
    ...nodes.map((node) => ({ name: `node ${node.id}`, box: node, region: regionOf(node.path) })),
    ...arrows.flatMap(({ id, target, label }) =>
      label === null ? [] : [{ name: `arrow ${id}`, box: label, region: regionOf(paths.get(target)!) }],
    ),
  ];
  return parts.toSorted(
    (a, b) => regions.indexOf(a.region) - regions.indexOf(b.region) || a.box.y - b.box.y || a.box.x - b.box.x,
  );
}

/** Where the Tab key arrives: at the first active state that has none inside, if there is one in what is shown. */
export function entryOf({ nodes }: Chart, parts: readonly Part[], active: ReadonlySet<string>, shown: Box): string {
  const lit = new Set(
    nodes
      .filter(({ type, path }) => type !== 'compound' && type !== 'parallel' && active.has(path))
      .map(({ id }) => `node ${id}`),
  );
  const entries = parts.filter(({ name }) => lit.has(name));
  return (entries.find(({ box }) => isWithin(box, shown)) ?? entries[0] ?? parts[0]!).name;
}

const isWithin = (inner: Box, outer: Box): boolean =>
  inner.x >= outer.x &&
  inner.y >= outer.y &&
  inner.x + inner.width <= outer.x + outer.width &&
  inner.y + inner.height <= outer.y + outer.height;

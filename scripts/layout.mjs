// Lays the statecharts out with ELK: at build time, because a chart's shape never depends on what happens in it.
import Elk from 'elkjs/lib/elk.bundled.js';
import { labelSize, nodeLines, nodeSize, shortList } from './chart-lines.mjs';
import { orders, packings } from './pack.mjs';

const GAP = 16;
const PADDING = 14;
/** The shape of the place where a chart is mostly looked at. */
const ASPECT = 1.6;

const OPTIONS = {
  'elk.algorithm': 'layered',
  'elk.randomSeed': '1',
  'elk.hierarchyHandling': 'INCLUDE_CHILDREN',
  'elk.edgeRouting': 'SPLINES',
  'elk.layered.edgeRouting.splines.mode': 'CONSERVATIVE_SOFT',
  'elk.layered.spacing.nodeNodeBetweenLayers': '20',
  'elk.layered.spacing.edgeNodeBetweenLayers': '10',
  'elk.layered.spacing.edgeEdgeBetweenLayers': '8',
  'elk.spacing.nodeNode': '18',
  'elk.spacing.edgeNode': '12',
  'elk.spacing.edgeEdge': '9',
  'elk.spacing.edgeLabel': '2',
  'elk.edgeLabels.inline': 'true',
  'elk.layered.nodePlacement.strategy': 'NETWORK_SIMPLEX',
  'elk.layered.considerModelOrder.strategy': 'NODES_AND_EDGES',
  'elk.layered.thoroughness': '7',
};

/** No one way suits every chart: the one that lets it be shown largest is taken. */
const WAYS = ['DOWN', 'RIGHT'].flatMap((direction) =>
  ['MODEL_ORDER', 'GREEDY'].flatMap((cycles) =>
    ['MEDIAN_LAYER', 'SPACE_EFFICIENT_LAYER'].map((labels) => ({
      'elk.direction': direction,
      'elk.layered.cycleBreaking.strategy': cycles,
      'elk.layered.edgeLabels.centerLabelPlacementStrategy': labels,
    })),
  ),
);

/** A node and all that is inside, as a graph of ELK. */
function elkOf(node, all, way) {
  const children = all.nodes.filter(({ parent }) => parent === node.id);
  const { width, height } = nodeSize(node, all.lines.get(node.id));
  if (children.length === 0) return { id: node.id, width, height };
  const arrows = all.arrows.filter((arrow) => arrow.mark === null && holderOf(arrow, all) === node.id);
  const enters = node.initial === null ? [] : [`initial ${node.id}`];
  return {
    id: node.id,
    layoutOptions: {
      ...OPTIONS,
      ...way,
      'elk.padding': `[top=${height + 4},left=${PADDING},bottom=${PADDING},right=${PADDING}]`,
      'elk.nodeSize.constraints': 'MINIMUM_SIZE',
      'elk.nodeSize.minimum': `(${width},${height})`,
    },
    children: [
      ...enters.map((id) => ({ id, width: 10, height: 10 })),
      ...children.map((child) => elkOf(child, all, way)),
    ],
    edges: [
      ...enters.map((id) => ({ id, sources: [id], targets: [node.initial] })),
      ...arrows.map(({ id, sources, target, lines }) => ({
        id,
        sources,
        targets: [target],
        labels: [{ text: id, ...labelSize(shortList(lines)) }],
      })),
    ],
  };
}

function ancestors(id, all) {
  const chain = [];
  for (let at = all.byId.get(id).parent; at !== null; at = all.byId.get(at).parent) chain.push(at);
  return chain;
}

/** The innermost node that has both ends of an arrow inside. */
function holderOf({ sources: [source], target }, all) {
  const targets = new Set(ancestors(target, all));
  return ancestors(source, all).find((id) => targets.has(id));
}

const round = (value) => Math.round(value * 10) / 10;

/** What ELK has placed, from the drawing's corner. */
function placed(graph, all, dx, dy) {
  const found = { nodes: [], arrows: [], marks: [] };
  const visit = (elk, x0, y0) => {
    const x = x0 + elk.x;
    const y = y0 + elk.y;
    const box = { x: round(x), y: round(y), width: round(elk.width), height: round(elk.height) };
    const node = all.byId.get(elk.id);
    if (node === undefined) found.marks.push({ parent: elk.id.replace(/^initial /, ''), ...box });
    else found.nodes.push({ ...node, ...box, lines: all.lines.get(node.id) });
    for (const child of elk.children ?? []) visit(child, x, y);
    for (const edge of elk.edges ?? []) found.arrows.push(arrowOf(edge, x, y, all));
  };
  visit({ ...graph, x: 0, y: 0 }, dx, dy);
  return found;
}

function arrowOf({ id, sections, labels, sources, targets }, x, y, all) {
  const [{ startPoint, bendPoints = [], endPoint }] = sections;
  const [start, ...points] = [startPoint, ...bendPoints, endPoint].map((p) => ({ x: p.x + x, y: p.y + y }));
  const text = (p) => `${round(p.x)} ${round(p.y)}`;
  let path = `M${text(start)}`;
  let at = 0;
  for (; at + 2 < points.length; at += 3)
    path += `C${points
      .slice(at, at + 3)
      .map(text)
      .join(' ')}`;
  for (; at < points.length; at++) path += `L${text(points[at])}`;
  const arrow = all.arrows.find((one) => one.id === id) ?? { id, sources, mark: null, target: targets[0], lines: [] };
  const key = (node) => all.byId.get(node)?.key ?? '';
  const [label] = labels ?? [];
  return {
    ...arrow,
    from: key(arrow.sources[0]),
    to: key(arrow.target),
    path,
    head: headOf([start, ...points], text),
    label:
      label === undefined
        ? null
        : {
            x: round(label.x + x),
            y: round(label.y + y),
            width: round(label.width),
            height: round(label.height),
            lines: shortList(arrow.lines),
          },
  };
}

/** An arrowhead at the end of a curve, in the direction in which it arrives. */
function headOf(points, text) {
  const end = points.at(-1);
  const before = points.findLast(({ x, y }) => Math.hypot(end.x - x, end.y - y) > 0.5) ?? points[0];
  const length = Math.hypot(end.x - before.x, end.y - before.y) || 1;
  const [ux, uy] = [(end.x - before.x) / length, (end.y - before.y) / length];
  const side = (sign) => text({ x: end.x - 8 * ux - sign * 4 * uy, y: end.y - 8 * uy + sign * 4 * ux });
  return `M${text(end)}L${side(1)}L${side(-1)}Z`;
}

/** How large a chart of that size can be shown. */
const fitness = ({ width, height }) => Math.min(ASPECT / width, 1 / height);
const best = (candidates) => candidates.reduce((a, b) => (fitness(b) > fitness(a) ? b : a));

export async function layOut(graph, bundles) {
  const elk = new Elk();
  const all = {
    nodes: graph.nodes,
    arrows: bundles.arrows,
    byId: new Map(graph.nodes.map((node) => [node.id, node])),
    lines: new Map(graph.nodes.map((node) => [node.id, nodeLines(node, graph, bundles)])),
  };
  const [root] = graph.nodes;
  const layEachWay = (node) => Promise.all(WAYS.map((way) => elk.layout(elkOf(node, all, way))));
  // Regions have no arrows between them, so each is laid out by itself.
  const isParallel = root.type === 'parallel';
  const parts = isParallel ? all.nodes.filter(({ parent }) => parent === root.id) : [root];
  const chosen = best(orders(await Promise.all(parts.map(layEachWay))).flatMap((lists) => packings(lists, GAP)));
  const head = isParallel ? nodeSize(root, all.lines.get(root.id)).height + 2 : 0;
  const edge = isParallel ? PADDING : 0;
  const width = chosen.width + 2 * edge;
  const height = chosen.height + head + edge;
  const outer = { ...root, x: 0, y: 0, width: round(width), height: round(height), lines: all.lines.get(root.id) };
  const found = chosen
    .place(edge, head, chosen.width, chosen.height)
    .map(({ box, x, y, ...size }) => placed({ ...box, ...size }, all, x, y));
  return {
    id: graph.id,
    width: Math.ceil(width),
    height: Math.ceil(height),
    nodes: [...(isParallel ? [outer] : []), ...found.flatMap(({ nodes }) => nodes)],
    arrows: found.flatMap(({ arrows }) => arrows),
    marks: found.flatMap(({ marks }) => marks),
    edges: graph.edges,
    bundles: bundles.arrows,
  };
}

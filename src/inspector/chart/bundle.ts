import type { ChartEdge, ChartGraph, ChartNode } from './graph.ts';

/** What is written in one line on the drawing, and the transitions that it stands for. */
export interface Line {
  readonly text: string;
  readonly edges: readonly string[];
}

/** All transitions that go the same way, drawn as one arrow. */
export interface Arrow {
  readonly id: string;
  /** The states that it leaves; several have transitions that read alike. */
  readonly sources: readonly string[];
  /** What stands where it begins, because that is no single state: `any state`, or their names. null: the source itself. */
  readonly mark: string | null;
  readonly target: string;
  readonly lines: readonly Line[];
}

export interface Bundles {
  readonly arrows: readonly Arrow[];
  /** Transitions without a target, by node. */
  readonly internal: Readonly<Record<string, readonly Line[]>>;
}

/** Arrows of fewer states than these are drawn one by one. */
const MIN_SHARED = 3;

/** `call.failed [trips]` */
export const lineOf = ({ event, guard }: Pick<ChartEdge, 'event' | 'guard'>): string =>
  guard === null ? event : `${event} [${guard}]`;

/** Bundles what goes the same way; what several states of a region do alike is told once. */
export function bundle(graph: ChartGraph): Bundles {
  const nodes = new Map(graph.nodes.map((node) => [node.id, node]));
  const groups = alike(graph, nodes);
  const arrows = new Map<string, Arrow & { lines: Line[] }>();
  const internal: Record<string, Line[]> = {};
  for (const edge of graph.edges) {
    if (edge.targets.length === 0) {
      internal[edge.source] = [...(internal[edge.source] ?? []), { text: lineOf(edge), edges: [edge.id] }];
    }
    for (const target of edge.targets) {
      const { sources, mark } = groups.get(edge.id) ?? {
        sources: [edge.source],
        mark: isWithin(target, edge.source, nodes) ? 'any state' : null,
      };
      const id = `${mark ?? edge.source} > ${target}`;
      const arrow = arrows.get(id) ?? { id, sources, mark, target, lines: [] };
      arrows.set(id, arrow);
      addTo(arrow.lines, edge);
    }
  }
  return { arrows: [...arrows.values()], internal };
}

/** Transitions that read alike, of several states or one after the other, are one line. */
function addTo(lines: Line[], edge: ChartEdge): void {
  const text = lineOf(edge);
  const index = lines.findIndex((line) => line.text === text);
  if (index < 0) lines.push({ text, edges: [edge.id] });
  else lines[index] = { text, edges: [...lines[index]!.edges, edge.id] };
}

/** The transitions that several states of a region have alike: who has them, and the mark from which they are drawn. */
function alike(graph: ChartGraph, nodes: ReadonlyMap<string, ChartNode>): Map<string, Pick<Arrow, 'sources' | 'mark'>> {
  const groups = new Map<string, ChartEdge[]>();
  for (const edge of graph.edges) {
    const parent = nodes.get(edge.source)!.parent;
    const [target] = edge.targets;
    if (target === undefined || nodes.get(target)!.parent !== parent) continue;
    const key = JSON.stringify([edge.event, edge.guard, edge.targets]);
    groups.set(key, [...(groups.get(key) ?? []), edge]);
  }
  const shared = new Map<string, Pick<Arrow, 'sources' | 'mark'>>();
  for (const edges of groups.values()) {
    const sources = [...new Set(edges.map(({ source }) => source))];
    if (sources.length < MIN_SHARED) continue;
    const { parent } = nodes.get(sources[0]!)!;
    const isAny = graph.nodes.every(
      (node) =>
        node.parent !== parent ||
        sources.includes(node.id) ||
        edges[0]!.targets.includes(node.id) ||
        !isLasting(node, graph),
    );
    const mark = isAny ? 'any state' : sources.map((id) => nodes.get(id)!.key).join(', ');
    for (const { id } of edges) shared.set(id, { sources, mark });
  }
  return shared;
}

/** Whether an event can find a machine in that state: not when it is left at once, nor at the end. */
function isLasting({ id, type }: ChartNode, { edges }: ChartGraph): boolean {
  const own = edges.filter(({ source }) => source === id);
  return type !== 'final' && !(own.length > 0 && own.every(({ event }) => event === 'always'));
}

function isWithin(id: string, ancestor: string, nodes: ReadonlyMap<string, ChartNode>): boolean {
  for (let at = nodes.get(id)?.parent ?? null; at !== null; at = nodes.get(at)?.parent ?? null) {
    if (at === ancestor) return true;
  }
  return false;
}

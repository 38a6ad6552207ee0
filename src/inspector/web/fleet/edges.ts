import type { PriorityClass } from '../../../queue/priority.ts';
import type { Traffic } from '../../protocol.ts';
import { modelId } from '../ids.ts';
import { fallbackPath, type Layout, targetPath } from './layout.ts';
import { isStandIn, type Routes, sourceId } from './routes.ts';

export interface Edge {
  readonly id: string;
  /** `fallback`: from a model that did not serve, or from a source whose targets took nothing. */
  readonly kind: 'target' | 'fallback';
  readonly from: string;
  readonly to: string;
  readonly priority: PriorityClass | null;
  /** Requests of the last minute. */
  readonly count: number;
  /** In pixels. */
  readonly width: number;
  readonly path: string;
}

const THINNEST = 1.5;
const WIDEST = 16;
/** Of a way that nobody went. */
const UNUSED = 1;

/** The ways that the rules allow and those that requests went, each as wide as its traffic; the widest last. */
export function edgesOf(routes: Routes, traffic: Traffic | null, layout: Layout): Edge[] {
  const { sources, targets, fallbacks, rules } = routes;
  const edges = new Map<string, Omit<Edge, 'width' | 'path'>>();
  const add = (kind: Edge['kind'], from: string, to: string, count: number): void => {
    // A model may have been removed since requests went to it.
    if (!layout.boxes.has(from) || !layout.boxes.has(to)) return;
    const id = JSON.stringify([kind, from, to]);
    const priority = sources.find((source) => source.id === from)?.priority ?? null;
    edges.set(id, { id, kind, from, to, priority, count: (edges.get(id)?.count ?? 0) + count });
  };
  for (const { from, to } of targets) add('target', from, to, 0);
  for (const { from, to } of fallbacks) add('fallback', from, to, 0);
  for (const { priority, rule, model, count } of traffic?.first ?? []) {
    const kind = isStandIn(rules, rule, model) ? 'fallback' : 'target';
    add(kind, sourceId(routes, rule, priority), modelId(model), count);
  }
  for (const { from, to, count } of traffic?.fallback ?? []) add('fallback', modelId(from), modelId(to), count);
  const most = Math.max(1, ...[...edges.values()].map(({ count }) => count));
  return [...edges.values()]
    .sort((a, b) => a.count - b.count)
    .map((edge) => ({
      ...edge,
      width: widthOf(edge.count, most),
      path: (layout.sources.includes(edge.from) ? targetPath : fallbackPath)(layout, edge.from, edge.to),
    }));
}

/** In proportion to the busiest, and never too thin to be seen. */
const widthOf = (count: number, most: number): number =>
  count === 0 ? UNUSED : Math.round(10 * Math.max(THINNEST, (WIDEST * count) / most)) / 10;

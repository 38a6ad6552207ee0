import { type Bundles, bundle } from './bundle.ts';
import type { ChartGraph, ChartNode } from './graph.ts';

/** A statechart as text that Mermaid draws. Transitions without a target, which it cannot draw, are only counted. */
export function mermaidOf(graph: ChartGraph): string {
  const bundles = bundle(graph);
  const internal = Object.values(bundles.internal).flat().length;
  const [root] = graph.nodes;
  return [
    'stateDiagram-v2',
    ...(internal > 0 ? [`  %% ${internal} transitions without a target are left out.`] : []),
    ...inside(root!, graph, bundles, '  '),
    '',
  ].join('\n');
}

/** Node ids of a diagram are one namespace of plain words. */
const nameOf = ({ path, key }: ChartNode): string => (path === '' ? key : path).replaceAll(/[^\w]/g, '_');

/** What the syntax gives a meaning is written as the number of its letter. */
const text = (label: string): string => label.replaceAll(/[^\w .,()[\]*-]/gu, (letter) => `#${letter.codePointAt(0)};`);

function inside(node: ChartNode, graph: ChartGraph, bundles: Bundles, indent: string): string[] {
  const children = graph.nodes.filter(({ parent }) => parent === node.id);
  const byId = new Map(graph.nodes.map((one) => [one.id, one]));
  const parts = children.map((child) => {
    const own = inside(child, graph, bundles, `${indent}  `);
    const head = `${indent}state "${text(child.key)}" as ${nameOf(child)}`;
    const final = child.type === 'final' ? [`${indent}${nameOf(child)} --> [*]`] : [];
    return own.length === 0
      ? [head, ...final]
      : [head, `${indent}state ${nameOf(child)} {`, ...own, `${indent}}`, ...final];
  });
  if (node.type === 'parallel') return parts.flatMap((part, index) => (index === 0 ? part : [`${indent}--`, ...part]));
  const initial = node.initial === null ? [] : [`${indent}[*] --> ${nameOf(byId.get(node.initial)!)}`];
  const marks = new Map<string, string>();
  const arrows = bundles.arrows
    .filter(({ target }) => byId.get(target)!.parent === node.id)
    .flatMap(({ sources, mark, target, lines }) => {
      const from =
        mark === null ? nameOf(byId.get(sources[0]!)!) : `${nameOf(node)}_from_${mark.replaceAll(/[^\w]+/g, '_')}`;
      if (mark !== null) marks.set(from, `${indent}state "${text(mark)}" as ${from}`);
      return lines.map((line) => `${indent}${from} --> ${nameOf(byId.get(target)!)} : ${text(line.text)}`);
    });
  return [...parts.flat(), ...marks.values(), ...initial, ...arrows];
}

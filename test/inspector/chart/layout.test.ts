import { beforeAll, describe, expect, it } from 'vitest';
import { layOut } from '../../../scripts/layout.mjs';
import { bundle } from '../../../src/inspector/chart/bundle.ts';
import { graphOf } from '../../../src/inspector/chart/graph.ts';
import type { Box, Chart } from '../../../src/inspector/chart/placed-chart.ts';
import { chartOf, MACHINES, NAMES } from './support.ts';

const overlap = (a: Box, b: Box): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
const isInside = (a: Box, b: Box): boolean =>
  a.x >= b.x && a.y >= b.y && a.x + a.width <= b.x + b.width + 0.2 && a.y + a.height <= b.y + b.height + 0.2;

describe.each(NAMES)('the layout of the %s chart', (name) => {
  let chart: Chart;
  beforeAll(async () => {
    chart = await chartOf(name);
  }, 120_000);

  it('places every state, and none over another that it is not in', () => {
    const isWithin = (id: string | null, outer: string): boolean =>
      id === outer || (id !== null && isWithin(chart.nodes.find((node) => node.id === id)!.parent, outer));
    const pairs = chart.nodes.flatMap((a, index) => chart.nodes.slice(index + 1).map((b) => [a, b] as const));

    const wrong = pairs.filter(([a, b]) => !isWithin(a.id, b.id) && !isWithin(b.id, a.id) && overlap(a, b));

    expect(chart.nodes.length).toBe(graphOf(MACHINES[name]).nodes.length);
    expect(wrong.map(([a, b]) => `${a.id} and ${b.id}`)).toEqual([]);
  });

  it('places each state inside its parent', () => {
    const outside = chart.nodes.filter(({ parent, ...box }) => {
      const around = chart.nodes.find(({ id }) => id === parent);
      return around !== undefined && !isInside(box, around);
    });

    expect(outside.map(({ id }) => id)).toEqual([]);
  });

  it('writes no label over a state or over another label', () => {
    const states = chart.nodes.filter(({ type }) => type === 'atomic' || type === 'final');
    const labels = chart.arrows.flatMap(({ id, label }) => (label === null ? [] : [{ id, ...label }]));

    const wrong = labels.flatMap((label, index) =>
      [...states, ...labels.slice(index + 1)]
        .filter((box) => overlap(label, box))
        .map(({ id }) => `${label.id} over ${id}`),
    );

    expect(wrong).toEqual([]);
  });

  it('cuts no word off', () => {
    const written = [...chart.nodes, ...chart.arrows.flatMap(({ label }) => label ?? [])].flatMap(({ lines }) => lines);

    expect(written.map(({ text }) => text).filter((text) => text.includes('…'))).toEqual([]);
  });

  it('shows every transition that leads somewhere, on an arrow or in the state to which it leads', () => {
    const shown = new Set([
      ...chart.arrows.flatMap(({ label }) => label?.lines ?? []).flatMap(({ edges }) => edges),
      ...chart.nodes.flatMap(({ lines }) => lines).flatMap(({ edges }) => edges),
    ]);

    expect(chart.edges.map(({ id }) => id).filter((id) => !shown.has(id))).toEqual([]);
  });
});

it('a graph is laid out the same each time', async () => {
  const graph = graphOf(MACHINES.cache);

  const [first, second] = [await layOut(graph, bundle(graph)), await layOut(graph, bundle(graph))];

  expect(second).toEqual(first);
}, 60_000);

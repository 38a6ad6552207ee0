import { expect, it } from 'vitest';
import type { Traffic } from '../../../../src/inspector/protocol.ts';
import { edgesOf } from '../../../../src/inspector/web/fleet/edges.ts';
import { layoutOf } from '../../../../src/inspector/web/fleet/layout.ts';
import { routesOf } from '../../../../src/inspector/web/fleet/routes.ts';

const RULES = [
  {
    name: 'important',
    priority: 'high',
    match: 'priority:high',
    targets: ['a'],
    fallback: ['b'],
    strategy: 'ordered',
  },
] as const;

const traffic = (change: Partial<Traffic>): Traffic => ({
  first: [],
  fallback: [],
  settled: { critical: 0, high: 0, normal: 0, low: 0 },
  ...change,
});

function draw(told: Traffic | null) {
  const routes = routesOf(RULES, ['a', 'b']);
  const edges = edgesOf(routes, told, layoutOf(routes, 800));
  return {
    edges,
    of: (from: string, to: string) => edges.find((edge) => edge.from === from && edge.to === to),
  };
}

it('draws every way that the rules allow, thin while nobody goes it', () => {
  const { of } = draw(null);

  expect(of('priority:high', 'model:a')).toMatchObject({ kind: 'target', count: 0, width: 1 });
  expect(of('model:a', 'model:b')).toMatchObject({ kind: 'fallback', count: 0, width: 1 });
});

it('draws an edge as wide as its share of the busiest one', () => {
  const { of } = draw(
    traffic({
      first: [{ priority: 'high', model: 'a', count: 100 }],
      fallback: [{ from: 'a', to: 'b', count: 50 }],
    }),
  );

  expect(of('priority:high', 'model:a')!.width).toBe(16);
  expect(of('model:a', 'model:b')!.width).toBe(8);
});

it('keeps a rare way visible, and wider than one that nobody went', () => {
  const { of } = draw(
    traffic({
      first: [
        { priority: 'high', model: 'a', count: 10_000 },
        { priority: 'low', model: 'b', count: 1 },
      ],
    }),
  );

  expect(of('priority:low', 'model:b')!.width).toBe(1.5);
});

it('draws ways that requests went although no rule says so now', () => {
  const { of } = draw(traffic({ first: [{ priority: 'high', model: 'b', count: 3 }] }));

  expect(of('priority:high', 'model:b')).toMatchObject({ kind: 'target', priority: 'high', count: 3 });
});

it('leaves out traffic of a model that is gone', () => {
  const { edges } = draw(
    traffic({
      first: [{ priority: 'high', model: 'gone', count: 3 }],
      fallback: [{ from: 'gone', to: 'a', count: 2 }],
    }),
  );

  expect(edges.every(({ count }) => count === 0)).toBe(true);
});

it('moves no path when the traffic changes', () => {
  const paths = (told: Traffic | null): string[] =>
    draw(told)
      .edges.map(({ id, path }) => id + path)
      .sort();

  const quiet = paths(traffic({}));
  const busy = paths(traffic({ first: [{ priority: 'high', model: 'a', count: 9 }] }));

  expect(busy).toEqual(quiet);
});

it('draws the busiest edge last, so that it lies on top', () => {
  const { edges } = draw(traffic({ first: [{ priority: 'high', model: 'a', count: 9 }] }));

  expect(edges.at(-1)).toMatchObject({ from: 'priority:high', count: 9 });
});

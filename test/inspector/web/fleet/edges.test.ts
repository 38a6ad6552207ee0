import { expect, it } from 'vitest';
import type { RuleInfo, Traffic } from '../../../../src/inspector/protocol.ts';
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

function draw(told: Traffic | null, rules: readonly RuleInfo[] = RULES) {
  const routes = routesOf(rules, ['a', 'b']);
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
      first: [{ priority: 'high', rule: null, model: 'a', count: 100 }],
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
        { priority: 'high', rule: null, model: 'a', count: 10_000 },
        { priority: 'low', rule: null, model: 'b', count: 1 },
      ],
    }),
  );

  expect(of('priority:low', 'model:b')!.width).toBe(1.5);
});

it('draws ways that requests went although no rule says so now', () => {
  const { of } = draw(traffic({ first: [{ priority: 'high', rule: null, model: 'b', count: 3 }] }));

  expect(of('priority:high', 'model:b')).toMatchObject({ kind: 'target', priority: 'high', count: 3 });
});

it('leaves out traffic of a model that is gone', () => {
  const { edges } = draw(
    traffic({
      first: [{ priority: 'high', rule: null, model: 'gone', count: 3 }],
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
  const busy = paths(traffic({ first: [{ priority: 'high', rule: null, model: 'a', count: 9 }] }));

  expect(busy).toEqual(quiet);
});

it('draws the busiest edge last, so that it lies on top', () => {
  const { edges } = draw(traffic({ first: [{ priority: 'high', rule: null, model: 'a', count: 9 }] }));

  expect(edges.at(-1)).toMatchObject({ from: 'priority:high', count: 9 });
});

const GOLD = { ...RULES[0], name: 'gold', priority: null, match: 'metadata.tier:gold' };

it('begins what a rule by metadata has sent on at the rule, whatever its priority', () => {
  const { of } = draw(
    traffic({
      first: [
        { priority: 'high', rule: 'gold', model: 'a', count: 3 },
        { priority: 'low', rule: 'gold', model: 'a', count: 4 },
        { priority: 'low', rule: null, model: 'a', count: 5 },
      ],
    }),
    [GOLD],
  );

  expect(of('rule:gold', 'model:a')).toMatchObject({ kind: 'target', priority: null, count: 7 });
  expect(of('priority:low', 'model:a')).toMatchObject({ kind: 'target', count: 5 });
  expect(of('priority:high', 'model:a')).toBeUndefined();
});

it('begins what the rule of a priority has sent on at the priority', () => {
  const { of } = draw(traffic({ first: [{ priority: 'high', rule: 'important', model: 'a', count: 3 }] }));

  expect(of('priority:high', 'model:a')).toMatchObject({ kind: 'target', count: 3 });
});

it('draws a fallback that was called first as a fallback, from where the request came to the left of its card', () => {
  const { edges } = draw(
    traffic({
      first: [
        { priority: 'high', rule: 'important', model: 'b', count: 3 },
        { priority: 'high', rule: 'gold', model: 'b', count: 2 },
      ],
    }),
    [...RULES, GOLD],
  );
  const to = (from: string) => edges.filter((edge) => edge.from === from && edge.to === 'model:b');
  const { boxes } = layoutOf(routesOf([...RULES, GOLD], ['a', 'b']), 800);

  expect(to('priority:high')).toMatchObject([{ kind: 'fallback', count: 3 }]);
  expect(to('rule:gold')).toMatchObject([{ kind: 'fallback', count: 2 }]);
  expect(to('rule:gold')[0]!.path).toContain(` ${boxes.get('model:b')!.x} `);
});

it('draws a model that no rule has chosen as a target', () => {
  const { of } = draw(traffic({ first: [{ priority: 'high', rule: null, model: 'b', count: 3 }] }));

  expect(of('priority:high', 'model:b')).toMatchObject({ kind: 'target' });
});

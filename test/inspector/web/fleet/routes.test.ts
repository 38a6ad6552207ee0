import { expect, it } from 'vitest';
import type { RuleInfo } from '../../../../src/inspector/protocol.ts';
import { routesOf } from '../../../../src/inspector/web/fleet/routes.ts';

const rule = (name: string, change: Partial<RuleInfo>): RuleInfo => ({
  name,
  priority: null,
  match: 'metadata.tier:gold',
  targets: [],
  fallback: [],
  strategy: 'ordered',
  ...change,
});
const high = (change: Partial<RuleInfo>) => rule('important', { priority: 'high', match: 'priority:high', ...change });

const from = (routes: ReturnType<typeof routesOf>, source: string): string[] =>
  routes.targets.filter((way) => way.from === source).map(({ to }) => to);

it('sends every priority to every model, in order of registration, without rules', () => {
  const routes = routesOf([], ['b', 'a']);

  expect(routes.sources.map(({ label }) => label)).toEqual(['critical', 'high', 'normal', 'low']);
  for (const { id } of routes.sources) expect(from(routes, id)).toEqual(['model:b', 'model:a']);
  expect(routes.fallbacks).toEqual([{ from: 'model:b', to: 'model:a' }]);
  expect(routes.order).toEqual(['b', 'a']);
});

it('sends a priority to the targets of its rule, and on to its fallbacks', () => {
  const routes = routesOf([high({ targets: ['a'], fallback: ['b', 'c'] })], ['c', 'b', 'a']);

  expect(from(routes, 'priority:high')).toEqual(['model:a']);
  expect(routes.fallbacks).toContainEqual({ from: 'model:a', to: 'model:b' });
  expect(routes.fallbacks).toContainEqual({ from: 'model:b', to: 'model:c' });
});

it('hands on from target to target, and only from the last one to a fallback, where their order is kept', () => {
  const routes = routesOf([rule('rest', { match: 'any', targets: ['a', 'b'], fallback: ['c'] })], ['a', 'b', 'c']);

  expect(routes.fallbacks).toEqual([
    { from: 'model:a', to: 'model:b' },
    { from: 'model:b', to: 'model:c' },
  ]);
});

it('hands on from each target where a strategy shuffles them', () => {
  const routes = routesOf(
    [rule('any', { match: 'any', targets: ['a', 'b'], fallback: ['c'], strategy: 'latency' })],
    ['a', 'b', 'c'],
  );

  expect(routes.fallbacks).toEqual([
    { from: 'model:a', to: 'model:c' },
    { from: 'model:b', to: 'model:c' },
  ]);
});

it('gives a rule that matches more than a priority a place of its own', () => {
  const routes = routesOf([rule('gold', { targets: ['a'] })], ['a', 'b']);

  expect(routes.sources.at(-1)).toEqual({
    id: 'rule:gold',
    priority: null,
    label: 'gold',
    detail: 'metadata.tier:gold',
  });
  expect(from(routes, 'rule:gold')).toEqual(['model:a']);
  expect(from(routes, 'priority:low')).toEqual([]);
});

it('takes a rule for every request as the rule of each priority that has none before it', () => {
  const routes = routesOf([high({ targets: ['a'] }), rule('rest', { match: 'any', targets: ['b'] })], ['a', 'b']);

  expect(routes.sources).toHaveLength(4);
  expect(from(routes, 'priority:high')).toEqual(['model:a']);
  expect(from(routes, 'priority:low')).toEqual(['model:b']);
});

it('takes the first of two rules for a priority, as the router does', () => {
  const routes = routesOf([high({ targets: ['a'] }), high({ name: 'late', targets: ['b'] })], ['a', 'b']);

  expect(from(routes, 'priority:high')).toEqual(['model:a']);
});

it('leaves out models that are not there, and hands on past them', () => {
  const routes = routesOf([high({ targets: ['a', 'gone'], fallback: ['b'] })], ['a', 'b']);

  expect(from(routes, 'priority:high')).toEqual(['model:a']);
  expect(routes.fallbacks).toContainEqual({ from: 'model:a', to: 'model:b' });
  expect(routes.order).not.toContain('gone');
});

it('puts models in the order in which rules name them, fallbacks after targets and the rest last', () => {
  const routes = routesOf(
    [
      rule('urgent', { priority: 'critical', match: 'priority:critical', targets: ['fast'], fallback: ['cloud'] }),
      high({ targets: ['cheap'] }),
      rule('rest', { match: 'any', targets: ['cheap'] }),
    ],
    ['spare', 'cloud', 'cheap', 'fast'],
  );

  expect(routes.order).toEqual(['fast', 'cheap', 'cloud', 'spare']);
});

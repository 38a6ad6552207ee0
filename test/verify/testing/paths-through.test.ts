import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Coverage } from '../../../src/verify/testing/path-goals.ts';
import { pathsThrough } from '../../../src/verify/testing/paths-through.ts';
import { NOTHING, specificationOf } from './toy-specification.ts';

const ways = (graph: Parameters<typeof specificationOf>[0], coverage: Coverage, maxStates?: number) => {
  const found = pathsThrough(specificationOf(graph), { coverage, alphabet: NOTHING, maxStates });
  return {
    ...found,
    paths: found.paths.map(({ events }) => events.map((event) => (event as { model: string }).model).join('')),
  };
};

/** a leads on, b back to the start, c around. */
const LINE = {
  one: { a: 'two', c: 'one' },
  two: { a: 'three', b: 'one' },
  three: { b: 'one' },
};

describe('paths through a graph', () => {
  it('reach every state', () => {
    expect(ways(LINE, 'states')).toEqual({ paths: ['aa'], states: 3, transitions: 5, isExhaustive: true });
  });

  it('go through every transition', () => {
    expect(ways(LINE, 'transitions').paths).toEqual(['aabcab']);
  });

  it('go through every two transitions that follow one another', () => {
    expect(ways(LINE, 'pairs').paths).toEqual(['aabababca', 'cc', 'aabc']);
  });

  it('stop where nothing can happen', () => {
    const graph = { one: { a: 'end', b: 'end' }, end: {} };
    expect(ways(graph, 'states').paths).toEqual(['a']);
    expect(ways(graph, 'transitions').paths).toEqual(['a', 'b']);
    expect(ways(graph, 'pairs').paths).toEqual(['a', 'b']);
  });

  it('go through the nearest states when there are too many, and say so', () => {
    expect(ways(LINE, 'transitions', 2)).toEqual({
      paths: ['abc'],
      states: 2,
      transitions: 3,
      isExhaustive: false,
    });
  });

  it('miss nothing in graphs of all shapes', () => {
    const graphs = fc
      .array(fc.array(fc.nat(7), { maxLength: 4 }), { minLength: 1, maxLength: 8 })
      .map((targets) =>
        Object.fromEntries(
          targets.map((to, from) => [
            from,
            Object.fromEntries(to.map((target, index) => ['abcd'[index]!, String(target % targets.length)])),
          ]),
        ),
      );
    fc.assert(
      fc.property(graphs, (graph) => {
        for (const coverage of ['states', 'transitions', 'pairs'] as const) {
          const { paths, states, transitions } = ways(graph, coverage);
          const seen = { states: new Set(['0']), transitions: new Set<string>(), pairs: new Set<string>() };
          for (const path of paths) {
            let at = '0';
            let before = '';
            for (const step of path) {
              seen.transitions.add(at + step);
              if (before !== '') seen.pairs.add(before + step);
              before = at + step;
              at = graph[at]![step]!;
              seen.states.add(at);
            }
          }
          const reached = reachable(graph);
          const edges = reached.flatMap((from) =>
            Object.entries(graph[from]!).map(([step, to]) => ({ from, step, to })),
          );
          expect(states).toBe(reached.length);
          expect(transitions).toBe(edges.length);
          expect(seen.states.size).toBe(reached.length);
          if (coverage !== 'states') expect(seen.transitions.size).toBe(edges.length);
          if (coverage === 'pairs') {
            const pairs = edges.reduce((sum, { to }) => sum + Object.keys(graph[to]!).length, 0);
            expect(seen.pairs.size).toBe(pairs);
          }
        }
      }),
      { seed: 20_261_127, numRuns: 300 },
    );
  });
});

function reachable(graph: Parameters<typeof specificationOf>[0]): readonly string[] {
  const reached = ['0'];
  for (const from of reached) {
    for (const to of Object.values(graph[from]!)) if (!reached.includes(to)) reached.push(to);
  }
  return reached;
}

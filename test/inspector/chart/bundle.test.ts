import { describe, expect, it } from 'vitest';
import { createMachine } from 'xstate';
import { bundle } from '../../../src/inspector/chart/bundle.ts';
import { graphOf } from '../../../src/inspector/chart/graph.ts';
import { MACHINES, NAMES } from './support.ts';

describe('bundling', () => {
  it.each(NAMES)('leaves out no transition of the %s chart and tells none twice', (name) => {
    const graph = graphOf(MACHINES[name]);
    const { arrows, internal } = bundle(graph);

    const told = [...arrows.flatMap(({ lines }) => lines), ...Object.values(internal).flat()].flatMap(
      ({ edges }) => edges,
    );

    expect(told.toSorted()).toEqual(graph.edges.map(({ id }) => id).toSorted());
  });

  const { arrows } = bundle(
    graphOf(
      createMachine({
        id: 'm',
        initial: 'a',
        on: { home: { target: '.a' } },
        states: {
          a: { on: { go: 'b', run: { guard: 'fast', target: 'b' }, halt: 'd', some: 'd' } },
          b: { on: { halt: 'd', some: 'd' } },
          c: { on: { halt: 'd', some: 'd' } },
          d: { on: { back: 'a' } },
          e: { on: { halt: 'd' } },
        },
      }),
    ),
  );
  const arrow = (id: string) => arrows.find((one) => one.id === id);

  it('makes one arrow of what leads from one state to another', () => {
    expect(arrow('m.a > m.b')?.lines.map(({ text }) => text)).toEqual(['go', 'run [fast]']);
  });

  it('tells once, of any state, what all do that may be active', () => {
    expect(arrow('any state > m.d')).toMatchObject({
      sources: ['m.a', 'm.b', 'm.c', 'm.e'],
      lines: [{ text: 'halt' }],
    });
  });

  it('tells once, by their names, what some do', () => {
    expect(arrow('a, b, c > m.d')?.lines.map(({ text, edges }) => [text, edges.length])).toEqual([['some', 3]]);
  });

  it('draws what a region itself does from any of its states', () => {
    expect(arrow('any state > m.a')?.lines.map(({ text }) => text)).toEqual(['home']);
  });
});

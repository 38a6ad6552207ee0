import { describe, expect, it } from 'vitest';
import { and, createMachine, not, or, stateIn } from 'xstate';
import { graphOf } from '../../../src/inspector/chart/graph.ts';
import { MACHINES, NAMES } from './support.ts';

/** What somebody has written, which neither XState nor the graph has touched yet. */
interface Written {
  readonly on?: Readonly<Record<string, unknown>>;
  readonly after?: Readonly<Record<string, unknown>>;
  readonly always?: unknown;
  readonly states?: Readonly<Record<string, Written>>;
}

const all = (node: Written): Written[] => [node, ...Object.values(node.states ?? {}).flatMap(all)];
const transitionsIn = ({ on = {}, after = {}, always = [] }: Written): unknown[] =>
  [...Object.values(on), ...Object.values(after), always].flat();

describe.each(NAMES)('the graph of the %s chart', (name) => {
  const graph = graphOf(MACHINES[name]);
  const written = all(MACHINES[name].config as Written);

  it('has every state of the definition', () => {
    expect(graph.nodes.length).toBe(written.length);
  });

  it('has every transition of the definition, with an id of its own', () => {
    const transitions = written.flatMap(transitionsIn).length;

    expect(graph.edges.length).toBe(transitions);
    expect(new Set(graph.edges.map(({ id }) => id)).size).toBe(transitions);
    expect(graph.edges.filter(({ id }) => id.endsWith(' -1'))).toEqual([]);
  });

  it('leads only to states that it has', () => {
    const ids = new Set(graph.nodes.map(({ id }) => id));

    expect(graph.edges.flatMap(({ source, targets }) => [source, ...targets]).filter((id) => !ids.has(id))).toEqual([]);
  });
});

describe('what the graph says in words', () => {
  const { nodes, edges } = graphOf(
    createMachine({
      id: 'm',
      initial: 'a',
      states: {
        a: {
          entry: ['startWaiting', { type: 'reject', params: { reason: 'queue_full' } }],
          invoke: { id: 'job', src: 'job', onDone: 'b', onError: 'b' },
          after: { 60000: 'b', 250: 'b', recovery: 'b' },
          on: {
            plain: { guard: 'takesLastSlot', target: 'b', description: 'Why.' },
            both: { guard: and(['isFull', not('isDraining')]) },
            either: { guard: or(['isFull', and(['waits', 'runs'])]) },
            inside: { guard: stateIn('#m.b') },
            'call.*': {},
            '*': {},
          },
        },
        b: { always: { guard: 'isOver', target: 'a' } },
      },
    }),
  );
  const guardOf = (event: string) => edges.find((edge) => edge.event === event)?.guard;

  it.each([
    ['plain', 'takes last slot'],
    ['both', 'is full and not is draining'],
    ['either', 'is full or (waits and runs)'],
    ['inside', 'in state m.b'],
    ['always', 'is over'],
    ['call.*', null],
  ])('the guard of %s', (event, guard) => {
    expect(guardOf(event)).toBe(guard);
  });

  it('events of XState by what they mean', () => {
    const events = edges.map(({ event }) => event);

    expect(events).toEqual(
      expect.arrayContaining(['after 60 s', 'after 250 ms', 'after recovery', 'job is done', 'job fails', 'any event']),
    );
    expect(events.filter((event) => event.includes('xstate'))).toEqual([]);
  });

  it('actions, but for those that arm and clear the timers of delays', () => {
    const a = nodes.find(({ key }) => key === 'a');

    expect(a?.entry).toEqual(['start waiting', 'reject (reason: queue full)']);
    expect(a?.exit).toEqual([]);
  });

  it('descriptions as they are', () => {
    expect(edges.find(({ event }) => event === 'plain')?.description).toBe('Why.');
  });
});

import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition, InspectionEvent } from 'xstate';
import { cacheMachine, modelMachine, type RouterRef, routerMachine } from '../../../machines/index.ts';
import { lineOf } from '../../inspector/chart/bundle.ts';
import { edgeIdOf } from '../../inspector/chart/edge-id.ts';
import { type ChartEdge, graphOf } from '../../inspector/chart/graph.ts';

/** How much of one chart was reached, and what was not. */
export interface ChartCoverage {
  readonly machine: 'router' | 'model' | 'cache';
  /** States that have no states inside, such as `breaker.half_open`. */
  readonly states: Reached;
  /** Such as `breaker.closed → breaker.open: call.failed [trips]`; one that stays in its state has no arrow. */
  readonly transitions: Reached;
}

/** How many of the states or transitions of a chart were reached, and which were not. */
export interface Reached {
  readonly reached: number;
  readonly total: number;
  /** In the order of the definition. */
  readonly missing: readonly string[];
}

/** Which states and transitions of the charts were reached, by all routers that it observed. */
export interface MachineCoverage {
  /** For `new LLMRouter({ inspect })`. */
  readonly observe: (event: InspectionEvent) => void;
  /** Observes a router that is there, from now on, until the returned function is called. */
  watch(router: { readonly actor: RouterRef }): () => void;
  figures(): readonly ChartCoverage[];
  /** The figures as text: the numbers of each chart, then everything that was not reached. */
  report(): string;
}

const MACHINES = { router: routerMachine, model: modelMachine, cache: cacheMachine } as const;

/**
 * Follows which states and transitions of the router's charts a test suite reaches. The names are those of the drawings
 * in `docs/internals`.
 *
 * @example
 * const coverage = machineCoverage();
 * const router = new LLMRouter({ inspect: coverage.observe });
 * // … the tests …
 * console.log(coverage.report());
 */
export function machineCoverage(): MachineCoverage {
  const states = new Set<string>();
  const edges = new Set<string>();
  // Each router has definitions of its own; they are to be freed with it.
  const known = new WeakSet<AnyStateNode | AnyTransitionDefinition>();

  function sawStates(snapshot: object): void {
    for (const node of (snapshot as { readonly _nodes?: readonly AnyStateNode[] })._nodes ?? []) {
      if (known.has(node)) continue;
      known.add(node);
      states.add(node.id);
    }
  }

  function sawEdge(transition: AnyTransitionDefinition): void {
    if (known.has(transition)) return;
    known.add(transition);
    edges.add(edgeIdOf(transition));
    // What an actor leaves before its first snapshot is seen in no other way.
    states.add(transition.source.id);
  }

  function observe(event: InspectionEvent): void {
    // An actor's first state is in no microstep.
    if (event.type !== '@xstate.microstep' && event.type !== '@xstate.snapshot') return;
    sawStates(event.snapshot);
    if (event.type === '@xstate.microstep') event._transitions.forEach(sawEdge);
  }

  const figures = () =>
    (Object.keys(MACHINES) as (keyof typeof MACHINES)[]).map((name) => coverageOf(name, states, edges));

  return {
    observe,
    watch({ actor }) {
      const snapshot = actor.getSnapshot();
      sawStates(snapshot);
      for (const child of Object.values(snapshot.children)) if (child !== undefined) sawStates(child.getSnapshot());
      const { unsubscribe } = actor.system.inspect(observe);
      return unsubscribe;
    },
    figures,
    report: () => figures().map(reportOf).join('\n'),
  };
}

function coverageOf(
  name: keyof typeof MACHINES,
  states: ReadonlySet<string>,
  edges: ReadonlySet<string>,
): ChartCoverage {
  const machine: AnyStateMachine = MACHINES[name];
  const graph = graphOf(machine);
  const paths = new Map(graph.nodes.map(({ id, path }) => [id, path]));
  const pathOf = (id: string): string => paths.get(id) || name;
  const words = (edge: ChartEdge): string =>
    `${[pathOf(edge.source), ...edge.targets.map(pathOf)].join(' → ')}: ${lineOf(edge)}`;
  const leaves = graph.nodes.filter(({ type }) => type === 'atomic' || type === 'final');
  return {
    machine: name,
    states: reachedOf(leaves, states, ({ path }) => path),
    transitions: reachedOf(graph.edges, edges, words),
  };
}

function reachedOf<Part extends { readonly id: string }>(
  parts: readonly Part[],
  seen: ReadonlySet<string>,
  words: (part: Part) => string,
): Reached {
  const missing = parts.filter(({ id }) => !seen.has(id)).map(words);
  return { reached: parts.length - missing.length, total: parts.length, missing };
}

function reportOf({ machine, states, transitions }: ChartCoverage): string {
  const count = ({ reached, total }: Reached) => `${reached} of ${total}`;
  const list = (title: string, { missing }: Reached) =>
    missing.length === 0 ? [] : [`  ${title}:`, ...missing.map((name) => `    ${name}`)];
  return [
    `${machine}: ${count(states)} states, ${count(transitions)} transitions`,
    ...list('states not reached', states),
    ...list('transitions not taken', transitions),
  ].join('\n');
}

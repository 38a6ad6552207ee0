import type { PolicyEvent } from '../policy-events.ts';
import { type Coverage, Goals } from './path-goals.ts';
import { exploreGraph, type Node, type Transition, wayTo } from './policy-graph.ts';
import type { PolicyAlphabet, PolicySpecification } from './policy-specification.ts';

export interface PathOptions {
  readonly coverage: Coverage;
  /** Which events there are. */
  readonly alphabet: PolicyAlphabet;
  /** With more states, only the nearest are gone through. Default 20,000. */
  readonly maxStates?: number | undefined;
}

/** One path: events that happen one after another. */
export interface PolicyPath {
  /** From a router that has just begun. */
  readonly events: readonly PolicyEvent[];
}

/** Paths through a policy, and how much of it they go through. */
export interface PolicyPaths {
  readonly paths: readonly PolicyPath[];
  /** That were found, and that the paths go through. */
  readonly states: number;
  /** Between them. */
  readonly transitions: number;
  /** There are no other states. */
  readonly isExhaustive: boolean;
}

const DEFAULT_MAX_STATES = 20_000;
/** Where a path is not continued any more: making a router costs as much as ten steps, reading a mismatch costs more. */
const MAX_STEPS = 60;
/** How many steps on is looked for something new before another path is begun. */
const MAX_DETOUR = 6;

/**
 * Few paths through all states, transitions or pairs of them: each begins with the shortest way to the first that is
 * still to be gone through, and goes on for as long as another is near. `xstate/graph` gives a path for each instead,
 * and making a router for each costs more than its steps.
 */
export function pathsThrough<State>(
  specification: PolicySpecification<State>,
  { coverage, alphabet, maxStates = DEFAULT_MAX_STATES }: PathOptions,
): PolicyPaths {
  const graph = exploreGraph(specification, alphabet, maxStates);
  const { nodes, transitions, isExhaustive } = graph;
  const goals = new Goals<State>(coverage, transitions.length);

  const pathAlong = (way: readonly Transition<State>[]): PolicyPath => {
    const events: PolicyEvent[] = [];
    let state = specification.initial;
    let node: Node<State> | undefined = nodes[0];
    let before: Transition<State> | null = null;
    let isPossible = true;
    /** The same event in this state, where requests may have other names. true: it has led where it was meant to. */
    const take = (step: Transition<State>): boolean => {
      const event = specification.events(state, alphabet)[step.index];
      isPossible = event?.type === step.event.type;
      if (event === undefined || !isPossible) return false;
      events.push(event);
      state = specification.reduce(state, event);
      node = graph.nodeOf(state);
      goals.reach(step, before, node);
      before = step;
      return node === step.target;
    };
    for (let next: typeof way | null = way; next !== null; ) {
      next.every(take);
      const goesOn = isPossible && node !== undefined && events.length < MAX_STEPS;
      next = goesOn ? wayToNew(node!, before, goals) : null;
    }
    return { events };
  };

  const paths: PolicyPath[] = [];
  for (const goal of goals.all(nodes)) {
    if (goals.isReached(goal.step, goal.before)) continue;
    const before = goal.before === null ? wayTo(goal.step.source) : [...wayTo(goal.before.source), goal.before];
    paths.push(pathAlong([...before, goal.step]));
  }
  return { paths, states: nodes.length, transitions: transitions.length, isExhaustive };
}

/** The shortest way on that ends with something new; null: there is none near. */
function wayToNew<State>(
  from: Node<State>,
  last: Transition<State> | null,
  goals: Goals<State>,
): readonly Transition<State>[] | null {
  const visited = new Set([from]);
  let ways: { readonly end: Node<State>; readonly steps: readonly Transition<State>[] }[] = [{ end: from, steps: [] }];
  for (let length = 1; length <= MAX_DETOUR; length++) {
    const longer: typeof ways = [];
    for (const { end, steps } of ways) {
      for (const step of end.transitions) {
        if (!goals.isReached(step, steps.at(-1) ?? last)) return [...steps, step];
        if (visited.has(step.target)) continue;
        visited.add(step.target);
        longer.push({ end: step.target, steps: [...steps, step] });
      }
    }
    ways = longer;
  }
  return null;
}

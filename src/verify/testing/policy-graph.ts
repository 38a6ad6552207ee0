import type { PolicyEvent } from '../policy-events.ts';
import type { PolicyAlphabet, PolicySpecification } from './policy-specification.ts';

export interface Transition<State> {
  readonly id: number;
  readonly source: Node<State>;
  readonly target: Node<State>;
  /** In the names that requests have in the state of its source. */
  readonly event: PolicyEvent;
  /** Which of the events that can happen there it is. */
  readonly index: number;
}

/** A state, and all that behave alike. */
export interface Node<State> {
  readonly id: number;
  /** The first of them that was found. */
  readonly state: State;
  /** The last transition of a shortest way to it; null: it is the beginning. */
  readonly reachedBy: Transition<State> | null;
  readonly transitions: readonly Transition<State>[];
}

export interface PolicyGraph<State> {
  /** The nearest first. */
  readonly nodes: readonly Node<State>[];
  readonly transitions: readonly Transition<State>[];
  /** undefined: it was not found. */
  nodeOf(state: State): Node<State> | undefined;
  /** There are no other states. */
  readonly isExhaustive: boolean;
}

/** All states that can be reached, breadth first, up to `maxStates` of them. */
export function exploreGraph<State>(
  specification: PolicySpecification<State>,
  alphabet: PolicyAlphabet,
  maxStates: number,
): PolicyGraph<State> {
  const nodes: { id: number; state: State; reachedBy: Transition<State> | null; transitions: Transition<State>[] }[] =
    [];
  const transitions: Transition<State>[] = [];
  const byKey = new Map<string, Node<State>>();
  const enter = (key: string, state: State): (typeof nodes)[number] => {
    const node: (typeof nodes)[number] = { id: nodes.length, state, reachedBy: null, transitions: [] };
    nodes.push(node);
    byKey.set(key, node);
    return node;
  };
  let isExhaustive = true;
  enter(specification.key(specification.initial), specification.initial);
  for (const source of nodes) {
    for (const [index, event] of specification.events(source.state, alphabet).entries()) {
      const state = specification.reduce(source.state, event);
      const key = specification.key(state);
      const known = byKey.get(key);
      if (known === undefined && nodes.length >= maxStates) {
        isExhaustive = false;
        continue;
      }
      const target = known ?? enter(key, state);
      const transition = { id: transitions.length, source, target, event, index };
      if (known === undefined) nodes.at(-1)!.reachedBy = transition;
      source.transitions.push(transition);
      transitions.push(transition);
    }
  }
  return { nodes, transitions, isExhaustive, nodeOf: (state) => byKey.get(specification.key(state)) };
}

/** The transitions of a shortest way to it. */
export function wayTo<State>(node: Node<State>): Transition<State>[] {
  const way: Transition<State>[] = [];
  for (let last = node.reachedBy; last !== null; last = last.source.reachedBy) way.push(last);
  return way.reverse();
}

import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition } from 'xstate';
import { edgeIdOf } from './edge-id.ts';
import { actionWords, eventWords, guardWords } from './words.ts';

export interface ChartNode {
  readonly id: string;
  /** Its keys from the root on, joined by dots; the root's is empty. What a state's value names. */
  readonly path: string;
  readonly key: string;
  readonly type: 'atomic' | 'compound' | 'parallel' | 'final' | 'history';
  /** null: the root. */
  readonly parent: string | null;
  readonly description: string | null;
  /** Actions, in words. */
  readonly entry: readonly string[];
  readonly exit: readonly string[];
  /** The node that is entered with it; null: it has none inside, or enters all. */
  readonly initial: string | null;
}

export interface ChartEdge {
  /** As `edgeIdOf` names the transition. */
  readonly id: string;
  readonly source: string;
  /** None: it is internal and leaves the state as it is. */
  readonly targets: readonly string[];
  /** In words, as guard and actions. */
  readonly event: string;
  readonly guard: string | null;
  readonly actions: readonly string[];
  readonly description: string | null;
  /** Whether it leaves and enters its source again. */
  readonly reenters: boolean;
}

/** A statechart as plain data, in the order of its definition. */
export interface ChartGraph {
  readonly id: string;
  /** A node's parent stands before it. */
  readonly nodes: readonly ChartNode[];
  readonly edges: readonly ChartEdge[];
}

/** Everything that a machine's definition says of its states and transitions. */
export function graphOf(machine: AnyStateMachine): ChartGraph {
  const nodes = nodesBelow(machine.root);
  return { id: machine.id, nodes: nodes.map(nodeOf), edges: nodes.flatMap(transitionsOf).map(edgeOf) };
}

const nodesBelow = (node: AnyStateNode): AnyStateNode[] => [node, ...Object.values(node.states).flatMap(nodesBelow)];

/** All transitions of a node, `always` too. */
export const transitionsOf = (node: AnyStateNode): AnyTransitionDefinition[] => [
  ...[...node.transitions.values()].flat(),
  ...(node.always ?? []),
];

const inWords = (actions: readonly unknown[]): string[] => actions.map(actionWords).filter((text) => text !== null);

const nodeOf = (node: AnyStateNode): ChartNode => ({
  id: node.id,
  path: node.path.join('.'),
  key: node.key,
  type: node.type,
  parent: node.parent?.id ?? null,
  description: node.description ?? null,
  entry: inWords(node.entry),
  exit: inWords(node.exit),
  initial: node.type === 'compound' ? (node.initial.target[0]?.id ?? null) : null,
});

const edgeOf = (transition: AnyTransitionDefinition): ChartEdge => ({
  id: edgeIdOf(transition),
  source: transition.source.id,
  targets: (transition.target ?? []).map(({ id }: AnyStateNode) => id),
  event: eventWords(transition.eventType, transition.source.id),
  guard: guardWords(transition.guard),
  actions: inWords(transition.actions),
  description: transition.description ?? null,
  reenters: transition.reenter,
});

import type { Node, Transition } from './policy-graph.ts';

/**
 * What the paths go through: every state; every transition, that is each event in each state; or every two transitions
 * that follow one another.
 */
export type Coverage = (typeof COVERAGES)[number];

export const COVERAGES = ['states', 'transitions', 'pairs'] as const;

/** A step, and the one before it; null: it is the first. */
interface Goal<State> {
  readonly step: Transition<State>;
  readonly before: Transition<State> | null;
}

/** What paths have to go through, and what they have gone through. */
export class Goals<State> {
  readonly #coverage: Coverage;
  readonly #transitions: number;
  readonly #reached = new Set<number>();

  /** @param transitions how many there are */
  constructor(coverage: Coverage, transitions: number) {
    this.#coverage = coverage;
    this.#transitions = transitions;
    // The first state, where every path begins.
    if (coverage === 'states') this.#reached.add(0);
  }

  /** The nearest first. */
  *all(nodes: readonly Node<State>[]): Generator<Goal<State>> {
    for (const node of nodes) {
      for (const step of node.transitions) {
        if (this.#coverage !== 'pairs' || node.id === 0) yield { step, before: null };
        if (this.#coverage === 'pairs') for (const next of step.target.transitions) yield { step: next, before: step };
      }
    }
  }

  isReached(step: Transition<State>, before: Transition<State> | null): boolean {
    return this.#reached.has(this.#numberOf(step, before, step.target));
  }

  /** The step was taken, and has led there: undefined when that is too far to be known. */
  reach(step: Transition<State>, before: Transition<State> | null, node: Node<State> | undefined): void {
    if (this.#coverage !== 'states') this.#reached.add(this.#numberOf(step, before, step.target));
    else if (node !== undefined) this.#reached.add(node.id);
  }

  #numberOf({ id }: Transition<State>, before: Transition<State> | null, target: Node<State>): number {
    if (this.#coverage === 'states') return target.id;
    return this.#coverage === 'transitions' ? id : (1 + (before?.id ?? -1)) * this.#transitions + id;
  }
}

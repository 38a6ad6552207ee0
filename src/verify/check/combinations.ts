import type { Decision, Prefix } from './decide.ts';
import type { ModelState } from './model-states.ts';
import { isPossibleIn, type Order, ordersOf } from './orders.ts';
import type { PolicySpace } from './policy-space.ts';
import { candidatesOf, type Route } from './routes.ts';
import type { Stance } from './stance.ts';

/** Some states of a route's candidates, and what becomes of a request in all of them. */
export interface Combination {
  /** In the order in which they are asked. */
  readonly order: Order;
  /**
   * Of the candidates in that order, as far as the decision depends on them; each for all of the same effect, unless
   * every state is told. Valid during the call only.
   */
  readonly states: readonly ModelState[];
  /** How many combinations these are: those behind the one that takes the request may be in any state. */
  readonly count: number;
  readonly decision: Decision;
}

export interface CombinationsOptions {
  /** Tell every state of every candidate, and not only as far as the decision depends on them. */
  readonly isWhole?: boolean;
  /** At most so many are looked at. */
  readonly max: number;
}

/**
 * Every combination of the states of a route's candidates, in every order that its strategy can give there, each with
 * the decision of the function that serves. Nothing is stored but decisions. Gives how many were looked at, and whether that
 * were all.
 */
export function combinationsOf(
  space: PolicySpace,
  route: Route,
  { isWhole = false, max }: CombinationsOptions,
  visit: (combination: Combination) => void,
): { readonly told: number; readonly isComplete: boolean } {
  const { class: priority, targets, fallback, rule } = route;
  const decisions = space.decisionsOf(route);
  const modelOf = (name: string) => space.modelOf(name);
  const isByLoad = rule?.strategy === 'least-busy' && targets.length > 1;
  const likesOf = likesBy(isWhole || isByLoad ? (state) => state : (state) => state.stances[priority].effect);
  const likes = new Map(candidatesOf(route).map((name) => [name, likesOf(space.statesOf(name, route))]));
  const { length } = candidatesOf(route);
  /** The first places that have to be known, whatever is decided before. */
  const needed = isWhole ? length : isByLoad ? targets.length : 0;
  const states: ModelState[] = [];
  const stances: Stance[] = [];
  let told = 0;

  /** Gives false when there would have been more than may be told. */
  const walk = (order: Order, counts: readonly number[], prefix: Prefix, before: number): boolean => {
    for (const { state, count } of likes.get(order[states.length]!)!) {
      states.push(state);
      stances.push(state.stances[priority]);
      const next = prefix.decision === null ? decisions.after(prefix, priority, stances) : prefix;
      const sofar = before * count;
      const isOver =
        next.decision === null || states.length < needed
          ? walk(order, counts, next, sofar)
          : tell(order, sofar * counts[states.length]!, next.decision);
      states.pop();
      stances.pop();
      if (!isOver) return false;
    }
    return true;
  };
  const tell = (order: Order, count: number, decision: Decision): boolean => {
    if (told >= max) return false;
    told++;
    if (isByLoad && !isPossible(order)) return true;
    visit({ order, states, count, decision });
    return true;
  };
  const isPossible = (order: Order): boolean =>
    isPossibleIn(order.slice(0, targets.length), targets, (name) => states[order.indexOf(name)]!.state, modelOf);

  for (const inTurn of rule === null ? [targets] : ordersOf({ ...rule, targets }, modelOf)) {
    const order = [...inTurn, ...fallback];
    // How many combinations the candidates behind so many places have.
    const counts = [1];
    for (const name of order.toReversed()) counts.unshift(counts[0]! * space.statesOf(name, route).length);
    if (!walk(order, counts, decisions.root, 1)) return { told, isComplete: false };
  }
  return { told, isComplete: true };
}

/** States of a model that make no difference, the first for all. */
interface Likes {
  readonly state: ModelState;
  readonly count: number;
}

const likesBy =
  (keyOf: (state: ModelState) => unknown) =>
  (states: readonly ModelState[]): readonly Likes[] => {
    const byKey = new Map<unknown, Likes>();
    for (const state of states) {
      const key = keyOf(state);
      const known = byKey.get(key);
      byKey.set(key, { state: known?.state ?? state, count: (known?.count ?? 0) + 1 });
    }
    return [...byKey.values()];
  };

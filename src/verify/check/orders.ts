import { retryBudget } from '../../retry/budget.ts';
import type { RoutingRule } from '../../routing/rule.ts';
import type { TargetFigures } from '../../routing/strategies/ordering.ts';
import { orderTargets } from '../../routing/strategy.ts';
import type { PolicyModel } from '../policy.ts';
import type { Route } from './routes.ts';
import type { RoutingState } from './routing-state.ts';

export type Order = readonly string[];

/**
 * The orders in which a rule's strategy can ask its targets: the one that is declared; every rotation (`round-robin`);
 * every permutation (`weighted`, and `latency`, whose averages may be any); those that some size of a request gives
 * (`cost`). Under `least-busy` every permutation too, of which `isPossibleIn` says in which states.
 */
export const ordersOf = (rule: RoutingRule, modelOf: (name: string) => PolicyModel): Iterable<Order> =>
  fewOrdersOf(rule, modelOf) ?? permutations(rule.targets);

/** null: any. */
function fewOrdersOf(
  { strategy, targets }: RoutingRule,
  modelOf: (name: string) => PolicyModel,
): readonly Order[] | null {
  switch (strategy) {
    case 'ordered':
      return [targets];
    case 'round-robin':
      return rotations(targets);
    case 'cost':
      return costOrders(targets, modelOf);
    default:
      return null;
  }
}

/**
 * Whether `least-busy` can give the order while its targets are in these states: whether each can have a load that is
 * not below that of the one before, and above it when it is declared before that one, because equals stay as declared.
 */
export function isPossibleIn(
  order: Order,
  targets: Order,
  stateOf: (name: string) => RoutingState,
  modelOf: (name: string) => PolicyModel,
): boolean {
  let least = Number.NEGATIVE_INFINITY;
  let before = -1;
  for (const name of order) {
    const { maxConcurrency: slots } = modelOf(name);
    const [from, to] = requestsIn(stateOf(name), modelOf(name));
    const declared = targets.indexOf(name);
    // With fewer, its load is below that of the one before.
    let requests = Math.max(from, Math.floor(least * slots));
    while (requests <= to && !(requests / slots > least || (requests / slots === least && declared > before)))
      requests++;
    if (requests > to) return false;
    least = requests / slots;
    before = declared;
  }
  return true;
}

/** How many wait and run there, at least and at most. */
function requestsIn(state: RoutingState, { maxConcurrency, maxQueueDepth }: PolicyModel): readonly [number, number] {
  if (state.control !== 'active') return [0, maxQueueDepth];
  // What waits is given back when a breaker opens; what runs is not.
  if (state.breaker !== 'closed' && state.breaker !== 'forced_closed') return [0, maxConcurrency];
  switch (state.queue) {
    case 'full':
      // Of what has a place, what backs off counts for no load; it is as much as the budget of retries allows.
      return [Math.max(0, maxQueueDepth - retryBudget(maxConcurrency)), maxQueueDepth];
    case 'busy':
      return [1, maxQueueDepth - 1];
    default:
      return [0, state.limit === 'none' ? maxConcurrency - 1 : maxQueueDepth - 1];
  }
}

/**
 * Which of two targets is cheaper depends on the ratio of prompt to answer alone, and changes at one ratio at most: one
 * request for each stretch between two such ratios, and one for each of them, gives every order.
 */
function costOrders(targets: Order, modelOf: (name: string) => PolicyModel): readonly Order[] {
  const figuresOf = (name: string): TargetFigures => ({ ...UNUSED, pricing: modelOf(name).pricing });
  const ratios = new Set<number>();
  for (const a of targets) {
    for (const b of targets) {
      const [one, other] = [modelOf(a).pricing, modelOf(b).pricing];
      if (one === null || other === null) continue;
      const ratio = (one.outputPerMillion - other.outputPerMillion) / (other.inputPerMillion - one.inputPerMillion);
      if (ratio > 0 && Number.isFinite(ratio)) ratios.add(ratio);
    }
  }
  const turning = [...ratios].sort((a, b) => a - b);
  const between = turning.map((ratio, index) => (ratio + (turning[index + 1] ?? ratio * 3)) / 2);
  const orders = new Map<string, Order>();
  for (const ratio of [(turning[0] ?? 2) / 2, ...turning, ...between]) {
    const { order } = orderTargets('cost', '', targets, figuresOf, sizeOf(ratio), { seed: 0, turns: {} });
    orders.set(order.join('\n'), order);
  }
  return [...orders.values()];
}

const UNUSED = { weight: 1, waiting: 0, running: 0, limit: 1, ewmaMs: null } as const;
const MOST_TOKENS = 2_000;

/** A request with that ratio of prompt to answer, as nearly as whole tokens allow. */
function sizeOf(ratio: number): { readonly promptTokens: number; readonly maxTokens: number } {
  let best = { promptTokens: 1, maxTokens: Math.max(1, Math.round(1 / ratio)) };
  const errorOf = (size: typeof best): number => Math.abs(size.promptTokens / size.maxTokens - ratio);
  for (let maxTokens = 1; maxTokens <= MOST_TOKENS; maxTokens++) {
    const size = { promptTokens: Math.max(1, Math.round(ratio * maxTokens)), maxTokens };
    if (errorOf(size) < errorOf(best)) best = size;
  }
  return best;
}

const rotations = (names: Order): readonly Order[] =>
  names.map((_, turn) => [...names.slice(turn), ...names.slice(0, turn)]);

/** One after the other: of eleven targets there are forty million. */
function* permutations(names: Order): Generator<Order> {
  if (names.length < 2) return void (yield names);
  for (const [index, name] of names.entries()) {
    for (const rest of permutations([...names.slice(0, index), ...names.slice(index + 1)])) yield [name, ...rest];
  }
}

/**
 * Of the orders in which a route's candidates can be asked, the fallbacks at their end, so many that whoever can be asked
 * first is so in one of them, and whoever can be asked last: where the targets may come in any, each turn of them.
 */
export function ordersAlong(
  { modelOf }: { readonly modelOf: (name: string) => PolicyModel },
  { rule, targets, fallback }: Route,
): readonly Order[] {
  const orders = rule === null ? [targets] : (fewOrdersOf({ ...rule, targets }, modelOf) ?? rotations(targets));
  return orders.map((order) => [...order, ...fallback]);
}

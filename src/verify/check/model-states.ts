import { type Boosts, PRIORITY_CLASSES, type PriorityClass } from '../../queue/priority.ts';
import type { ModelRun } from './model-run.ts';
import type { Reached } from './reach.ts';
import { type RoutingState, routingStateOf, viewOfState } from './routing-state.ts';
import { type RouteTerms, type Stance, stanceOf } from './stance.ts';

/** One of the states of a model that requests on equal terms can tell apart. */
export interface ModelState {
  readonly state: RoutingState;
  /** The shortest way there. */
  readonly run: ModelRun;
  readonly cost: number;
  /** How it stands to each class. */
  readonly stances: Readonly<Record<PriorityClass, Stance>>;
}

/**
 * Which states are one: those in which every request fares alike (`decisions`), or of an active model only those that look
 * alike besides, for whoever asks about the states themselves (`states`).
 */
export type Grain = 'decisions' | 'states';

/**
 * The reached states of a model, those in one that no request can tell apart: every class finds the same stance, and an
 * active model's breaker is alike. Each stands with its shortest way; the first is the one that a router begins in.
 */
export function modelStates(
  reached: readonly Reached[],
  terms: RouteTerms,
  boosts: Boosts,
  grain: Grain,
): readonly ModelState[] {
  const { timeoutMs } = terms;
  const byKey = new Map<string, ModelState>();
  for (const { run, cost } of reached) {
    const state = routingStateOf(run.view, run.now, timeoutMs);
    const view = viewOfState(state, timeoutMs, boosts);
    const stances = {} as Record<PriorityClass, Stance>;
    for (const priority of PRIORITY_CLASSES) stances[priority] = stanceOf(view, priority, terms);
    const key = JSON.stringify([
      PRIORITY_CLASSES.map((priority) => stances[priority].key),
      state.control === 'active' && BREAKERS[state.breaker],
      grain === 'states' && state.control === 'active' && looksOf(state),
    ]);
    const known = byKey.get(key);
    if (known === undefined || cost < known.cost) byKey.set(key, { state, run, cost, stances });
  }
  return [...byKey.values()].sort((a, b) => a.cost - b.cost);
}

const looksOf = ({ hasFreeProbe, queue, displacedBy, recovery, limit }: RoutingState) => [
  hasFreeProbe,
  queue,
  displacedBy,
  recovery,
  limit,
];

/** A breaker that was forced is, to a request, like one that came there by itself. */
const BREAKERS = {
  closed: 'closed',
  forced_closed: 'closed',
  open: 'open',
  forced_open: 'open',
  half_open: 'half_open',
} as const;

import type { BreakerState } from '../../breaker/state.ts';
import { type Boosts, PRIORITY_CLASSES, type PriorityClass } from '../../queue/priority.ts';
import { enqueue, isServedBefore, NONE_WAITING, tail, victim } from '../../queue/waiting.ts';
import type { ModelView } from '../../routing/model-view.ts';
import type { Slip } from '../../routing/slip.ts';
import { newcomer } from './newcomer.ts';

/** Whether something ends before the deadline of a request that comes now. */
export type Ending = 'none' | 'in_time' | 'late';

/** What routing can tell of one model, as seen by requests that come now and have so much time. */
export interface RoutingState {
  readonly control: 'active' | 'paused' | 'draining';
  readonly breaker: BreakerState;
  /** Half-open: a permit and a slot are left for a probe. */
  readonly hasFreeProbe: boolean;
  /** `free`: it starts at once; `busy`: it waits; `full`: no place; `blocked`: nobody is let in, whatever room there is. */
  readonly queue: 'free' | 'busy' | 'full' | 'blocked';
  /** A request that gets a place starts at once; of a full one too, when what has its places backs off. */
  readonly hasFreeSlot: boolean;
  /** `full`: the one that waits or backs off and would be served last. */
  readonly last: { readonly class: PriorityClass; readonly waitedMs: number } | null;
  /** Which classes take that one's place. */
  readonly displacedBy: readonly PriorityClass[];
  /** When an open breaker turns half-open. */
  readonly recovery: Ending;
  /** When the provider's rate limit is over. */
  readonly limit: Ending;
}

/** What a model's figures come to. */
export function routingStateOf(view: ModelView, now: number, timeoutMs: number): RoutingState {
  const endsOf = (until: number): Ending => (until - now < timeoutMs ? 'in_time' : 'late');
  const queue = queueOf(view);
  const last = queue === 'full' ? lastIn(view) : null;
  return {
    control: view.control === 'drained' ? 'draining' : view.control,
    breaker: view.breaker,
    hasFreeProbe: view.breaker === 'half_open' && view.hasFreeProbe,
    queue,
    hasFreeSlot: queue !== 'blocked' && (view.hasFreeSlot || view.breaker === 'half_open'),
    last: last && { class: last.class, waitedMs: now - last.arrival },
    displacedBy: queue === 'full' ? displacersOf(view, now) : [],
    recovery: view.breaker === 'open' ? endsOf(view.openUntil) : 'none',
    limit: view.limitedUntil === null ? 'none' : endsOf(view.limitedUntil),
  };
}

function queueOf(view: ModelView): RoutingState['queue'] {
  const isHalfOpen = view.breaker === 'half_open';
  const isOpen = view.breaker === 'open' || view.breaker === 'forced_open';
  if (view.control !== 'active' || isOpen || (isHalfOpen && !view.hasFreeProbe)) return 'blocked';
  if (isHalfOpen) return 'free';
  if (view.isFull) return 'full';
  return view.hasFreeSlot ? 'free' : 'busy';
}

function lastIn({ waiting, backingOff, boosts }: ModelView): Slip | null {
  const [one, other] = [tail(waiting, boosts), tail(backingOff, boosts)];
  if (one === null || other === null) return one ?? other;
  return isServedBefore(one, other, boosts) ? other : one;
}

const displacersOf = ({ waiting, backingOff, boosts }: ModelView, now: number): PriorityClass[] =>
  PRIORITY_CLASSES.filter((priority) => {
    const request = newcomer({ class: priority, arrival: now, timeoutMs: 0, candidates: [] });
    return victim(waiting, request, boosts, backingOff) !== null;
  });

/** Figures at time 0 that come to that state: what selection is asked with. */
export function viewOfState(state: RoutingState, timeoutMs: number, boosts: Boosts): ModelView {
  const untilOf = (ending: Ending): number => (ending === 'late' ? timeoutMs : timeoutMs / 2);
  const { last } = state;
  const waiting =
    last === null
      ? NONE_WAITING
      : enqueue(
          NONE_WAITING,
          newcomer({ class: last.class, arrival: -last.waitedMs, timeoutMs, candidates: [], id: 'last', seq: 0 }),
        );
  return {
    control: state.control,
    breaker: state.breaker,
    openUntil: state.breaker === 'forced_open' ? Number.POSITIVE_INFINITY : untilOf(state.recovery),
    hasFreeProbe: state.hasFreeProbe,
    probeDueAt: null,
    limitedUntil: state.limit === 'none' ? null : untilOf(state.limit),
    isFull: state.queue === 'full',
    hasFreeSlot: state.hasFreeSlot,
    runningLimit: 1,
    calls: [],
    medianMs: null,
    waiting,
    backingOff: NONE_WAITING,
    boosts,
    contextWindow: null,
    since: Number.NEGATIVE_INFINITY,
  };
}

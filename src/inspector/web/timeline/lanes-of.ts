import type { CacheState } from '../../../../machines/cache/events.ts';
import type { BreakerState } from '../../../breaker/state.ts';
import type { ControlState } from '../../../routing/model-view.ts';
import type { Mark, Sample } from '../../protocol.ts';
import { modelId } from '../ids.ts';
import type { View } from '../view.ts';
import type { Lane } from './bands.ts';

const NO_SAMPLES: readonly Sample[] = [];
const NO_MARKS: readonly Mark[] = [];

/** What is the case now; of the cache, its state alone. */
export type Present =
  | { readonly cache: CacheState }
  | {
      readonly breaker: BreakerState;
      readonly control: ControlState;
      readonly isLimited: boolean;
      readonly maxDepth: number;
    };

export interface NamedLane extends Lane {
  /** The actor's id. */
  readonly id: string;
  readonly name: string;
  readonly present: Present;
}

/** The marks of each lane, by the actor's id. */
export function marksByLane(marks: readonly Mark[]): ReadonlyMap<string, readonly Mark[]> {
  const byLane = new Map<string, Mark[]>();
  for (const mark of marks) {
    const lane = mark.model === null ? 'cache' : modelId(mark.model);
    const known = byLane.get(lane);
    if (known === undefined) byLane.set(lane, [mark]);
    else known.push(mark);
  }
  return byLane;
}

/** From when on no mark is missing: older ones than the page keeps may be gone. */
const knownSince = ({ marks, since }: View): number => {
  const [first] = marks;
  return first === undefined || first.n === 1 ? since : first.at;
};

/** A lane for each model, and one for the cache where there is one. */
export function lanesOf(view: View, byLane: ReadonlyMap<string, readonly Mark[]>): NamedLane[] {
  const since = knownSince(view);
  const lanes: NamedLane[] = Object.entries(view.models).map(([name, figures]) => ({
    id: modelId(name),
    name,
    since,
    marks: byLane.get(modelId(name)) ?? NO_MARKS,
    samples: view.samples[name] ?? NO_SAMPLES,
    present: {
      breaker: figures.breaker.state,
      control: figures.control,
      isLimited: figures.limitedUntil !== null,
      maxDepth: figures.maxQueueDepth,
    },
  }));
  const cache = view.router?.cache;
  if (cache != null) {
    const marks = byLane.get('cache') ?? NO_MARKS;
    lanes.push({ id: 'cache', name: 'cache', since, marks, samples: NO_SAMPLES, present: { cache: cache.state } });
  }
  return lanes;
}

/** What is the case in a lane, in a word, and which state that is. */
export interface StateWord {
  readonly state: string;
  readonly word: string;
}

export function presentWord(present: Present): StateWord {
  if ('cache' in present) return { state: present.cache, word: present.cache };
  if (present.control !== 'active') return { state: present.control, word: present.control };
  if (present.isLimited) return { state: 'limited', word: 'rate limited' };
  return { state: present.breaker, word: present.breaker };
}

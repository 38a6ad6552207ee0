import { type Band, breakerBands, cacheBands, controlBands, limitBands } from './bands.ts';
import { type NamedLane, presentWord, type StateWord } from './lanes-of.ts';

/** What was the case in a lane at a time; null: nothing is known of it then. */
export function wordAt(lane: Omit<NamedLane, 'id' | 'name'>, at: number): StateWord | null {
  const { present } = lane;
  if ('cache' in present) {
    const cache = valueAt(cacheBands(lane, present.cache), at);
    return cache === null ? null : presentWord({ cache });
  }
  const breaker = valueAt(breakerBands(lane, present.breaker), at);
  const control = valueAt(controlBands(lane, present.control), at);
  if (breaker === null || control === null) return null;
  const isLimited = valueAt(limitBands(lane, present.isLimited), at) ?? false;
  return presentWord({ ...present, breaker, control, isLimited });
}

const valueAt = <Value>(bands: readonly Band<Value>[], at: number): Value | null =>
  bands.find(({ from, to }) => from <= at && at < to)?.value ?? null;

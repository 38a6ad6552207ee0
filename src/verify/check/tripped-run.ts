import type { BreakerOptions } from '../../breaker/options.ts';
import type { PolicySpace } from './policy-space.ts';
import type { Reached } from './reach.ts';

/** The shortest way to a model whose breaker has opened by itself; null: it never does, or is half-open at once. */
export function trippedRun(space: PolicySpace, model: string): Reached | null {
  if (space.modelOf(model).breaker?.recoveryTimeoutMs === 0) return null;
  const tripped = space.reachedOf(model).find(({ run: { view } }) => {
    return view.breaker === 'open' && view.control === 'active' && view.limitedUntil === null;
  });
  return tripped ?? null;
}

/** How long a breaker may stay open when it opens by itself, by so many openings before. */
export const longestOpenMs = ({ recoveryTimeoutMs, maxOpenMs, openJitter }: BreakerOptions, earlier = 0): number =>
  Math.min(recoveryTimeoutMs * 2 ** earlier, maxOpenMs) * (1 + openJitter);

/** The shortest way to a model that is out: tripped, or paused where it has no breaker that trips. */
export const outRun = (space: PolicySpace, model: string): Reached | null =>
  trippedRun(space, model) ?? space.reachedOf(model).find(({ run: { view } }) => view.control === 'paused') ?? null;

/** The shortest way to a model that takes nothing more of any class. */
export const fullRun = (space: PolicySpace, model: string): Reached | null =>
  space.reachedOf(model).find(({ run: { view } }) => {
    const lets = view.breaker === 'closed' || view.breaker === 'forced_closed';
    const isWell = view.control === 'active' && lets && view.limitedUntil === null;
    const isFirm = (view.waiting.low ?? view.waiting.normal ?? view.waiting.high) === null;
    return isWell && view.isFull && isFirm && !view.hasFreeSlot;
  }) ?? null;

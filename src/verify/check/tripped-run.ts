import type { PolicyModel } from '../policy.ts';
import type { PolicySpace } from './policy-space.ts';
import type { Reached } from './reach.ts';

/** The shortest way to a model whose breaker has opened by itself; null: it never does. */
export const trippedRun = (space: PolicySpace, model: string): Reached | null =>
  space.reachedOf(model).find(({ run: { view } }) => {
    return view.breaker === 'open' && view.control === 'active' && view.limitedUntil === null;
  }) ?? null;

/** How long its breaker may stay open the first time. @param model with one that trips */
export const longestOpenMs = ({ breaker }: PolicyModel): number =>
  breaker!.recoveryTimeoutMs * (1 + breaker!.openJitter);

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

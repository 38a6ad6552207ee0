import type { PolicySpace } from './policy-space.ts';
import type { Reached } from './reach.ts';

/** The shortest way to a model whose breaker has opened by itself; null: it never does. */
export const trippedRun = (space: PolicySpace, model: string): Reached | null =>
  space.reachedOf(model).find(({ run: { view } }) => {
    return view.breaker === 'open' && view.control === 'active' && view.limitedUntil === null;
  }) ?? null;

/** The shortest way to a model that takes nothing more of any class. */
export const fullRun = (space: PolicySpace, model: string): Reached | null =>
  space.reachedOf(model).find(({ run: { view } }) => {
    const isWell = view.control === 'active' && view.breaker === 'closed' && view.limitedUntil === null;
    return isWell && view.isFull && (view.waiting.low ?? view.waiting.normal ?? view.waiting.high) === null;
  }) ?? null;

import type { Slip, SlipKey } from '../routing/slip.ts';
import { countBefore, find, first, insert, last, type OrderedTree, remove, toArray } from './ordered-tree.ts';
import { type Boosts, isLowerClass, PRIORITY_CLASSES, type PriorityClass } from './priority.ts';

/** The requests that wait at one model: a tree per class, each in order of arrival. */
export type Waiting = Readonly<Record<PriorityClass, OrderedTree<Slip> | null>>;

export const NONE_WAITING: Waiting = { critical: null, high: null, normal: null, low: null };

export const enqueue = (waiting: Waiting, slip: Slip): Waiting =>
  replace(waiting, slip.class, insert(waiting[slip.class], slip.arrival, slip.seq, slip));

export const dequeue = (waiting: Waiting, key: SlipKey): Waiting =>
  replace(waiting, key.class, remove(waiting[key.class], key.arrival, key.seq));

export const findWaiting = (waiting: Waiting, key: SlipKey): Slip | null =>
  find(waiting[key.class], key.arrival, key.seq);

/**
 * Whether `a` is served before `b`: by arrival minus the boost of its class, then by arrival, then by order of
 * acceptance. The key never changes, so ageing needs no re-sorting and nobody is overtaken by a request that arrives
 * later than the difference of the boosts.
 */
export function isServedBefore(a: SlipKey, b: SlipKey, boosts: Boosts): boolean {
  const byKey = a.arrival - boosts[a.class] - (b.arrival - boosts[b.class]);
  if (byKey !== 0) return byKey < 0;
  return a.arrival === b.arrival ? a.seq < b.seq : a.arrival < b.arrival;
}

/** How many of those that wait are served before a newcomer. */
export function countAhead(waiting: Waiting, newcomer: SlipKey, boosts: Boosts): number {
  let count = 0;
  for (const priority of PRIORITY_CLASSES) {
    if (waiting[priority] === null) continue;
    // In this class, who arrived then has the newcomer's order key.
    const arrival = newcomer.arrival - boosts[newcomer.class] + boosts[priority];
    const tie = arrival - newcomer.arrival;
    const seq = tie === 0 ? newcomer.seq : tie < 0 ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
    count += countBefore(waiting[priority], arrival, seq);
  }
  return count;
}

/** The request that is served next. */
export function head(waiting: Waiting, boosts: Boosts): Slip | null {
  let best: Slip | null = null;
  for (const priority of PRIORITY_CLASSES) {
    const candidate = first(waiting[priority]);
    if (candidate !== null && (best === null || isServedBefore(candidate, best, boosts))) best = candidate;
  }
  return best;
}

/** The request that would be served last. */
export function tail(waiting: Waiting, boosts: Boosts): Slip | null {
  let worst: Slip | null = null;
  for (const priority of PRIORITY_CLASSES) {
    const candidate = last(waiting[priority]);
    if (candidate !== null && (worst === null || isServedBefore(worst, candidate, boosts))) worst = candidate;
  }
  return worst;
}

/**
 * Who gives way to a newcomer at a full model: whoever would be served last, be it waiting or backing off, when its
 * class is lower than the newcomer's and it would be served after the newcomer. What has aged past the newcomer stays.
 */
export function victim(
  waiting: Waiting,
  newcomer: SlipKey,
  boosts: Boosts,
  backingOff: Waiting = NONE_WAITING,
): Slip | null {
  const candidate = later(tail(waiting, boosts), tail(backingOff, boosts), boosts);
  if (candidate === null || !isLowerClass(candidate.class, newcomer.class)) return null;
  return isServedBefore(newcomer, candidate, boosts) ? candidate : null;
}

function later(a: Slip | null, b: Slip | null, boosts: Boosts): Slip | null {
  if (a === null || b === null) return a ?? b;
  return isServedBefore(a, b, boosts) ? b : a;
}

/** All that wait, in the order in which they would be served; `others` among them. */
export const inServingOrder = (waiting: Waiting, boosts: Boosts, others: Waiting = NONE_WAITING): Slip[] =>
  PRIORITY_CLASSES.flatMap((priority) => [...toArray(waiting[priority]), ...toArray(others[priority])]).sort((a, b) =>
    isServedBefore(a, b, boosts) ? -1 : 1,
  );

// Spelled out, because a computed key in a spread costs several times as much on the path of every queued request.
function replace(waiting: Waiting, priority: PriorityClass, tree: OrderedTree<Slip> | null): Waiting {
  return {
    critical: priority === 'critical' ? tree : waiting.critical,
    high: priority === 'high' ? tree : waiting.high,
    normal: priority === 'normal' ? tree : waiting.normal,
    low: priority === 'low' ? tree : waiting.low,
  };
}

import type { Boosts } from '../../queue/priority.ts';
import { inServingOrder, type Waiting } from '../../queue/waiting.ts';
import type { Slip } from '../../routing/slip.ts';

const orders = new WeakMap<Waiting, readonly Slip[]>();

/** In the order of service; worked out once for each queue that there ever was. */
export function inOrder(waiting: Waiting, boosts: Boosts): readonly Slip[] {
  let order = orders.get(waiting);
  if (order === undefined) {
    order = inServingOrder(waiting, boosts);
    orders.set(waiting, order);
  }
  return order;
}

import { type Explanation, explain } from '../../src/routing/explain.ts';
import type { Slip } from '../../src/routing/slip.ts';
import type { RouterContext } from './events.ts';
import { hasParking, parkedVictimOf } from './lookup.ts';
import { orderOf, snapshotView } from './outcome.ts';

/** What the router would do with a request that it accepted now. */
export function explainNow(context: RouterContext, slip: Slip): Explanation {
  const at = slip.arrival;
  const ordered = slip.unordered === null ? slip : orderOf(context, slip, at).slip;
  const canPark = (newcomer: Slip): boolean => hasParking(context) || parkedVictimOf(context, newcomer) !== null;
  return explain(ordered, (name) => snapshotView(context, name), at, canPark);
}

import { ascending } from './ascending.ts';
import type { Ordering, TargetFigures } from './ordering.ts';

/**
 * The least loaded first. Load is what waits and runs over what may run at once, so that a target with twice the
 * concurrency takes twice the requests. (nginx's `least_conn`, the concurrency for its weight; over all targets and not
 * over a sample as Envoy's least request, since a rule has few.)
 */
export const leastBusy: Ordering = (targets, { memory }) => ({ order: ascending(targets, loadOf), memory });

const loadOf = ({ waiting, running, limit }: TargetFigures): number => (waiting + running) / limit;

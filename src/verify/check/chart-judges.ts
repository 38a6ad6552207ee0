import type { ModelReportEvent, SlotCommand } from '../../../machines/events.ts';
import type { ModelContext } from '../../../machines/model/context.ts';
import type { modelMachine } from '../../../machines/model/model.machine.ts';
import { isCurrent } from '../../breaker/permit.ts';
import type { Slip } from '../../routing/slip.ts';
import type { Step } from './explore.ts';
import { inOrder } from './in-order.ts';

// What a step of a chart can do wrong.

type Machine = typeof modelMachine;

/** A request that is held and not reported once it is gone, one that is reported twice, or one that nothing will move. */
export function loses({ before, event, after, effects }: Step<Machine>): boolean {
  const had = idsIn(before.context);
  if (event.type === 'request') had.push(event.slip.id);
  const has = idsIn(after.context);
  for (const { event: sent } of effects.sent) if (settles(sent as Sent)) has.push((sent as Settling).slip.id);
  if (had.length !== has.length || !had.every((id) => has.includes(id))) return true;
  const { context, value } = after;
  const isHeld = value.control === 'paused' || context.rateLimit.until !== null;
  const { waitingCount, running, lingering } = context.load;
  return waitingCount > 0 && running + lingering === 0 && !isHeld;
}

type Sent = ModelReportEvent | SlotCommand;
type Settling = Extract<ModelReportEvent, { readonly slip: Slip }>;

const settles = (sent: Sent): boolean =>
  sent.type.startsWith('model.') && 'slip' in sent && sent.type !== 'model.started' && sent.type !== 'model.retrying';

function idsIn({ load, limits: { boosts } }: ModelContext): string[] {
  const ids: string[] = [];
  for (const call of load.calls) if (call !== null) ids.push(call.slip.id);
  for (const waiting of [load.waiting, load.retries.backingOff]) {
    for (const { id } of inOrder(waiting, boosts)) ids.push(id);
  }
  return ids;
}

/** What the chart has written down and told nobody: a call that nobody makes, or a time that nobody waits for. */
export function forgets({ before, event, after, effects }: Step<Machine>): boolean {
  const sent = effects.sent.map((one) => one.event as Sent);
  const starts = new Set(sent.flatMap((one) => (one.type === 'call.start' ? [one.slip.id] : [])));
  const retries = new Set(sent.flatMap((one) => (one.type === 'model.retrying' ? [one.slip.id] : [])));
  const [from, to] = [before.context, after.context];
  const held = (slip: Slip, { load }: ModelContext): boolean => load.calls.some((call) => call?.slip.id === slip.id);
  const backsOff = ({ id }: Slip, { load, limits }: ModelContext): boolean =>
    inOrder(load.retries.backingOff, limits.boosts).some((slip) => slip.id === id);
  const isUnmade = to.load.calls.some((call) => call !== null && !held(call.slip, from) && !starts.has(call.slip.id));
  const isUntimed = inOrder(to.load.retries.backingOff, to.limits.boosts).some(
    (slip) => !backsOff(slip, from) && !retries.has(slip.id),
  );
  const until = to.rateLimit.until;
  const isUnended =
    until !== null && until !== from.rateLimit.until && !sent.some(({ type }) => type === 'model.limited');
  const isOverdue = event.type === 'limit.ended' && until !== null && until <= event.at;
  const isRipe =
    event.type === 'retry.due' &&
    inOrder(to.load.retries.backingOff, to.limits.boosts).some(({ id }) => id === event.id);
  return isUnmade || isUntimed || isUnended || isOverdue || isRipe;
}

/** More permits are out than calls hold one. */
export function strands({ after: { value, context } }: Step<Machine>): boolean {
  if (value.breaker !== 'half_open') return false;
  const { breaker, load } = context;
  const inFlight = load.calls.filter((call) => call?.permit.probe && isCurrent(call.permit, breaker.generation));
  return breaker.probes > inFlight.length;
}

/** A request starts before one that waits and came so much earlier that the boosts do not allow it. */
export function overtakes({ before, after }: Step<Machine>): boolean {
  const { boosts } = after.context.limits;
  // What backs off is not passed over: it is not its turn yet.
  const waits = inOrder(after.context.load.waiting, boosts);
  if (waits.length === 0) return false;
  const waited = inOrder(before.context.load.waiting, boosts);
  return after.context.load.calls.some(
    (call) =>
      call !== null &&
      waited.some(({ id }) => id === call.slip.id) &&
      waits.some(({ class: priority, arrival }) => {
        const bound = Math.max(0, boosts[call.slip.class] - boosts[priority]);
        return call.slip.arrival - arrival > bound;
      }),
  );
}

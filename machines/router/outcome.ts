import { moveOn, passOver, type Selection, select } from '../../src/routing/select.ts';
import type { Slip } from '../../src/routing/slip.ts';
import type { ModelReportEvent, RequestEvent } from '../events.ts';
import { viewOf } from '../model/view.ts';
import type { Settlement } from '../settlement.ts';
import type { RouterContext, RouterEvent } from './events.ts';

// What becomes of a request that enters, or that its model reports: where it goes next, or how it ends.

export type Report = Extract<ModelReportEvent, { slip: Slip }>;

export interface Args {
  readonly context: RouterContext;
  readonly event: RouterEvent;
}

export const asReport = (event: RouterEvent): Report => event as Report;

/** What the guard of the present step has selected: its target and its message need the same again. */
let latest: { readonly context: RouterContext; readonly event: RouterEvent; readonly selection: Selection } | null =
  null;

/** Selects where a request goes that enters, or that its model has given back. */
export function selectNext({ context, event }: Args): Selection {
  const { at } = event as RequestEvent;
  const selection = select(slipBehind(event), (name) => snapshotView(context, name), at);
  latest = { context, event, selection };
  return selection;
}

/** What `selectNext` has selected in this step. */
export const nextStop = (args: Args): Selection =>
  latest?.event === args.event && latest.context === args.context ? latest.selection : selectNext(args);

function snapshotView(context: RouterContext, name: string) {
  const ref = context.models[name];
  return ref === undefined ? undefined : viewOf(ref.getSnapshot());
}

/** The request's slip with the cursor behind the model that reports. */
function slipBehind(event: RouterEvent): Slip {
  if (event.type === 'request') return event.slip;
  const report = asReport(event);
  if (report.type !== 'model.returned') return moveOn(report.slip);
  const { slip, model, reason, at, retryAfterMs } = report;
  return passOver(slip, {
    model,
    reason,
    waitedMs: at - slip.enteredAt,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });
}

/** How a request ends whose candidates have all been asked. */
export function settlement(args: Args): Settlement {
  const facts = conclusion(args);
  if (args.event.type !== 'request' && facts.verdict !== 'unserved') return facts;
  if (facts.slip!.deadline <= facts.at) return { ...facts, verdict: 'deadline' };
  return { ...facts, verdict: 'unserved', slip: nextStop(args).slip };
}

/** How a request ends that is not moved on. */
export function conclusion({ event }: Args): Settlement {
  if (event.type === 'request.cancelled') {
    const { type: _, at, reason, ...key } = event;
    return { key, slip: null, at, verdict: reason };
  }
  if (event.type === 'request') return { key: event.slip, slip: event.slip, at: event.at, verdict: 'stopped' };
  const report = asReport(event);
  return {
    key: report.slip,
    slip: report.type === 'model.succeeded' ? report.slip : slipBehind(event),
    at: report.at,
    model: report.model,
    verdict: verdictOf(report),
    ...('retryAfterMs' in report && { retryAfterMs: report.retryAfterMs }),
  };
}

function verdictOf(report: Report): Settlement['verdict'] {
  switch (report.type) {
    case 'model.succeeded':
      return 'served';
    case 'model.ignored':
      return report.interrupts ? 'interrupted' : 'rejected';
    case 'model.cancelled':
      if (report.reason === 'removed') return report.interrupts ? 'interrupted' : 'unserved';
      return report.reason === 'router_stopped' ? 'stopped' : report.reason;
    case 'model.returned':
      if (report.reason === 'deadline') return 'deadline';
      return report.reason === 'router_stopped' ? 'stopped' : 'unserved';
    default:
      return 'interrupts' in report && report.interrupts ? 'interrupted' : 'unserved';
  }
}

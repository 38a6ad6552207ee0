import type { RequestDetail } from '../../protocol.ts';
import { duration, ordinal, words } from '../format.ts';
import { cacheTalk } from './cache-talk.ts';
import { type Call, callsOf, endOf, ROUNDING_MS } from './calls.ts';
import { type Parking, parkingOf } from './parking.ts';
import { type LastCall, refusalsOf } from './refusals.ts';
import {
  CALLER,
  type Column,
  newSequenceDrawing,
  ROUTER,
  type SequenceDrawing,
  type Span,
  type Step,
} from './sequence-drawing.ts';

/** A request's way over the actors. */
export interface Sequence {
  readonly columns: readonly Column[];
  /** In their order, as far as it is known. */
  readonly steps: readonly Step[];
  readonly spans: readonly Span[];
}

/** Draws the way of a request from its calls and its trace, and nothing that they do not tell. */
export function sequenceOf(detail: RequestDetail): Sequence {
  const { row, trace } = detail;
  const drawing = newSequenceDrawing(trace.totalMs);
  const { add } = drawing;
  add(0, CALLER, ROUTER, `accepted with priority ${row.priority}`);
  const isLookedUp = drawCache(drawing, detail);

  const calls = callsOf(detail);
  const parking = parkingOf(trace, calls, row.code);
  const refusals = refusalsOf(drawing, detail, calls);
  let last = null as LastCall | null;
  for (const [index, call] of calls.entries()) {
    if (parking?.before === index) drawParking(drawing, parking);
    // Of a request that was parked, only the last pass over the candidates is told.
    else if (parking === null) refusals.before(call, isLookedUp && last === null ? null : call.queuedAt, last);
    if (last?.call.model === call.model && parking?.before !== index) drawBackOff(drawing, call, last.call, parking);
    last = { call, end: drawCall(drawing, call, last?.call) };
  }
  const isParkedLast = parking?.before === calls.length;
  if (isParkedLast && !parking.isLast) drawParking(drawing, parking);
  refusals.rest(parking !== null || (isLookedUp && last === null) ? null : trace.totalMs, last);
  if (isParkedLast && parking.isLast) drawParking(drawing, parking);

  if (row.code === 'cancelled') add(trace.totalMs, CALLER, ROUTER, 'cancelled by the caller');
  else if (row.served) add(trace.totalMs, ROUTER, CALLER, `answered after ${duration(trace.totalMs)}`, 'good');
  else add(trace.totalMs, ROUTER, CALLER, `failed: ${words(row.code ?? 'no code')}`, 'bad');
  return drawing;
}

/** Whether it was looked up, so that nobody knows when the models had their turn. */
function drawCache({ add, columnOf }: SequenceDrawing, { trace, row }: RequestDetail): boolean {
  const talk = cacheTalk(trace.cache, row.served);
  if (talk === null) return false;
  const column = columnOf('cache', 'cache');
  add(0, ROUTER, column, 'looked up');
  if (talk.reply !== null) add(talk.settles ? trace.totalMs : null, column, ROUTER, talk.reply, talk.tone);
  return true;
}

function drawParking({ add, span }: SequenceDrawing, { count, ms, from, to, isLast }: Parking): void {
  const often = count === 1 ? '' : ` ${count} times`;
  const inAll = count === 1 ? '' : ' in all';
  const start = add(from, ROUTER, ROUTER, `parked${often} until a candidate comes back`, 'waiting');
  const end = add(to, ROUTER, ROUTER, `${isLast ? 'still parked' : 'woken'} after ${duration(ms)}${inAll}`, 'waiting');
  span(ROUTER, 'parked', start, end);
}

/** The time between two calls of one model, as far as it was not in the queue. */
function drawBackOff(
  { add, columnOf, span, steps }: SequenceDrawing,
  call: Call,
  before: Call,
  parking: Parking | null,
): void {
  const ms = call.queuedAt - before.endedAt;
  if (ms < ROUNDING_MS) return;
  const column = columnOf('model', call.model);
  // Where it is not known when it was parked, it may have been just then.
  const isCertain = parking === null || (parking.count === 1 && ms < parking.ms - ROUNDING_MS);
  const text = isCertain ? `backs off for ${duration(ms)}` : `waits for ${duration(ms)}, backing off or parked`;
  const start = add(before.endedAt, column, column, text, 'waiting');
  // What comes next ends it.
  span(column, 'waiting', start, steps.length);
}

/** Gives the step that is its end. */
function drawCall({ add, columnOf, span }: SequenceDrawing, call: Call, before: Call | undefined): number {
  const column = columnOf('model', call.model);
  const isAgain = before?.model === call.model;
  let begun: number;
  if (call.at < -ROUNDING_MS) {
    begun = add(null, ROUTER, column, `joined a call that had begun ${duration(-call.at)} before`);
  } else if (call.waitedMs >= ROUNDING_MS) {
    const verb = isAgain ? 'waits in its queue again' : 'waits in its queue';
    const text = before === undefined || isAgain ? verb : `falls back to it and ${verb}`;
    const queued = add(call.queuedAt, ROUTER, column, text, 'waiting');
    const called = isAgain ? `called for the ${ordinal(call.number)} time` : 'called';
    begun = add(call.at, column, column, `${called} after ${duration(call.waitedMs)} in the queue`);
    span(column, 'waiting', queued, begun);
  } else begun = add(call.at, ROUTER, column, verbOf(call, before));
  if (call.firstTokenMs !== undefined) {
    add(call.at + call.firstTokenMs, column, CALLER, `first content after ${duration(call.firstTokenMs)}`, 'good');
  }
  const { text, tone } = endOf(call);
  const end = add(call.endedAt, column, ROUTER, text, tone);
  span(column, 'calling', begun, end);
  return end;
}

function verbOf({ model, number }: Call, before: Call | undefined): string {
  if (before === undefined) return 'called';
  return before.model === model ? `called for the ${ordinal(number)} time` : 'called as the next candidate';
}

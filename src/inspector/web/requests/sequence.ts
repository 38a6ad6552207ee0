import type { RequestDetail } from '../../protocol.ts';
import { duration, ordinal, words } from '../format.ts';
import { cacheTalk } from './cache-talk.ts';
import { type Call, callsOf, endOf, queueWaitOf, ROUNDING_MS } from './calls.ts';
import { reasonWords, toneOf } from './candidate-words.ts';
import { CALLER, type Column, type Drawing, newDrawing, ROUTER, type Span, type Step } from './drawing.ts';
import { type Parking, parkingOf } from './parking.ts';

/** A request's way over the actors. */
export interface Sequence {
  readonly columns: readonly Column[];
  /** In their order, as far as it is known. */
  readonly steps: readonly Step[];
  readonly spans: readonly Span[];
}

/** Draws the way of a request from its trace, and nothing that the trace does not tell. */
export function sequenceOf(detail: RequestDetail): Sequence {
  const { row, trace, acceptedAt } = detail;
  const drawing = newDrawing(trace.totalMs);
  const { add } = drawing;
  add(0, CALLER, ROUTER, `accepted with priority ${row.priority}`);
  const isLookedUp = drawCache(drawing, detail);

  const calls = callsOf(trace, acceptedAt);
  const parking = parkingOf(trace, calls, row.code);
  const skips = skipsOf(drawing, trace.candidates, calls);
  // Where the request is handed on at a known moment, what the next candidate said has that time too.
  let now = isLookedUp || parking !== null ? null : 0;
  for (const [index, call] of calls.entries()) {
    if (parking?.before === index) drawParking(drawing, parking);
    // Of a request that was parked, only the last pass over the candidates is told.
    if (parking === null) skips.before(call, now);
    now = drawCall(drawing, call, calls[index - 1]);
    if (parking !== null) now = null;
  }
  const isParkedLast = parking?.before === calls.length;
  if (isParkedLast && !parking.isLast) drawParking(drawing, parking);
  skips.rest(now);
  if (isParkedLast && parking.isLast) drawParking(drawing, parking);

  if (row.code === 'cancelled') add(trace.totalMs, CALLER, ROUTER, 'called off by the caller');
  else if (row.served) add(trace.totalMs, ROUTER, CALLER, `answered after ${duration(trace.totalMs)}`, 'good');
  else add(trace.totalMs, ROUTER, CALLER, `failed: ${words(row.code ?? 'no code')}`, 'bad');
  return drawing;
}

/** Whether it was looked up, so that nobody knows when the models had their turn. */
function drawCache({ add, columnOf }: Drawing, { trace, row }: RequestDetail): boolean {
  const talk = cacheTalk(trace.cache, row.served);
  if (talk === null) return false;
  const column = columnOf('cache', 'cache');
  add(0, ROUTER, column, 'looked up');
  if (talk.reply !== null) add(talk.settles ? trace.totalMs : null, column, ROUTER, talk.reply, talk.tone);
  return true;
}

function drawParking({ add, span }: Drawing, { count, ms, from, to, isLast }: Parking): void {
  const often = count === 1 ? '' : ` ${count} times`;
  const inAll = count === 1 ? '' : ' in all';
  const start = add(from, ROUTER, ROUTER, `parked${often} until a candidate comes back`, 'waiting');
  const end = add(to, ROUTER, ROUTER, `${isLast ? 'still parked' : 'woken'} after ${duration(ms)}${inAll}`, 'waiting');
  span(ROUTER, 'parked', start, end);
}

/** When the request was free to move on; null: that is not known. */
function drawCall({ add, columnOf, span }: Drawing, call: Call, before: Call | undefined): number | null {
  const column = columnOf('model', call.model);
  const wait = queueWaitOf(call, before);
  let begun: number;
  if (call.at < -ROUNDING_MS) {
    begun = add(null, ROUTER, column, `joined a call that had begun ${duration(-call.at)} before`);
  } else if (wait.ms > 0 && wait.isCertain) {
    const verb = before === undefined ? 'waits in its queue' : 'falls back to it and waits in its queue';
    const queued = add(call.at - wait.ms, ROUTER, column, verb, 'waiting');
    begun = add(call.at, column, column, `called after ${duration(wait.ms)} in the queue`);
    span(column, 'waiting', queued, begun);
  } else {
    const waited = wait.ms > 0 && call.number === 1 ? `, and waited ${duration(wait.ms)} in its queue in all` : '';
    begun = add(call.at, ROUTER, column, `${verbOf(call, before)}${waited}`);
  }
  if (call.firstTokenMs !== undefined) {
    add(call.at + call.firstTokenMs, column, CALLER, `first content after ${duration(call.firstTokenMs)}`, 'good');
  }
  const end = endOf(call);
  span(column, 'calling', begun, add(call.at + call.ms, column, ROUTER, end.text, end.tone));
  return wait.ms === 0 ? call.at + call.ms : null;
}

function verbOf({ model, number }: Call, before: Call | undefined): string {
  if (before === undefined) return 'called';
  return before.model === model ? `called for the ${ordinal(number)} time` : 'called as the next candidate';
}

/** Draws what candidates said that did not take the request, or gave it back. */
function skipsOf(
  { add, columnOf, span }: Drawing,
  candidates: RequestDetail['trace']['candidates'],
  calls: readonly Call[],
) {
  let next = 0;
  const draw = (end: number, now: number | null): void => {
    for (; next < end; next++) {
      const { model, reason, attempts, waitedMs, retryAfterMs, predictedWaitMs } = candidates[next]!;
      if (reason === undefined) continue;
      const column = columnOf('model', model);
      const why = reasonWords(reason, { retryAfterMs, predictedWaitMs });
      if (attempts.length > 0) add(null, column, ROUTER, `left: ${why}`, toneOf(reason));
      else if (waitedMs === 0) add(now, column, column, `skipped: ${why}`, toneOf(reason));
      else {
        const queued = add(now, ROUTER, column, 'waits in its queue', 'waiting');
        now = now === null ? null : now + waitedMs;
        const end = add(
          now,
          column,
          ROUTER,
          `given back after ${duration(waitedMs)} in the queue: ${why}`,
          toneOf(reason),
        );
        span(column, 'waiting', queued, end);
      }
    }
  };
  return {
    /** Those that stand before the candidate that is called, and will not be called any more. */
    before(call: Call, now: number | null): void {
      const later = calls.slice(calls.indexOf(call));
      draw(Math.min(...later.map(({ candidate }) => candidate)), now);
    },
    rest: (now: number | null): void => draw(candidates.length, now),
  };
}

import type { TraceCandidate } from '../../../routing/trace.ts';
import type { RequestDetail } from '../../protocol.ts';
import { duration } from '../format.ts';
import { type Call, ROUNDING_MS } from './calls.ts';
import { reasonWords, toneOf } from './candidate-words.ts';
import { ROUTER, type SequenceDrawing } from './sequence-drawing.ts';

/** The last call before a refusal, and the step that is its end. */
export interface LastCall {
  readonly call: Call;
  readonly end: number;
}

/** Draws what candidates said that did not take the request, or gave it back. */
export function refusalsOf(drawing: SequenceDrawing, { trace }: RequestDetail, calls: readonly Call[]) {
  const { candidates } = trace;
  let next = 0;

  /** What a candidate's queue held it for without any call after it. */
  const heldMs = ({ model, waitedMs }: TraceCandidate): number =>
    calls.reduce((ms, call) => (call.model === model ? ms - call.waitedMs : ms), waitedMs);

  /** @param until when the next had the request, or it was over; null: that says nothing of the refusals. */
  const draw = (end: number, until: number | null, last: LastCall | null): void => {
    const due = candidates.slice(next, end).filter(({ reason }) => reason !== undefined);
    next = Math.max(next, end);
    const refusedMs = due.reduce((ms, candidate) => (candidate.attempts.length > 0 ? ms : ms + heldMs(candidate)), 0);
    // Nothing else takes time between two candidates.
    let now = until === null ? null : until - refusedMs;
    for (const candidate of due) {
      const why = reasonWords(candidate.reason!, candidate);
      const tone = toneOf(candidate.reason!);
      const column = drawing.columnOf('model', candidate.model);
      const ms = heldMs(candidate);
      if (candidate.attempts.length > 0) drawLeaving(drawing, column, now, ms, why, tone, last);
      else if (ms < ROUNDING_MS) drawing.add(now, column, column, `skipped: ${why}`, tone);
      else {
        const queued = drawing.add(now, ROUTER, column, 'waits in its queue', 'waiting');
        now = now === null ? null : now + ms;
        const text = `given back after ${duration(ms)} in the queue: ${why}`;
        drawing.span(column, 'waiting', queued, drawing.add(now, column, ROUTER, text, tone));
      }
    }
  };

  return {
    /** Of those that stand before the candidate that is called, and will not be called any more. */
    before(call: Call, until: number | null, last: LastCall | null): void {
      const later = calls.slice(calls.indexOf(call));
      draw(Math.min(...later.map(({ candidate }) => candidate)), until, last);
    },
    rest: (until: number | null, last: LastCall | null): void => draw(candidates.length, until, last),
  };
}

/** It has called the model, and gave up while it waited to call it again. */
function drawLeaving(
  { add, span }: SequenceDrawing,
  column: number,
  now: number | null,
  heldMs: number,
  why: string,
  tone: ReturnType<typeof toneOf>,
  last: LastCall | null,
): void {
  const ms = now === null || last === null ? heldMs : now - last.call.endedAt;
  const left = add(now, column, ROUTER, ms < ROUNDING_MS ? `left: ${why}` : `left after ${duration(ms)}: ${why}`, tone);
  if (now !== null && last !== null && ms >= ROUNDING_MS) span(column, 'waiting', last.end, left);
}

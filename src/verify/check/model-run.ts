import type { SnapshotFrom } from 'xstate';
import type { ModelEvent } from '../../../machines/events.ts';
import type { ModelInput } from '../../../machines/model/context.ts';
import type { modelMachine } from '../../../machines/model/model.machine.ts';
import { viewOf } from '../../../machines/model/view.ts';
import { isCurrent } from '../../breaker/permit.ts';
import type { PriorityClass } from '../../queue/priority.ts';
import type { ModelView } from '../../routing/model-view.ts';
import { type Slip, termsOf } from '../../routing/slip.ts';
import type { OperatorEventType, PolicyEvent } from '../policy-events.ts';
import { effectsRecorder } from './explore.ts';
import { newcomer } from './newcomer.ts';

type Snapshot = SnapshotFrom<typeof modelMachine>;

/** A policy event at its time, as if the model were the only one: it is named `m`, its requests `r1`, `r2`, … */
export interface TimedEvent {
  readonly at: number;
  readonly event: Exclude<PolicyEvent, { readonly type: 'time.passed' }>;
}

/** Which models there are in the end is for whoever puts runs together. */
const NAME = 'm';

/** One model's chart, some events after its beginning. Immutable. */
export interface ModelRun {
  readonly snapshot: Snapshot;
  readonly view: ModelView;
  readonly now: number;
  /** The events so far, the last one first. */
  readonly last: Link | null;
  /** Requests so far. */
  readonly requests: number;
}

interface Link {
  readonly timed: TimedEvent;
  readonly before: Link | null;
}

/** How a call ends. */
export type CallEnd = 'succeeded' | 'refused' | 'failed' | 'rate_limited';

/** Further calls after one that failed: one is enough to see a request back off. */
const RETRIES = 1;

/** Runs a model's own chart event by event, and writes down what would have to happen to a router for that. */
export class ModelRunner {
  readonly #machine: typeof modelMachine;
  /** What a request has that asks for the model by name. */
  readonly #timeoutMs: number;
  readonly #recorder = effectsRecorder<typeof modelMachine>();
  readonly start: ModelRun;

  constructor(machine: typeof modelMachine, input: Omit<ModelInput, 'name'>, timeoutMs: number) {
    this.#machine = machine;
    this.#timeoutMs = timeoutMs;
    const snapshot = machine.getInitialSnapshot(this.#recorder.scope as never, { name: NAME, ...input });
    this.start = { snapshot, view: viewOf(snapshot), now: 0, last: null, requests: 0 };
  }

  /** A request for this model and no other; whoever has nobody else to ask waits for the end of a rate limit. */
  ask(run: ModelRun, priority: PriorityClass): ModelRun {
    const { now, view } = run;
    const seq = run.requests + 1;
    const waitsOutLimit = view.limitedUntil !== null;
    const slip = pinned(priority, seq, now);
    const after = this.#send(run, { type: 'request', slip, at: now, ...(waitsOutLimit && { waitsOutLimit }) });
    return noted({ ...after, requests: seq }, { type: 'request', priority, model: NAME });
  }

  /** The call in that slot ends. */
  end(run: ModelRun, slot: number, end: CallEnd, retryAfterMs?: number): ModelRun {
    const { slip, permit } = run.snapshot.context.load.calls[slot]!;
    const call = { slot, slip, permit, at: run.now, lingers: false, interrupts: false, retryAfterMs };
    const hint = retryAfterMs === undefined ? {} : { retryAfterMs };
    const who = { request: slip.id, model: NAME };
    switch (end) {
      case 'succeeded':
        return noted(this.#send(run, { type: 'call.succeeded', ...call }), { type: 'call.succeeded', ...who });
      case 'rate_limited': {
        const limited = this.#send(run, { type: 'call.rate_limited', ...call, status: 429 });
        const met = noted(limited, { type: 'call.rate_limited', ...who, ...hint });
        // It has nobody else to ask and would wait for the limit's end here, if that is in time: its caller leaves.
        return limited.view.limitedUntil !== null && this.isInTime(limited)
          ? noted(met, { type: 'request.cancel', request: slip.id })
          : met;
      }
      case 'refused':
        return noted(this.#send(run, { type: 'call.failed', ...call, status: 401 }), { type: 'call.refused', ...who });
      case 'failed':
        return noted(this.#send(run, { type: 'call.failed', ...call, status: 503 }), {
          type: 'call.failed',
          ...who,
          ...hint,
        });
    }
  }

  /** There is no rate limit, or it ends before the deadline of who comes now. */
  isInTime({ view: { limitedUntil }, now }: ModelRun): boolean {
    return limitedUntil === null || limitedUntil - now < this.#timeoutMs;
  }

  command(run: ModelRun, type: OperatorEventType): ModelRun {
    return noted(this.#send(run, { type, at: run.now }), { type, model: NAME });
  }

  /** Lets time pass: the breaker recovers and a rate limit ends when they are due. */
  wait(run: ModelRun, ms: number): ModelRun {
    const end = run.now + ms;
    let at = run;
    let due = nextDue(at);
    while (due !== null && due.at <= end) {
      at = this.#send({ ...at, now: due.at }, due.event);
      const next = nextDue(at);
      // A chart that is faulty may let nothing come of it.
      if (next?.at === due.at && next.event.type === due.event.type) break;
      due = next;
    }
    return { ...at, now: end };
  }

  #send(run: ModelRun, event: ModelEvent): ModelRun {
    this.#recorder.begin();
    const snapshot = this.#machine.transition(run.snapshot, event, this.#recorder.scope as never) as Snapshot;
    return { ...run, snapshot, view: viewOf(snapshot) };
  }
}

const noted = (run: ModelRun, event: TimedEvent['event']): ModelRun => ({
  ...run,
  last: { timed: { at: run.now, event }, before: run.last },
});

/** The events that have led there, in order. */
export function eventsOf({ last }: ModelRun): TimedEvent[] {
  const events: TimedEvent[] = [];
  for (let link = last; link !== null; link = link.before) events.push(link.timed);
  return events.reverse();
}

/** What comes of itself next, and when; null: nothing. */
export function nextDue({ view }: ModelRun): { readonly at: number; readonly event: ModelEvent } | null {
  // The timer of a forced breaker does not run: it is open until an operator says otherwise.
  const recoversAt = view.breaker === 'open' ? view.openUntil : Number.POSITIVE_INFINITY;
  const limitEndsAt = view.limitedUntil ?? Number.POSITIVE_INFINITY;
  if (recoversAt === Number.POSITIVE_INFINITY && limitEndsAt === Number.POSITIVE_INFINITY) return null;
  return recoversAt <= limitEndsAt
    ? { at: recoversAt, event: RECOVERY_DUE }
    : { at: limitEndsAt, event: { type: 'limit.ended', at: limitEndsAt } };
}

/** What XState sends at the end of the breaker's open time. */
export const RECOVERY_DUE = { type: 'xstate.after.recovery.model.breaker.open' } as unknown as ModelEvent;

/** A slot with a call whose permit is of the breaker's present generation, or an earlier one; undefined: none. */
export function slotOf({ snapshot }: ModelRun, isOfNow: boolean): number | undefined {
  const { load, breaker } = snapshot.context;
  const slot = load.calls.findIndex((call) => call !== null && isCurrent(call.permit, breaker.generation) === isOfNow);
  return slot < 0 ? undefined : slot;
}

const pinned = (priority: PriorityClass, seq: number, now: number): Slip =>
  newcomer({
    class: priority,
    arrival: now,
    timeoutMs: Number.POSITIVE_INFINITY,
    candidates: [NAME],
    id: `r${seq}`,
    seq,
    terms: termsOf('fail', RETRIES),
  });

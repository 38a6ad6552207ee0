// The chart of one model on its own, with a slot that answers when it is told to: no router, no backend, no clock.
import { modelMachine, type SlotCommand, type SlotInput } from 'llm-router/machines';
import { createActor, fromCallback } from 'xstate';

/** Two requests at a model with one slot: the second waits, and starts when the first is answered. */
export function standaloneChart() {
  let answer = (): void => {};
  const slot = fromCallback<SlotCommand, SlotInput>(({ receive, sendBack }) => {
    receive((call) => {
      if (call.type !== 'call.start') return;
      const { slip, permit } = call;
      answer = () =>
        sendBack({ type: 'call.succeeded', slot: 0, slip, permit, at: 3, lingers: false, interrupts: false });
    });
  });
  const limits = { maxConcurrency: 1, maxQueueDepth: 3, attemptTimeoutMs: 60_000, abortGraceMs: 1_000 };
  const model = createActor(modelMachine.provide({ actors: { slot } }), {
    input: { name: 'm', limits, breaker: null },
  });
  model.start();
  for (const seq of [1, 2]) {
    model.send({ type: 'request', at: seq, slip: { ...BLANK, id: `r${seq}`, seq, arrival: seq, enteredAt: seq } });
  }
  const { waitingCount } = model.getSnapshot().context.load;
  answer();
  return { waitingCount, after: model.getSnapshot() };
}

/** What `createRequest` would fill in. */
const BLANK = {
  class: 'normal',
  deadline: Number.POSITIVE_INFINITY,
  rule: null,
  candidates: ['m'],
  cursor: 0,
  attempts: [],
  skipped: [],
  waitedBeforeMs: 0,
  streams: null,
  terms: { whenUnavailable: 'fail', maxRetries: 0, cache: null },
  unordered: null,
  parked: null,
} as const;

import { getEventListeners } from 'node:events';
import { wrongWithAnswer as wrongAnswer, wrongWithPartial } from './answers.mjs';

/** How a request may end, besides well. `router_stopped`: only once the router has been told to stop. */
const CODES = [
  'provider_rejected',
  'provider_failed',
  'stream_interrupted',
  'rate_limited',
  'queue_full',
  'no_model_available',
  'deadline_exceeded',
  'deadline_unreachable',
  'router_stopped',
  'cancelled',
];
/** Calls of one request, over all its candidates. */
const MOST_CALLS = 6;
/** How a request may be refused on the spot: it was never accepted. */
const REFUSALS = ['request_invalid', 'model_unknown', 'router_stopped'];

/**
 * The soak's books: each accepted request from its acceptance until everyone who waits for it has heard, once, and all
 * the same. What is in the books at the end is lost, what comes for a request that is not in them is doubled.
 * @param mayBeRefused whether some provider may have refused the request for what it is
 */
export function createRequests({
  time,
  findings,
  tally,
  isStopping,
  wrongWithAnswer = wrongAnswer,
  mayBeRefused = ({ refused }) => refused,
}) {
  /** By id: accepted, and not yet heard of in every way. */
  const open = new Map();
  const unsettled = new Set();
  const shared = new Set();
  let asking = null;

  const isOverdue = ({ way, hasContent, deadline, totalDeadline }) => {
    const limit = way === 'stream' && hasContent ? totalDeadline : deadline;
    return limit !== null && time.now() > limit + time.tolerance;
  };
  const wrong = (record, what) => findings.violation(`${record.id} (${record.way}): ${what}`);

  function closeIfHeard(record) {
    const { heard, answered } = record;
    if (heard.listener === 0 || heard.root === 0 || heard.reply < record.replies || !answered) return;
    open.delete(record.id);
    time.cancel(record.leaving);
    const { event, outcome } = record;
    const code = event.success ? 'served' : event.code;
    if (outcome.kind !== 'left' && outcome.kind !== 'none') {
      const told = outcome.kind === 'served' ? 'served' : record.toldCode;
      if (told !== code) wrong(record, `its event says ${code}, its caller was told ${told}`);
    }
    if (record.ownSignal && getEventListeners(record.signal, 'abort').length > 0) {
      wrong(record, 'a listener is left on its signal');
    }
  }

  function judge(record, event) {
    const { success, code } = event;
    const calls = event.trace.candidates.reduce((sum, { attempts }) => sum + attempts.length, 0);
    tally.add('outcomes', success ? 'served' : code);
    tally.add('requests', 'calls', calls);
    if (!success && !CODES.includes(code)) return wrong(record, `unknown outcome ${code}`);
    if (code === 'router_stopped' && !isStopping()) return wrong(record, 'router_stopped, but nobody has stopped it');
    if (calls > MOST_CALLS) return wrong(record, `${calls} calls, above ${MOST_CALLS}`);
    if (code === 'provider_rejected' && !mayBeRefused(record))
      return wrong(record, 'provider_rejected without a refusal');
    if (code === 'stream_interrupted' && !record.hasContent) return wrong(record, 'interrupted before any content');
    const mayCancel = record.isAborted || record.isLeft || record.isReaderIdle;
    if (code === 'cancelled' && !mayCancel) return wrong(record, 'cancelled, but its caller has not left');
    if (isOverdue(record)) wrong(record, `settled ${time.now() - record.deadline} ms after its deadline, as ${code}`);
  }

  /** One of the ways to hear that a request is over. */
  function hear(id, way) {
    const record = open.get(id);
    if (record === undefined) {
      findings.violation(`${id} was settled again, or never accepted (${way})`);
      return null;
    }
    record.heard[way]++;
    if (record.heard[way] > 1) wrong(record, `settled twice for its ${way}`);
    return record;
  }

  return {
    open,
    unsettled,
    get inFlight() {
      return unsettled.size;
    },
    of: (id) => open.get(id),
    any: (dice) => [...unsettled][Math.floor(dice.roll() * unsettled.size)],

    /** Runs `ask`; what the router accepts meanwhile from outside is this request. */
    asked(record, ask) {
      asking = record;
      ask();
      // Not accepted: it has been refused, and nobody but its caller hears of it.
      if (asking === record) record.isRefused = true;
      asking = null;
    },
    accepted(slip) {
      const record = asking;
      if (record === null) {
        findings.violation(`${slip.id} was accepted, but nobody has asked`);
        return;
      }
      asking = null;
      const { id, arrival, deadline, class: priority, streams } = slip;
      Object.assign(record, { id, arrival, deadline, totalDeadline: streams?.totalDeadline ?? null, priority });
      open.set(id, record);
      unsettled.add(record);
      tally.add('requests', 'accepted');
      tally.add('classes', priority);
      tally.add('ways', record.way);
    },
    /** Its call has failed, and it backs off at its model until then. */
    retrying(id, due) {
      const record = open.get(id);
      if (record === undefined) return findings.violation(`${id} backs off, but is settled or unknown`);
      record.retriesAt = due;
      tally.add('requests', 'backed off');
    },
    dueOf: (id) => open.get(id)?.retriesAt ?? Number.NEGATIVE_INFINITY,
    settledForListener(event) {
      const record = hear(event.requestId, 'listener');
      if (record === null) return;
      unsettled.delete(record);
      record.event = event;
      record.settledAt = time.now();
      judge(record, event);
      closeIfHeard(record);
    },
    settledForRoot({ id, output, error }) {
      const record = hear(id, 'root');
      if (record === null) return;
      // What is called off by its `cancel` message has no reason to be told.
      const mayBeSilent = record.way === 'message' && record.isAborted;
      if ((output === undefined) === (error === undefined) && !mayBeSilent) {
        wrong(record, 'both an answer and an error, or neither');
      }
      if (output !== undefined) {
        const flaw = wrongWithAnswer(output, record);
        if (flaw !== null) wrong(record, `its answer is wrong: ${flaw}`);
        tally.add('models', output.modelUsed);
      }
      closeIfHeard(record);
    },
    settledForReply({ id, output }) {
      const record = hear(id, 'reply');
      if (record === null) return;
      if (record.replies === 0) wrong(record, 'a reply nobody asked for');
      const flaw = output === undefined ? null : wrongWithAnswer(output, record);
      if (flaw !== null) wrong(record, `its reply is wrong: ${flaw}`);
      closeIfHeard(record);
    },
    /** Its promise or its stream is over: `served`, `failed`, `left` by its reader, or `none` to wait for. */
    answered(record, outcome) {
      if (record.answered) return wrong(record, 'its caller was answered twice');
      record.answered = true;
      record.outcome = outcome;
      const { error } = outcome;
      record.toldCode = error === undefined ? undefined : codeOf(record, error);
      if (record.isRefused) {
        tally.add('refused', record.toldCode ?? 'not at all');
        if (!REFUSALS.includes(record.toldCode) && record.toldCode !== 'cancelled') {
          findings.violation(`a request was refused with ${String(error)}`);
        }
        return;
      }
      if (outcome.kind === 'served') {
        const flaw = wrongWithAnswer(outcome.answer, record, outcome.text);
        if (flaw !== null) wrong(record, `its answer is wrong: ${flaw}`);
      }
      if (record.toldCode === 'stream_interrupted') {
        const flaw = wrongWithPartial(error, outcome.text);
        if (flaw !== null) wrong(record, flaw);
      }
      closeIfHeard(record);
    },
    share(signal) {
      for (const known of shared) if (getEventListeners(known, 'abort').length === 0) shared.delete(known);
      shared.add(signal);
    },
    /** Listeners on signals that outlive their requests. */
    listenersLeft: () => [...shared].reduce((sum, signal) => sum + getEventListeners(signal, 'abort').length, 0),
    /** Asked between two events: who was aborted has its answer, and who has not runs once at most. */
    wrongNow() {
      for (const record of unsettled) {
        if (record.isAborted) return `${record.id} is pending although its caller has aborted it`;
        if (record.running.size > 1) return `${record.id} runs ${record.running.size} times at once`;
        if (isOverdue(record)) return `${record.id} is pending ${time.now() - record.deadline} ms after its deadline`;
      }
      return null;
    },
  };
}

function codeOf(record, error) {
  if (error === record.reason) return 'cancelled';
  // A reader that took nothing for too long is told so, and its request is called off.
  if (record.isReaderIdle && error?.code === 'stream_interrupted' && record.event?.code === 'cancelled') {
    return 'cancelled';
  }
  return error?.code ?? `no code: ${String(error)}`;
}

import { createActor, fromCallback } from 'xstate';
import { createAsking } from './asking.mjs';

/** Signals that many callers share are replaced once so many have. */
const SHARERS = 12;

/**
 * Everyone who asks the router for something: who waits for a promise, who reads a stream (fast, slowly, or leaves in
 * the middle), who sends a message and has an actor told; and who loses patience, at any time.
 */
export function createCallers({
  router,
  createRequest,
  dice,
  time,
  unit,
  requests,
  findings,
  tally,
  names,
  readerTimeout,
  isPrefilled,
  ways,
  phaseOf = (record) => (record.hasContent ? 'streaming' : record.isCalled ? 'called' : 'not called'),
}) {
  const asking = createAsking({ dice, unit, names, isPrefilled, ways });
  const waiter = createActor(
    fromCallback(({ receive }) => receive((reply) => requests.settledForReply(reply))),
  ).start();
  let count = 0;
  let sharing = null;
  const sleep = (units) => new Promise((resolve) => time.later(resolve, units * unit));

  function signalFor(record) {
    if (dice.chance(0.3)) {
      if (sharing === null || sharing.members.length >= SHARERS || sharing.controller.signal.aborted) {
        sharing = { controller: new AbortController(), members: [], reason: new Error('all of them give up') };
        requests.share(sharing.controller.signal);
      }
      sharing.members.push(record);
      return { ...sharing, isOwn: false };
    }
    return {
      controller: new AbortController(),
      members: [record],
      reason: new Error('the caller gives up'),
      isOwn: true,
    };
  }

  function abort(record) {
    if (record.abort === undefined || record.isAborted) return;
    tally.add('aborts', phaseOf(record));
    record.abort();
  }

  function newRecord(way) {
    const record = {
      key: `k${++count}`,
      id: '(not accepted)',
      way,
      heard: { listener: 0, root: 0, reply: 0 },
      replies: 0,
      answered: false,
      ownSignal: false,
      isAborted: false,
      isLeft: false,
      isReaderIdle: false,
      hasContent: false,
      isCalled: false,
      /** Calls that have not ended and have not been told to stop. */
      running: new Set(),
      refused: false,
    };
    return record;
  }

  const askers = {
    generate(record, input, options) {
      router.generate(input, options).then(
        (answer) => requests.answered(record, { kind: 'served', answer }),
        (error) => requests.answered(record, { kind: 'failed', error }),
      );
    },
    stream(record, input, options) {
      const stream = router.stream(input, options);
      read(record, stream).then((outcome) => requests.answered(record, outcome));
    },
    message(record, input, options) {
      let message;
      try {
        message = createRequest(router, { ...(typeof input === 'string' ? { prompt: input } : input), ...options });
      } catch (error) {
        record.isRefused = true;
        requests.answered(record, { kind: 'failed', error });
        return;
      }
      record.answered = true;
      record.outcome = { kind: 'none' };
      record.cancel = () => router.actor.send(message.cancel(time.now()));
      router.actor.send(message.request);
    },
  };

  async function read(record, stream) {
    const leavesAfter = dice.chance(0.12) ? dice.whole(0, 3) : Number.POSITIVE_INFINITY;
    const pace = dice.weighted({ fast: 80, slow: 15, asleep: 5 });
    if (pace === 'asleep') {
      record.isReaderIdle = true;
      await sleep(readerTimeout * 2);
    }
    let text = '';
    let taken = 0;
    try {
      for await (const chunk of stream) {
        if (chunk.type === 'done') return { kind: 'served', answer: chunk.answer, text };
        if (chunk.type === 'text') text += chunk.text;
        if (chunk.type === 'restart') text = '';
        if (chunk.type === 'restart') tally.add('streams', 'restarted');
        if (dice.chance(0.02)) abort(record);
        if (taken++ >= leavesAfter) {
          record.isLeft = true;
          tally.add('aborts', 'reader left');
          if (dice.chance(0.5)) throw new Error('the reader has thrown');
          break;
        }
        if (pace === 'slow') await sleep(dice.between(0, 3));
      }
    } catch (error) {
      return record.isLeft ? { kind: 'left' } : { kind: 'failed', error, text };
    }
    return record.isLeft
      ? { kind: 'left' }
      : { kind: 'failed', error: new Error('the stream ended without its last chunk') };
  }

  function losePatience(record) {
    if (dice.chance(0.03)) abort(record);
    else if (dice.chance(0.15)) record.leaving = time.later(() => abort(record), dice.between(0, 60) * unit);
  }

  return {
    asking,
    abort,
    abortAny() {
      const record = requests.any(dice);
      if (record !== undefined) abort(record);
    },
    /** Asks for something. @returns its record, when the router has accepted it */
    ask(options = asking.options()) {
      const way = asking.way();
      const record = newRecord(way);
      const asked = { ...options };
      if (dice.chance(way === 'message' ? 0.8 : 0.1)) {
        asked.replyTo = waiter;
        record.replies = 1;
      }
      if (dice.chance(0.6)) {
        const { controller, members, reason, isOwn } = signalFor(record);
        asked.signal = controller.signal;
        Object.assign(record, { signal: controller.signal, ownSignal: isOwn, reason });
        record.abort = () => {
          for (const member of members) member.isAborted = true;
          controller.abort(reason);
        };
      } else if (way === 'message') {
        record.abort = () => {
          record.isAborted = true;
          record.cancel?.();
        };
      }
      // Its signal may have been aborted before it asks: then it is refused.
      requests.asked(record, () => askers[way](record, asking.input(record.key), asked));
      if (record.id === '(not accepted)') return null;
      losePatience(record);
      return record;
    },
    /** A backend has been called for a request: it must be one that is still wanted. */
    began(id, model, request, context) {
      const record = requests.of(id);
      if (record === undefined || record.event !== undefined) {
        findings.violation(`${model} was called for ${id}, which is settled or unknown`);
        return newRecord('unknown');
      }
      const wrong = (what) => findings.violation(`${model} was called for ${id} ${what}`);
      // A `cancel` message holds from when the router comes to it.
      if (record.isAborted && record.way !== 'message') wrong('after its caller had aborted it');
      // A stream that begins again has its time anew.
      const deadline = record.hasContent ? (record.totalDeadline ?? Number.POSITIVE_INFINITY) : record.deadline;
      if (time.now() - time.tolerance >= deadline) wrong('after its deadline');
      if (request.prompt !== record.key) wrong(`with the prompt of another: ${request.prompt}`);
      if (context.model !== model) wrong(`as ${context.model}`);
      record.isCalled = true;
      if (dice.chance(0.01)) abort(record);
      return record;
    },
    stop: () => waiter.stop(),
  };
}

import { answerFor, piecesFor } from './answers.mjs';
import { MOOD_WEIGHTS, MOODS } from './moods.mjs';

/**
 * A provider of a model that behaves as its mood says: it succeeds, fails, hangs, ignores its signal, settles late or
 * twice, never settles, throws at once. It sees for itself what reaches it: calls at once, calls of requests that are
 * over.
 * @param callers knows the requests: `of(id)` and `began(record, model)`
 */
export function createBackends({ BackendError, dice, time, unit, callers, findings, tally }) {
  const moods = new Map();

  const wait = (units) => new Promise((resolve) => time.later(resolve, units * unit));
  const aborted = (signal) =>
    new Promise((_, reject) => {
      if (signal.aborted) reject(signal.reason);
      else signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
  /** Ends early when it is told to stop, as a fetch does. */
  const waitOrStop = (units, signal) => Promise.race([wait(units), aborted(signal)]);
  const failure = () => new BackendError('down', { status: dice.pick([500, 502, 503, 401, 404]) });
  const limited = () => new BackendError('slow down', { status: 429, retryAfterMs: dice.between(2, 60) * unit });

  /** Each throws or gives nothing; a success is whoever returns. */
  const before = {
    succeed: ({ signal }) => waitOrStop(dice.between(0, 14), signal),
    succeedSlowly: ({ signal }) => waitOrStop(dice.between(20, 50), signal),
    succeedAtOnce: () => {},
    settleTwice: ({ signal }) => waitOrStop(dice.between(0, 6), signal),
    async fail({ signal }) {
      await waitOrStop(dice.between(0, 8), signal);
      throw failure();
    },
    async refuse({ signal }, record) {
      await waitOrStop(dice.between(0, 4), signal);
      record.refused = true;
      throw new BackendError('bad request', { status: dice.pick([400, 413, 422]) });
    },
    async refuseKey() {
      throw new BackendError('bad key', { status: 401 });
    },
    async limitFor({ signal }) {
      await waitOrStop(dice.between(0, 4), signal);
      throw limited();
    },
    async limit({ signal }) {
      await waitOrStop(dice.between(0, 4), signal);
      throw new BackendError('slow down', { status: 429 });
    },
    hang: ({ signal }) => aborted(signal),
    /** Told to stop, it goes on for a while, and then fails or even answers. */
    async hangDeaf({ signal }) {
      await aborted(signal).catch(() => {});
      await wait(dice.between(0, 25));
      if (dice.chance(0.5)) throw failure();
    },
    neverSettle: () => new Promise(() => {}),
    throwAtOnce: () => {},
    sayFailed: ({ signal }) => waitOrStop(dice.between(0, 4), signal),
    sayNonsense: () => {},
    async throwNonsense() {
      throw dice.pick([undefined, null, 'no', 0, { status: 'x', retryAfterMs: Number.NaN }]);
    },
    breakLater: ({ signal }) => waitOrStop(dice.between(0, 4), signal),
    async breakFirst() {
      throw failure();
    },
    stall: ({ signal }) => waitOrStop(dice.between(0, 4), signal),
  };

  function behaviourOf(model) {
    const name = dice.weighted(MOODS[moods.get(model)]);
    tally.add('behaviours', name);
    return name;
  }

  /** A thenable that is no promise, and settles twice: late, or at once. */
  const twice = (value) => ({
    // biome-ignore lint/suspicious/noThenProperty: such a backend is the case
    then(resolve, reject) {
      resolve(value);
      if (dice.chance(0.5)) reject(failure());
      else time.later(() => resolve({ content: 'second thoughts' }), unit);
    },
  });

  function create(model, { maxConcurrency, abortGraceMs }) {
    const calls = new Set();
    let isClosed = false;
    moods.set(model, moods.get(model) ?? 'healthy');

    /** Notes a call, and everything that should not have reached a backend. */
    function begin(context, request) {
      const { signal, requestId } = context;
      const call = { abortedAt: null };
      if (isClosed) findings.violation(`${model} was called after its close()`);
      const now = time.now();
      const slack = time.tolerance === 0 ? 0 : abortGraceMs;
      for (const other of calls) {
        const isAbandoned = other.abortedAt !== null && now >= other.abortedAt + abortGraceMs - slack;
        if (isAbandoned) calls.delete(other);
      }
      calls.add(call);
      if (calls.size > maxConcurrency) findings.violation(`${calls.size} calls at ${model}, above ${maxConcurrency}`);
      const record = callers.began(requestId, model, request, context);
      record.running.add(call);
      const stopped = () => {
        call.abortedAt = time.now();
        record.running.delete(call);
      };
      signal.addEventListener('abort', stopped, { once: true });
      const end = () => {
        calls.delete(call);
        record.running.delete(call);
      };
      return { record, end };
    }

    async function* pieces(behaviour, context, record) {
      const { signal } = context;
      if (dice.chance(0.3)) yield { type: 'text', text: '' };
      await before[behaviour](context, record);
      if (behaviour === 'sayFailed') throw failure();
      if (behaviour === 'sayNonsense') yield dice.pick([null, 5, { type: 'text', text: 5 }, { type: 'nonsense' }]);
      const list = piecesFor(record.key, model, dice);
      const cut = behaviour === 'breakLater' || behaviour === 'stall' ? dice.whole(1, list.length - 1) : list.length;
      for (const [index, text] of list.entries()) {
        if (index === cut) {
          if (behaviour === 'breakLater') throw failure();
          await aborted(signal);
        }
        if (index > 0 && dice.chance(0.7)) await waitOrStop(dice.between(0, 3), signal);
        record.hasContent = true;
        yield { type: 'text', text };
      }
      yield { type: 'finish', finishReason: 'stop' };
    }

    const backend = {
      generate(request, context) {
        const { record, end } = begin(context, request);
        const behaviour = behaviourOf(model);
        if (behaviour === 'throwAtOnce') {
          end();
          throw failure();
        }
        const answer = { content: answerFor(record.key, model) };
        if (behaviour === 'settleTwice' && dice.chance(0.5)) {
          end();
          return twice(answer);
        }
        const run = async () => {
          try {
            await before[behaviour](context, record);
            if (behaviour === 'breakLater' || behaviour === 'stall') throw failure();
            if (behaviour === 'sayFailed') return { ...answer, success: false, error: 'no' };
            if (behaviour === 'sayNonsense') return dice.pick([undefined, null, 5, {}, { content: 5 }]);
            return answer;
          } finally {
            end();
          }
        };
        return behaviour === 'settleTwice' ? twice(run()) : run();
      },
      close() {
        if (isClosed) findings.violation(`${model} was closed twice`);
        isClosed = true;
        if (dice.chance(0.1)) throw new Error('it cannot be closed');
      },
    };
    if (maxConcurrency === 2) return backend;
    return {
      ...backend,
      stream(request, context) {
        const { record, end } = begin(context, request);
        const behaviour = behaviourOf(model);
        if (behaviour === 'throwAtOnce') {
          end();
          throw failure();
        }
        return (async function* () {
          try {
            yield* pieces(behaviour, context, record);
          } finally {
            end();
          }
        })();
      },
    };
  }

  return {
    create,
    /** Changes a model's ways. */
    swing(model) {
      const mood = dice.weighted(MOOD_WEIGHTS);
      moods.set(model, mood);
      tally.add('moods', mood);
    },
    allHealthy() {
      for (const model of moods.keys()) moods.set(model, 'healthy');
    },
  };
}

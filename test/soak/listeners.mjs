const MISCHIEF = { throw: 5, reject: 3, ask: 6, abort: 6, operate: 2 };

const EVENTS = [
  'request.settled',
  'breaker.changed',
  'queue.changed',
  'attempt.failed',
  'breaker.would_open',
  'control.changed',
  'rate_limit.began',
  'rate_limit.ended',
  'request.displaced',
  'request.parked',
  'result.stale',
  'event.dropped',
];

const kindOf = {
  'breaker.changed': ({ from, to, cause }) => `${from} → ${to} (${cause})`,
  'control.changed': ({ from, to }) => `${from} → ${to}`,
};

/**
 * Listeners on every event. Most only count; now and then one throws, or its promise rejects, or it asks for something,
 * aborts a request or takes the controls, in the middle of whatever the router is doing.
 */
export function addListeners({ router, dice, callers, operator, requests, findings, tally }) {
  let thrown = 0;
  let noticed = 0;
  let done = 0;
  let depth = 0;
  let isBusy = true;

  const mischief = {
    throw() {
      thrown++;
      throw new Error('a bad listener');
    },
    reject() {
      thrown++;
      return Promise.reject(new Error('a bad asynchronous listener'));
    },
    ask: () => void callers.ask(),
    abort: () => callers.abortAny(),
    operate: () => operator.act(),
  };

  for (const name of EVENTS) {
    router.on(name, (event) => {
      const kind = kindOf[name];
      tally.add(kind === undefined ? 'heard' : name, kind === undefined ? name : kind(event));
      if (name === 'request.settled') requests.settledForListener(event);
      // Mischief that causes mischief would never end.
      if (!isBusy || depth > 3 || !dice.chance(0.02)) return undefined;
      depth++;
      done++;
      try {
        const what = dice.weighted(MISCHIEF);
        tally.add('listeners', what);
        return mischief[what]();
      } finally {
        depth--;
      }
    });
  }
  router.on('listener.failed', ({ event, error }) => {
    noticed++;
    if (!/^a bad/.test(error?.message)) findings.violation(`the soak's own listener of ${event} threw ${error?.stack}`);
  });
  router.actor.on('request.settled', (event) => requests.settledForRoot(event));
  return {
    calm() {
      isBusy = false;
    },
    /** How often one has done more than to listen. */
    mischief: () => done,
    wrong: () => (thrown === noticed ? null : `listeners threw ${thrown} times, ${noticed} were noticed`),
  };
}

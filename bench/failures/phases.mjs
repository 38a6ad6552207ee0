// Every phase in which a caller can leave, and what is to be seen of it afterwards. The router is given, so that the bench
// can measure what is built and the tests what is written.

/** After so many chunks a stream is left. */
const CHUNKS = 2;

export const WAYS = ['signal', 'break', 'throw'];

const REASON = new Error('the caller has left');
const RETRIES = { baseMs: 1, maxMs: 1 };
const BREAKER = { failureThreshold: 1, recoveryTimeoutMs: 200, openJitter: 0 };
const NO_RETRY = { maxRetries: 0 };

function routerOver(LLMRouter, provider, options) {
  const router = new LLMRouter({ retries: RETRIES, ...options });
  router.addModel('gpu', { provider: 'openai', baseUrl: provider.url, model: 'scripted', maxConcurrency: 1 });
  return router;
}

const heard = (router, event) => new Promise((resolve) => router.once(event, resolve));

/**
 * By name: how a request of that prompt is brought there, and how often its model has been called by then. `left` is the
 * request; after the abort `meanwhile` and `witness` pass the time by which it would have been sent, had it not been left.
 */
export const PHASES = {
  queued: {
    behaviour: 'serve',
    calls: 0,
    async bring({ router, prompt, signal }) {
      const ahead = router.generate('serve ahead');
      const left = router.generate(prompt, { signal });
      return { left, meanwhile: ahead };
    },
  },
  'backing off': {
    behaviour: 'fails_once',
    calls: 1,
    async bring({ router, prompt, signal }) {
      const failed = heard(router, 'attempt.failed');
      const left = router.generate(prompt, { signal });
      await failed;
      return { left };
    },
    // Fails later and waits as long, so that it is tried again after the one that was left would have been.
    witness: (router, tag) => router.generate(`fails_once witness-${tag}`),
  },
  running: {
    behaviour: 'hang',
    calls: 1,
    isCalled: true,
    async bring({ router, provider, prompt, signal }) {
      const left = router.generate(prompt, { signal });
      await provider.reached(prompt, 'started');
      return { left };
    },
  },
  'streaming, before the first content': {
    behaviour: 'preface',
    calls: 1,
    isCalled: true,
    async bring({ router, provider, prompt, signal }) {
      const left = router.stream(prompt, { signal }).next();
      await provider.reached(prompt, 'wrote');
      return { left };
    },
  },
  'streaming, after the first content': {
    behaviour: 'trickle',
    calls: 1,
    isCalled: true,
    async bring({ router, prompt, signal }) {
      const stream = router.stream(prompt, { signal });
      await stream.next();
      return { left: readOut(stream) };
    },
  },
  parked: {
    behaviour: 'serve',
    calls: 0,
    options: { breaker: BREAKER },
    async bring({ router, prompt, signal }) {
      await router.generate('500 opens', NO_RETRY).catch(() => {});
      const parked = heard(router, 'request.parked');
      const halfOpen = heard(router, 'breaker.changed');
      const left = router.generate(prompt, { signal, whenUnavailable: 'wait' });
      await parked;
      return { left, meanwhile: halfOpen };
    },
  },
};

async function readOut(stream) {
  for await (const _ of stream);
}

/**
 * Leaves in that phase, then has one more request served by the only slot. Times in milliseconds from the abort, on the
 * wall's clock, which the processes share.
 */
export async function leaveInPhase({ LLMRouter, provider, phase, tag }) {
  const { behaviour, calls, isCalled = false, options, bring, witness } = PHASES[phase];
  await provider.setPlan({ kind: 'outage', from: 0, to: 0 });
  const router = routerOver(LLMRouter, provider, options);
  const controller = new AbortController();
  const prompt = `${behaviour} ${tag}`;
  const { left, meanwhile } = await bring({ router, provider, prompt, signal: controller.signal });
  const rejection = left.then(
    () => null,
    (error) => ({ error, at: Date.now() }),
  );
  const before = standing(router);
  const abortedAt = Date.now();
  controller.abort(REASON);
  const rejected = await rejection;
  const closed = isCalled ? await provider.reached(prompt, 'closed') : null;
  // Before the next success, which would wipe out a failure that it was blamed for.
  const after = standing(router);
  await meanwhile;
  await witness?.(router, tag);
  const { content } = await router.generate(`serve after-${tag}`, { whenUnavailable: 'wait' });
  const seen = (await provider.calls()).filter((each) => each.prompt === prompt);
  const { running, lingering, queueDepth } = router.getModelStatus().gpu;
  await router.stop({ graceMs: 0 });
  return {
    isServedAfter: content !== '',
    hasReason: rejected?.error === REASON,
    rejectedAfterMs: rejected === null ? null : rejected.at - abortedAt,
    closedAfterMs: closed === null ? null : closed.closedAt - abortedAt,
    callsAfter: seen.length - calls,
    held: { running, lingering, queueDepth },
    phaseBefore: before.phase,
    cancelled: after.cancelled - before.cancelled,
    total: after.total - before.total,
    judged: after.judged - before.judged,
    blamed: after.failureCount - before.failureCount,
  };
}

/** What the router counts, and where its request is. */
function standing(router) {
  const { totalRequests, cancelled, successes, failures } = router.getStats();
  const { running, backingOff, waiting, circuitBreaker } = router.getModelStatus().gpu;
  return {
    total: totalRequests,
    cancelled,
    judged: successes + failures,
    failureCount: circuitBreaker.failureCount,
    phase: { running, backingOff, waiting: waiting.normal },
  };
}

/** Leaves a stream of fifty chunks after two. */
export async function leaveStream({ LLMRouter, provider, way, tag }) {
  await provider.setPlan({ kind: 'outage', from: 0, to: 0 });
  const router = routerOver(LLMRouter, provider);
  const prompt = `trickle ${tag}`;
  const controller = new AbortController();
  let read = 0;
  let leftAt = 0;
  const leave = () => {
    leftAt = Date.now();
    if (way === 'signal') controller.abort(REASON);
    if (way === 'throw') throw REASON;
    return way === 'break';
  };
  let error = null;
  try {
    for await (const _ of router.stream(prompt, { signal: controller.signal })) {
      read++;
      if (read === CHUNKS && leave()) break;
    }
  } catch (thrown) {
    error = thrown;
  }
  const { written, closedAt } = await provider.reached(prompt, 'closed');
  const { cancelled, failures } = router.getStats();
  const { circuitBreaker } = router.getModelStatus().gpu;
  await router.stop({ graceMs: 0 });
  return {
    hasReason: way === 'break' ? error === null : error === REASON,
    written,
    closedAfterMs: closedAt - leftAt,
    cancelled,
    failures,
    blamed: circuitBreaker.failureCount,
  };
}

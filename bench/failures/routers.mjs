import { LLMRouter } from '../../dist/src/index.js';
import { openNaive } from './naive.mjs';

export const ATTEMPT_TIMEOUT_MS = 1_000;

function openLLMRouter(url, breaker) {
  const router = new LLMRouter({ breaker });
  for (const model of ['primary', 'fallback']) {
    // What an outage moves on arrives at once: a fallback that stands by has room for it.
    router.addModel(model, {
      provider: 'openai',
      baseUrl: url,
      model,
      attemptTimeoutMs: ATTEMPT_TIMEOUT_MS,
      maxQueueDepth: 1_000,
    });
  }
  router.addRoute({}, { targets: ['primary'], fallback: ['fallback'] });
  if (process.env['TRACE_FAILURES'] !== undefined) traceTo(router, process.stderr);
  return {
    ask: async (prompt) => (await router.generate(prompt)).content,
    close: () => router.stop({ graceMs: 0 }),
  };
}

/** What the router itself says of its breakers, of calls that failed and of requests that were slow, a line each. */
function traceTo(router, stream) {
  for (const name of ['breaker.changed', 'rate_limit.began', 'attempt.failed', 'request.displaced']) {
    router.on(name, (event) => stream.write(`${Date.now()} ${JSON.stringify(event)}\n`));
  }
  router.on('request.settled', (event) => {
    if (event.latencyMs > ATTEMPT_TIMEOUT_MS) stream.write(`${Date.now()} ${JSON.stringify(event)}\n`);
  });
}

/** By name: opens a router over the primary and the fallback at that URL; `breaker` are its options, or none. */
export const ROUTERS = {
  'llm-router': openLLMRouter,
  naive: (url) => openNaive(url, ATTEMPT_TIMEOUT_MS),
};

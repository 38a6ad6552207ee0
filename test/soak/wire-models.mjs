// The models that the soak reaches over the wire, and the rules that lead to them. Times in milliseconds, and as short as
// two busy cores let them be.

const LIMITS = {
  connectTimeoutMs: 500,
  firstTokenTimeoutMs: 200,
  idleTimeoutMs: 150,
  attemptTimeoutMs: 600,
  abortGraceMs: 150,
};
const QUICK = {
  failureThreshold: 8,
  silenceFloorMs: 80,
  silenceFactor: 1.3,
  recoveryTimeoutMs: 80,
  maxOpenMs: 400,
  successThreshold: 2,
};
const COUNTING = { ...QUICK, policy: 'count', windowSize: 40, minimumCalls: 20, halfOpenMaxProbes: 3 };

const MODELS = {
  a: { provider: 'openai', maxConcurrency: 32, maxQueueDepth: 90, contextWindow: 4_000, weight: 3 },
  b: { provider: 'openai', maxConcurrency: 24, maxQueueDepth: 70, upstreamStreaming: false, contextWindow: 4_000 },
  c: { provider: 'ollama', maxConcurrency: 24, maxQueueDepth: 70, breaker: COUNTING },
  d: { provider: 'ollama', maxConcurrency: 6, maxQueueDepth: 20 },
  t: { provider: 'openai', maxConcurrency: 16, maxQueueDepth: 60, contextWindow: 8_000 },
  e: { provider: 'openai', maxConcurrency: 64, maxQueueDepth: 200, contextWindow: 128_000 },
};

/** In order: the first that matches is taken. */
const RULES = [
  [{ metadata: { tier: 'batch' } }, { targets: ['c', 'd', 't'], strategy: 'least-busy', whenUnavailable: 'wait' }],
  [{ metadata: { path: { prefix: 'v1' } } }, { targets: ['a'], fallback: ['e'], onStreamFailure: 'restart' }],
  ['critical', { targets: ['a', 'b'], fallback: ['c', 'e'], strategy: 'latency', whenUnavailable: 'wait' }],
  ['high', { targets: ['b', 'c'], fallback: ['d', 'e'], strategy: 'weighted', maxRetries: 4 }],
  [
    { priority: ['normal', 'low'] },
    {
      targets: ['a', 'b', 'c', 'd', 't'],
      fallback: ['e'],
      strategy: 'round-robin',
      whenUnavailable: 'wait',
      onStreamFailure: 'restart',
    },
  ],
];

export const ROUTER = {
  timeoutMs: 4_000,
  breaker: QUICK,
  retries: { maxRetries: 2, baseMs: 30, maxMs: 150 },
  maxParked: 150,
  readerTimeoutMs: 1_000,
};

export function addModels(router, url) {
  for (const [name, options] of Object.entries(MODELS)) {
    const baseUrl = options.provider === 'openai' ? `${url}/v1` : url;
    router.addModel(name, { ...LIMITS, ...options, model: name, baseUrl });
  }
  for (const [match, options] of RULES) router.addRoute(match, options);
}

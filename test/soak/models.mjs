// Five models that have nothing in common but that they may fail, and the rules that lead to them. Times in units.

const breakers = {
  consecutive: { failureThreshold: 3, successThreshold: 2, recoveryTimeoutMs: 20, maxOpenMs: 120, probeTimeoutMs: 25 },
  count: {
    policy: 'count',
    windowSize: 30,
    minimumCalls: 10,
    recoveryTimeoutMs: 30,
    halfOpenMaxProbes: 3,
    maxOpenMs: 90,
  },
  time: {
    policy: 'time',
    windowMs: 200,
    minimumCalls: 15,
    slowCallMs: 25,
    slowCallRate: 0.6,
    recoveryTimeoutMs: 25,
    halfOpenMaxProbes: 2,
    probeTimeoutMs: 30,
    maxOpenMs: 100,
  },
  observing: { policy: 'count', windowSize: 20, minimumCalls: 5, slowCallMs: 10, observe: true },
  shared: { failureThreshold: 4, recoveryTimeoutMs: 0, probeTimeoutMs: 40, maxOpenMs: 200, maxHintMs: 50 },
};

const price = (inputPerMillion, outputPerMillion) => ({ inputPerMillion, outputPerMillion });

const MODELS = {
  a: { maxQueueDepth: 110, maxConcurrency: 8, breaker: 'consecutive', weight: 3, pricing: price(1, 2) },
  b: { maxQueueDepth: 70, maxConcurrency: 4, breaker: 'count', attemptTimeoutMs: 30 },
  c: { maxQueueDepth: 90, maxConcurrency: 16, breaker: 'time', weight: 0.5, pricing: price(5, 20) },
  // It cannot stream.
  d: { maxQueueDepth: 20, maxConcurrency: 2, breaker: 'observing' },
  // Its breaker is the router's.
  e: { maxQueueDepth: 5, maxConcurrency: 1, pricing: price(0, 0) },
};

const isTime = (name) => /Ms$/.test(name);
const inUnits = (options, unit) =>
  Object.fromEntries(Object.entries(options).map(([name, value]) => [name, isTime(name) ? value * unit : value]));

export const MODEL_NAMES = Object.keys(MODELS);
export const SHARED_BREAKER = 'shared';
export const BREAKER_NAMES = Object.keys(breakers);

export const breakerOf = (name, unit) => inUnits(breakers[name], unit);

/** The options of one of the five, or of one that comes and goes. */
export function modelOptions(name, unit, dice) {
  const { breaker, ...given } = MODELS[name] ?? {
    maxConcurrency: dice.whole(1, 5),
    maxQueueDepth: dice.whole(5, 30),
    breaker: dice.pick(BREAKER_NAMES),
  };
  const limits = { attemptTimeoutMs: 120, firstTokenTimeoutMs: 60, idleTimeoutMs: 40, abortGraceMs: 12, ...given };
  return {
    ...inUnits(limits, unit),
    ...(breaker !== undefined && { breaker: breakerOf(breaker, unit) }),
    classify() {
      if (dice.chance(0.03)) throw new Error('it cannot classify');
      return dice.chance(0.03) ? dice.pick(['failure', 'rate_limited', 'no outcome at all']) : undefined;
    },
  };
}

/** In order: the first that matches is taken. */
export const RULES = [
  [{ metadata: { tier: 'batch' } }, { targets: ['c', 'd', 'e'], strategy: 'least-busy', whenUnavailable: 'wait' }],
  [{ metadata: { path: { prefix: 'v1' } } }, { targets: ['a'], fallback: ['e', 'b'] }],
  ['critical', { targets: ['a', 'b'], fallback: ['c'], strategy: 'latency', whenUnavailable: 'wait' }],
  ['high', { targets: ['b', 'c'], fallback: ['d'], strategy: 'weighted', maxRetries: 4 }],
  [{ priority: ['normal', 'low'] }, { targets: MODEL_NAMES, strategy: 'round-robin', whenUnavailable: 'wait' }],
];

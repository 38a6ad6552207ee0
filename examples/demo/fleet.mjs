import { BackendError, LLMRouter } from 'llm-router';
import { wordCounts } from './word-counts.mjs';

// All times are those of the half hour that is played; a speed of 15 makes a minute of it last four seconds.
const SECOND = 1_000;
const MINUTE = 60_000;

/**
 * What the models are like while nothing happens to them: median and 95th percentile of the time to their first word, in
 * seconds, and their pace, in words a second.
 */
const MODELS = {
  'gpu-fast': { latency: [1.5, 3], pace: 24, maxConcurrency: 4, maxQueueDepth: 12 },
  'cpu-cheap': {
    latency: [4, 7],
    pace: 8,
    maxConcurrency: 8,
    maxQueueDepth: 30,
    breaker: { policy: 'time', minimumCalls: 10, slowCallMs: 12 * SECOND },
    weight: 4,
  },
  cloud: { latency: [2.5, 5], pace: 32, maxConcurrency: 12, maxQueueDepth: 30 },
  batch: { latency: [9, 15], pace: 4, maxConcurrency: 8, maxQueueDepth: 60 },
};

const RULES = {
  critical: { targets: ['gpu-fast'], fallback: ['cloud', 'cpu-cheap'] },
  high: { targets: ['gpu-fast', 'cpu-cheap'], fallback: ['cloud'] },
  normal: { targets: ['cpu-cheap', 'cloud'], strategy: 'weighted' },
  low: { targets: ['batch'], fallback: ['cpu-cheap'], whenUnavailable: 'wait', timeoutMs: 10 * MINUTE },
};

/**
 * A router over four simulated models, and the conditions under which each of them works, to be changed at any time:
 * `slowness` stretches all that it does, `failure` says how its n-th call from then on fails, or null.
 * @param speed how many times faster than its own times the half hour is played
 */
export function createFleet({ clock, speed, seed }) {
  const router = new LLMRouter({
    clock,
    seed,
    timeoutMs: (2 * MINUTE) / speed,
    retries: { baseMs: (0.5 * SECOND) / speed, maxMs: (8 * SECOND) / speed },
  });
  const conditions = {};
  for (const [name, { latency, pace, breaker = {}, ...options }] of Object.entries(MODELS)) {
    const condition = createCondition();
    conditions[name] = condition;
    const [median, p95] = latency;
    router.addModel(name, {
      ...options,
      provider: 'simulated',
      latencyMs: { median: (median * SECOND) / speed, p95: (p95 * SECOND) / speed },
      tokensPerSecond: pace * speed,
      clock: stretched(clock, condition),
      answer: () => answerOf(name, condition),
      attemptTimeoutMs: MINUTE / speed,
      firstTokenTimeoutMs: MINUTE / speed,
      idleTimeoutMs: (30 * SECOND) / speed,
      breaker: compressed(breaker, speed),
    });
  }
  for (const [priority, { timeoutMs, ...rule }] of Object.entries(RULES)) {
    router.addRoute(priority, { ...rule, timeoutMs: timeoutMs && timeoutMs / speed });
  }
  // Answers are forgotten within the half hour, so that questions miss now and then.
  router.enableCache({ embedder: wordCounts, ttlHours: 0.1 / speed });
  return { router, conditions };
}

/** The defaults of a breaker, and what the model's own says, as fast as all the rest. */
const compressed = ({ slowCallMs, ...options }, speed) => ({
  ...options,
  ...(slowCallMs !== undefined && { slowCallMs: slowCallMs / speed }),
  windowMs: MINUTE / speed,
  recoveryTimeoutMs: MINUTE / speed,
  maxOpenMs: (5 * MINUTE) / speed,
  probeTimeoutMs: (30 * SECOND) / speed,
});

function createCondition() {
  let calls = 0;
  let failureOf = () => null;
  return {
    slowness: 1,
    set failure(next) {
      calls = 0;
      failureOf = next;
    },
    meet() {
      const failure = failureOf(++calls);
      if (failure !== null) throw new BackendError(failure.message, failure);
    },
  };
}

/** The provider's own time: a model that is slow waits longer for everything. */
const stretched = (clock, condition) => ({
  ...clock,
  setTimeout: (callback, ms) => clock.setTimeout(callback, ms * condition.slowness),
});

function answerOf(model, condition) {
  condition.meet();
  return `[simulated] ${model} made this up.`;
}

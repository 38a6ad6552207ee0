import type { ModelFigures } from '../../../../src/inspector/protocol.ts';

type Change = Partial<Omit<ModelFigures, 'breaker'>> & { readonly breaker?: Partial<ModelFigures['breaker']> };

const NOTHING = { p50: null, p95: null, p99: null };

const AT_REST: ModelFigures = {
  provider: 'ollama',
  model: 'llama3:8b',
  breaker: {
    state: 'closed',
    until: null,
    openForMs: null,
    failures: 0,
    threshold: 5,
    successes: 0,
    successThreshold: 3,
    probes: 0,
    maxProbes: 1,
    opens: 0,
  },
  control: 'active',
  queueState: 'accepting',
  waiting: { critical: 0, high: 0, normal: 0, low: 0 },
  backingOff: 0,
  depth: 0,
  maxQueueDepth: 20,
  running: 0,
  lingering: 0,
  runningLimit: 4,
  maxConcurrency: 4,
  busySlots: [],
  limitedUntil: null,
  minute: { successes: 0, failures: 0, rateLimited: 0, latencyMs: NOTHING, timeToFirstTokenMs: NOTHING },
};

/** A model at rest, but for what is given. */
export const figures = ({ breaker, ...rest }: Change = {}): ModelFigures => ({
  ...AT_REST,
  ...rest,
  breaker: { ...AT_REST.breaker, ...breaker },
});

/** What a breaker that is switched off says of itself. */
export const SWITCHED_OFF = {
  state: 'forced_closed',
  threshold: null,
  successThreshold: null,
  maxProbes: null,
} as const;

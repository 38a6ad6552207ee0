import { expect, test } from 'vitest';
import { type BreakerOptions, DEFAULT_BREAKER } from '../../../../src/breaker/options.ts';
import { DEFAULT_BOOSTS, type PriorityClass } from '../../../../src/queue/priority.ts';
import type { Policy, PolicyModel, PolicyRule } from '../../../../src/verify/policy.ts';
import type { OperatorEventType, PolicyEvent } from '../../../../src/verify/policy-events.ts';
import { type PolicyState, policyModel } from '../../../../src/verify/testing/policy-model.ts';
import type { PolicyAlphabet } from '../../../../src/verify/testing/policy-specification.ts';

export const FAR_MS = 1e9;
export const RECOVERY_MS = 10_000;

export const breakerOf = (options: Partial<BreakerOptions> = {}): BreakerOptions => ({
  ...DEFAULT_BREAKER,
  failureThreshold: 1,
  successThreshold: 1,
  recoveryTimeoutMs: RECOVERY_MS,
  maxOpenMs: RECOVERY_MS,
  openJitter: 0,
  ...options,
});

/** A model that runs one call and lets another wait. */
export const modelOf = (name: string, options: Partial<PolicyModel> = {}): PolicyModel => ({
  name,
  maxConcurrency: 1,
  maxQueueDepth: 2,
  breaker: breakerOf(),
  weight: 1,
  pricing: null,
  contextWindow: null,
  upstream: null,
  attemptTimeoutMs: null,
  firstTokenTimeoutMs: 20_000,
  isStreamed: false,
  abortGraceMs: 1_000,
  expectedLatencyMs: 1_000,
  ...options,
});

export const ruleOf = (targets: readonly string[], options: Partial<PolicyRule> = {}): PolicyRule => ({
  name: 'all',
  match: {},
  targets,
  fallback: [],
  strategy: 'ordered',
  timeoutMs: null,
  whenUnavailable: 'fail',
  maxRetries: null,
  onStreamFailure: 'fail',
  expectedRps: null,
  ...options,
});

export const policyOf = (
  models: readonly PolicyModel[],
  rules: readonly PolicyRule[],
  options: Partial<Policy> = {},
): Policy => ({
  models,
  rules,
  boosts: DEFAULT_BOOSTS,
  maxParked: 10,
  timeoutMs: FAR_MS,
  maxRetries: 0,
  backoff: { baseMs: 0, maxMs: 8_000 },
  ...options,
});

/** Models `a`, `b`, … with the same options, asked in this order. */
export const inOrder = (
  names: string,
  model: Partial<PolicyModel> = {},
  rule: Partial<PolicyRule> = {},
  rest: Partial<Policy> = {},
) =>
  policyOf(
    [...names].map((name) => modelOf(name, model)),
    [ruleOf([...names], rule)],
    rest,
  );

export const WAITS = { whenUnavailable: 'wait' } as const;
export const come = (priority: PriorityClass = 'normal', order?: readonly string[]): PolicyEvent =>
  order === undefined ? { type: 'request', priority } : { type: 'request', priority, order };
export const succeed = (request: string, model: string): PolicyEvent => ({ type: 'call.succeeded', request, model });
export const failing = (request: string, model: string, retryAfterMs?: number): PolicyEvent =>
  retryAfterMs === undefined
    ? { type: 'call.failed', request, model }
    : { type: 'call.failed', request, model, retryAfterMs };
export const refuse = (request: string, model: string): PolicyEvent => ({ type: 'call.refused', request, model });
export const ignore = (request: string, model: string): PolicyEvent => ({ type: 'call.ignored', request, model });
export const limit = (request: string, model: string, retryAfterMs?: number): PolicyEvent =>
  retryAfterMs === undefined
    ? { type: 'call.rate_limited', request, model }
    : { type: 'call.rate_limited', request, model, retryAfterMs };
export const cancel = (request: string): PolicyEvent => ({ type: 'request.cancel', request });
export const pass = (ms: number): PolicyEvent => ({ type: 'time.passed', ms });
export const say = (type: OperatorEventType, model: string): PolicyEvent => ({ type, model });
export const times = (n: number, event: PolicyEvent): readonly PolicyEvent[] => Array.from({ length: n }, () => event);

export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const part of Object.values(value)) deepFreeze(part);
  return value;
}

/** Every state on the way is frozen: a specification that changed one would throw. */
export function stateAfter(policy: Policy, events: readonly PolicyEvent[]): PolicyState {
  const specification = policyModel(deepFreeze(policy));
  return events.reduce(
    (state, event) => deepFreeze(specification.reduce(state, deepFreeze(event))),
    deepFreeze(specification.initial),
  );
}

export const seen = (policy: Policy, ...events: readonly PolicyEvent[]) =>
  policyModel(policy).observe(stateAfter(policy, events));

export type Row = readonly [sentence: string, policy: Policy, events: readonly PolicyEvent[], expected: object];

export const models = (expected: Record<string, object>): object => ({ models: expected });
export const waitingOf = (waiting: Partial<Record<PriorityClass, number>>) => ({
  waiting: { critical: 0, high: 0, normal: 0, low: 0, ...waiting },
});

/** A sturdy breaker, so that a few failures move nothing. */
export const STURDY = { breaker: breakerOf({ failureThreshold: 9 }) };
/** Room for several calls. */
export const WIDE = { maxConcurrency: 3, maxQueueDepth: 9 };

/** One test a row. */
export const holds = (rows: readonly Row[]): void => {
  test.each(rows)('%s', (_, policy, events, expected) => {
    const observation = seen(policy, ...events);

    expect(observation).toMatchObject(expected);
  });
};

/** What can happen to most policies here. */
export const ALPHABET: PolicyAlphabet = {
  requests: [{ priority: 'normal' }],
  outcomes: ['succeeded', 'failed'],
  cancels: false,
  operator: [],
  maxPending: 3,
};

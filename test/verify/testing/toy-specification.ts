import type { PolicyEvent } from '../../../src/verify/policy-events.ts';
import type { PolicySpecification } from '../../../src/verify/testing/policy-specification.ts';

/** A graph as a specification: states by name, and where `pause` of each model leads. */
export function specificationOf(
  graph: Readonly<Record<string, Readonly<Record<string, string>>>>,
): PolicySpecification<string> {
  return {
    policy: {
      models: [],
      rules: [],
      boosts: { critical: 0, high: 0, normal: 0, low: 0 },
      maxParked: 0,
      timeoutMs: 1,
      maxRetries: 0,
      backoff: { baseMs: 0, maxMs: 0 },
    },
    initial: Object.keys(graph)[0]!,
    reduce: (state, event) => graph[state]![(event as { model: string }).model]!,
    events: (state) => Object.keys(graph[state]!).map((model): PolicyEvent => ({ type: 'pause', model })),
    observe: () => ({ models: {}, settled: {}, parked: 0 }),
    key: (state) => state,
  };
}

export const NOTHING = { requests: [], outcomes: [], cancels: false, operator: [] };

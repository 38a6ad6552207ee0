import { describe, expect, test } from 'vitest';
import type { Policy } from '../../../../src/verify/policy.ts';
import type { PolicyEvent } from '../../../../src/verify/policy-events.ts';
import { type PolicyState, policyModel } from '../../../../src/verify/testing/policy-model.ts';
import type { PolicyAlphabet, PolicySpecification } from '../../../../src/verify/testing/policy-specification.ts';
import {
  ALPHABET,
  breakerOf,
  come,
  failing,
  ignore,
  inOrder,
  limit,
  modelOf,
  pass,
  policyOf,
  RECOVERY_MS,
  ruleOf,
  STURDY,
  say,
  stateAfter,
  succeed,
  WAITS,
  WIDE,
} from './scenario.ts';

/** One state for each key, breadth first. */
function reachable(
  specification: PolicySpecification<PolicyState>,
  alphabet: PolicyAlphabet,
  most: number,
): PolicyState[] {
  const found = new Map([[specification.key(specification.initial), specification.initial]]);
  for (const state of found.values()) {
    for (const event of specification.events(state, alphabet)) {
      const next = specification.reduce(state, event);
      const key = specification.key(next);
      if (!found.has(key)) found.set(key, next);
    }
    if (found.size > most) throw new Error(`More than ${most} states.`);
  }
  return [...found.values()];
}

describe('key', () => {
  const keyAfter = (policy: Policy, ...events: readonly PolicyEvent[]): string =>
    policyModel(policy).key(stateAfter(policy, events));
  const policy = inOrder('ab');

  test('forgets what is over, names, and when it was', () => {
    expect(keyAfter(policy, come(), succeed('r1', 'a'), pass(77), come())).toBe(keyAfter(policy, come()));
  });

  test.each<readonly [string, Policy, readonly PolicyEvent[], readonly PolicyEvent[]]>([
    ['who waits', policy, [come()], [come(), come()]],
    ['the class of who runs', policy, [come('low')], [come('high')]],
    ['where it runs', policy, [come()], [come(), limit('r1', 'a')]],
    ['failures', inOrder('a', STURDY), [], [come(), failing('r1', 'a')]],
    ['stale permits', inOrder('a', STURDY), [come()], [come(), say('breaker.reset', 'a')]],
    ['what is due first', inOrder('a', WIDE), [come(), pass(1), come()], [come(), come()]],
    [
      'by whom it would be overtaken',
      inOrder('a', { maxQueueDepth: 3, attemptTimeoutMs: 1e8 }),
      [come(), come('low')],
      [come(), come('low'), pass(6_000)],
    ],
    [
      'how long it will stay open',
      inOrder('a', { breaker: breakerOf({ maxOpenMs: 9 * RECOVERY_MS }) }),
      [],
      [come(), failing('r1', 'a'), pass(RECOVERY_MS), come(), succeed('r2', 'a')],
    ],
    [
      'the age of a window',
      inOrder('a', { breaker: breakerOf({ policy: 'time', minimumCalls: 9 }) }),
      [come(), ignore('r1', 'a')],
      [come(), failing('r1', 'a')],
    ],
    [
      'the turn',
      policyOf([modelOf('a'), modelOf('b')], [ruleOf(['a', 'b'], { strategy: 'round-robin' })]),
      [],
      [come(), succeed('r1', 'a')],
    ],
  ])('tells apart %s', (_, of, some, others) => {
    expect(keyAfter(of, ...some)).not.toBe(keyAfter(of, ...others));
  });

  test('does not grow with openings where the open time never changes', () => {
    const opened = [come(), failing('r1', 'a'), pass(RECOVERY_MS), come(), failing('r2', 'a')];

    expect(keyAfter(inOrder('a'), ...opened)).toBe(keyAfter(inOrder('a'), ...opened.slice(0, 2)));
  });
});

/** Nobody is overtaken, so that age makes no difference. */
const EQUAL = { boosts: { critical: 0, high: 0, normal: 0, low: 0 } };

describe('the reachable states', () => {
  test('with one key can do the same, with the same end but for the order of timers', () => {
    const policy = inOrder('ab', { breaker: breakerOf({ failureThreshold: 2 }) }, { ...WAITS, maxRetries: 1 }, EQUAL);
    const specification = policyModel(policy);
    const alphabet: PolicyAlphabet = {
      ...ALPHABET,
      outcomes: ['succeeded', 'failed', 'rate_limited'],
      operator: ['pause', 'resume'],
      maxPending: 2,
    };
    const withoutTimers = (key: string): string => key.slice(0, key.lastIndexOf('|'));
    const futureOf = (state: PolicyState): string => {
      const ends = specification.events(state, alphabet).map((event) => {
        const next = specification.reduce(state, event);
        return `${event.type} ${withoutTimers(specification.key(next))}`;
      });
      return [...new Set(ends)].sort().join('\n');
    };
    const states = [specification.initial];
    const futures = new Map([[specification.key(specification.initial), futureOf(specification.initial)]]);
    let met = 0;

    for (const state of states.values()) {
      for (const event of specification.events(state, alphabet)) {
        const next = specification.reduce(state, event);
        const future = futures.get(specification.key(next));
        if (future === undefined) {
          if (states.length < 80) states.push(next);
          futures.set(specification.key(next), futureOf(next));
        } else {
          met += 1;
          expect(futureOf(next)).toBe(future);
        }
      }
    }

    expect(met).toBeGreaterThan(100);
  });

  test.each([
    ['two models where requests wait for them', inOrder('ab', { maxQueueDepth: 1 }, WAITS, EQUAL), 2],
    ['three models', inOrder('abc', { maxQueueDepth: 1 }, {}, EQUAL), 2],
  ])('of %s are finitely many, and something can happen in each', (_, policy, maxPending) => {
    const specification = policyModel(policy);
    const alphabet = { ...ALPHABET, maxPending };

    const states = reachable(specification, alphabet, 5_000);

    expect(states.length).toBeGreaterThan(2 ** policy.models.length);
    expect(states.filter((state) => specification.events(state, alphabet).length === 0)).toEqual([]);
  });
});

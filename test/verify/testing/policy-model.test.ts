import { describe, expect, test } from 'vitest';
import type { Policy } from '../../../src/verify/policy.ts';
import type { PolicyEvent } from '../../../src/verify/policy-events.ts';
import { policyModel } from '../../../src/verify/testing/policy-model.ts';
import type { PolicyAlphabet } from '../../../src/verify/testing/policy-specification.ts';
import {
  ALPHABET,
  breakerOf,
  cancel,
  come,
  failing,
  inOrder,
  limit,
  modelOf,
  pass,
  policyOf,
  refuse,
  ruleOf,
  STURDY,
  say,
  stateAfter,
  succeed,
  times,
  WAITS,
  WIDE,
} from './policy-model/scenario.ts';

const typesOf = (events: readonly PolicyEvent[]): readonly string[] => events.map(({ type }) => type);

describe('reduce', () => {
  const policy = inOrder('ab', STURDY, { ...WAITS, maxRetries: 1 });
  const path = [come(), come('low'), come('high'), failing('r1', 'a'), pass(0), limit('r3', 'a'), pass(1_000)];

  test('leaves the state as it was', () => {
    const specification = policyModel(policy);
    const state = stateAfter(policy, path);
    const before = JSON.stringify(state);

    for (const event of specification.events(state, { ...ALPHABET, cancels: true, operator: ['drain'] }))
      specification.reduce(state, event);

    expect(JSON.stringify(state)).toBe(before);
  });

  test('does the same each time', () => {
    expect(stateAfter(policy, path)).toEqual(stateAfter(policy, path));
  });

  test.each<readonly [string, PolicyEvent, RegExp]>([
    ['the end of a call that nobody runs', succeed('r2', 'a'), /call\.succeeded: 'a' runs no call of request 'r2'/],
    ['the end of a call elsewhere', failing('r1', 'b'), /call\.failed: 'b' runs no call of request 'r1'/],
    ['a model that does not exist', refuse('r1', 'z'), /call\.refused: there is no model 'z', only 'a', 'b'/],
    ['a command to a model that does not exist', say('pause', 'z'), /pause: there is no model 'z'/],
    ['the leave of somebody who is gone', cancel('r9'), /request\.cancel: no request 'r9' is pending/],
    ['time that runs backwards', pass(-1), /time\.passed: ms is -1/],
    [
      'an order that is none of the targets',
      come('normal', ['a', 'a']),
      /\[a, a\] is no permutation of the targets \[a, b\]/,
    ],
  ])('throws for %s', (_, event, message) => {
    const state = stateAfter(policy, [come()]);

    expect(() => policyModel(policy).reduce(state, event)).toThrow(message);
  });

  test('throws for a request whose order is drawn, and not said', () => {
    const drawn = policyModel(policyOf([modelOf('a'), modelOf('b')], [ruleOf(['a', 'b'], { strategy: 'latency' })]));

    expect(() => drawn.reduce(drawn.initial, come())).toThrow(/rule 'all' \(latency\) draws it at random/);
  });
});

describe('policyModel', () => {
  test.each<readonly [string, Policy, RegExp]>([
    [
      'an open time drawn at random',
      inOrder('a', { breaker: breakerOf({ openJitter: 0.2 }) }),
      /'a': openJitter is 0\.2/,
    ],
    [
      'back-off drawn at random',
      inOrder('a', {}, { maxRetries: 1 }, { backoff: { baseMs: 5, maxMs: 9 } }),
      /baseMs is 5.*rule 'all' retries/,
    ],
    [
      'back-off of requests without a rule',
      policyOf([modelOf('a')], [ruleOf(['a'], { match: { priority: 'low' }, maxRetries: 0 })], {
        maxRetries: 1,
        backoff: { baseMs: 5, maxMs: 9 },
      }),
      /requests without a rule retry/,
    ],
    [
      'a rule that names no model',
      policyOf([modelOf('a')], [ruleOf(['a'], { fallback: ['z'] })]),
      /Rule 'all' names the model 'z'/,
    ],
  ])('refuses %s', (_, policy, message) => {
    expect(() => policyModel(policy)).toThrow(message);
  });

  test('takes a back-off that nobody uses', () => {
    const policy = inOrder('a', {}, { maxRetries: 0 }, { maxRetries: 2, backoff: { baseMs: 5, maxMs: 9 } });

    expect(() => policyModel(policy)).not.toThrow();
  });
});

describe('events', () => {
  const offered = (policy: Policy, events: readonly PolicyEvent[], alphabet: Partial<PolicyAlphabet>) =>
    policyModel(policy).events(stateAfter(policy, events), { ...ALPHABET, ...alphabet });

  test('offers no request beyond those that may be pending', () => {
    expect(typesOf(offered(inOrder('a'), [come(), come()], { maxPending: 2, outcomes: [] }))).toEqual(['time.passed']);
  });

  test('offers each end of each call, time to the next moment, and leaves', () => {
    const events = offered(inOrder('ab'), [come(), come(), come()], { cancels: true, requests: [] });

    expect(events).toEqual([
      succeed('r1', 'a'),
      succeed('r3', 'b'),
      failing('r1', 'a'),
      failing('r3', 'b'),
      cancel('r1'),
      cancel('r2'),
      cancel('r3'),
      pass(60_000),
    ]);
  });

  test('offers one of several calls that are alike, as far as the request is over with it', () => {
    const events = offered(inOrder('a', WIDE), times(3, come()), { requests: [], cancels: true });

    expect(events.slice(0, -1)).toEqual([
      succeed('r1', 'a'),
      failing('r1', 'a'),
      failing('r2', 'a'),
      failing('r3', 'a'),
      cancel('r1'),
    ]);
  });

  test('tells calls apart that began at different times', () => {
    const events = offered(inOrder('a', WIDE), [come(), pass(5), come()], { requests: [], outcomes: ['succeeded'] });

    expect(events.slice(0, -1)).toEqual([succeed('r1', 'a'), succeed('r2', 'a')]);
  });

  test('tells calls apart between whose time-outs another falls due', () => {
    const rules = [ruleOf(['b'], { name: 'high', match: { priority: 'high' } }), ruleOf(['a'])];
    const events = offered(policyOf([modelOf('a', WIDE), modelOf('b')], rules), [come(), come('high'), come()], {
      requests: [],
      outcomes: ['succeeded'],
    });

    expect(events.slice(0, -1)).toEqual([succeed('r2', 'b'), succeed('r1', 'a'), succeed('r3', 'a')]);
  });

  test('offers every order that a rule could draw', () => {
    const policy = policyOf(
      [...'abc'].map((name) => modelOf(name)),
      [ruleOf([...'abc'], { strategy: 'weighted' })],
    );

    const orders = offered(policy, [], {}).map((event) => ('order' in event ? event.order?.join('') : undefined));

    expect(orders).toEqual(['abc', 'acb', 'bac', 'bca', 'cab', 'cba']);
  });

  test('offers no command that a model would not notice', () => {
    const events = offered(inOrder('a'), [say('pause', 'a')], {
      requests: [],
      operator: ['pause', 'resume', 'drain', 'breaker.force_open', 'breaker.force_closed', 'breaker.reset'],
    });

    expect(typesOf(events)).toEqual(['resume', 'drain', 'breaker.force_open', 'breaker.force_closed']);
  });

  test('offers a reset to a model that has counted something', () => {
    const events = offered(inOrder('a', STURDY), [come(), failing('r1', 'a')], {
      requests: [],
      operator: ['breaker.reset'],
    });

    expect(events).toEqual([say('breaker.reset', 'a')]);
  });

  test('only offers what reduce takes', () => {
    const policy = inOrder('ab', { maxConcurrency: 2, breaker: breakerOf() }, { ...WAITS, maxRetries: 1 });
    const specification = policyModel(policy);
    const alphabet: PolicyAlphabet = {
      requests: [{ priority: 'low' }, { priority: 'critical' }],
      outcomes: ['succeeded', 'failed', 'refused', 'ignored', 'rate_limited'],
      cancels: true,
      operator: ['pause', 'resume', 'drain', 'breaker.force_open', 'breaker.force_closed', 'breaker.reset'],
      maxPending: 8,
    };
    let state = specification.initial;

    for (let step = 0; step < 400; step += 1) {
      const events = specification.events(state, alphabet);
      const event = events[((step * 7_919) % 101) % events.length];
      if (event === undefined) break;
      state = specification.reduce(state, event);
    }

    expect(state.made).toBeGreaterThan(40);
  });
});

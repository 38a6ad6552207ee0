import { describe, expect, it } from 'vitest';
import type { ModelConfig, RouterConfig } from '../../../src/config/router-config.ts';
import { LLMRouter } from '../../../src/llm-router.ts';
import { checkPolicy } from '../../../src/verify/check/check-policy.ts';
import { ERROR_CODES, type Finding, type FindingCode, WARNING_CODES } from '../../../src/verify/check/finding.ts';
import { type Replayed, replay } from './replay.ts';

interface Case {
  readonly title: string;
  readonly code: FindingCode;
  readonly config: RouterConfig;
  readonly where: string;
  /** Events of the shortest path. */
  readonly events: number;
  /** What the message has to say. */
  readonly says: RegExp;
  /** Whether it is so on the real router, after the path. */
  readonly isSo: (replayed: Replayed) => void;
}

const model = (given: ModelConfig = {}): ModelConfig => ({ provider: 'simulated', ...given });
const small = { maxConcurrency: 1, maxQueueDepth: 2, breaker: { failureThreshold: 2, openJitter: 0 } };
/** Nobody's fault but the rule's. */
const fine = { maxRetries: 0, timeoutMs: 600_000 };

const CASES: readonly Case[] = [
  {
    title: 'retries and fallbacks that multiply to more calls than a request may make',
    code: 'attempts_exceed_bound',
    config: {
      models: { a: model(), b: model(), c: model() },
      rules: [{ targets: ['a'], fallback: ['b', 'c'], timeoutMs: 600_000 }],
    },
    where: 'rules[0]',
    // The request, six failures, and four times that it backs off.
    events: 11,
    says: /9 calls .* may make 6\. When a, b fail, it gives up without having asked c/,
    isSo({ last, driver }) {
      expect(last.settled['r1']).toBe('failed:provider_failed');
      expect(last.models['c']).toMatchObject({ breaker: 'closed', running: [] });
      expect(driver.router.getModelStatus()['c']).toMatchObject({ successes: 0, failures: 0 });
    },
  },
  {
    title: 'candidates whose silence takes all the time that a request has',
    code: 'latency_exceeds_deadline',
    config: {
      models: { a: model(), b: model(), c: model() },
      rules: [{ targets: ['a'], fallback: ['b', 'c'], maxRetries: 0, timeoutMs: 120_000 }],
    },
    where: 'rules[0]',
    events: 2,
    says: /60,000 ms \+ 60,000 ms .* has 120,000 ms: its time is over before 'c' is asked/,
    isSo({ latest, driver }) {
      expect(latest).toBe('failed:deadline_exceeded');
      expect(driver.router.getModelStatus()).toMatchObject({
        a: { failures: 1 },
        c: { successes: 0, failures: 0 },
      });
    },
  },
  {
    title: 'a class that one open breaker takes everything from',
    code: 'single_point_of_failure',
    config: { models: { a: model(small), b: model(small) }, rules: [{ match: 'high', targets: ['a'], ...fine }] },
    where: 'rules[0].targets[0]',
    // Two failures open it, then it is asked.
    events: 5,
    says: /When the breaker of 'a' is open, rule 'priority:high' rejects everything of high/,
    isSo({ latest, last }) {
      expect(latest).toBe('failed:no_model_available');
      expect(last.models).toMatchObject({ a: { breaker: 'open' }, b: { breaker: 'closed' } });
    },
  },
  {
    title: 'a class that waits for a breaker that stays open for longer than it can',
    code: 'single_point_of_failure',
    config: {
      models: { a: model({ ...small, breaker: { ...small.breaker, recoveryTimeoutMs: 90_000 } }) },
      rules: [{ targets: ['a'], maxRetries: 0, timeoutMs: 80_000, whenUnavailable: 'wait' }],
    },
    where: 'rules[0].targets[0]',
    events: 5,
    says: /rejects everything/,
    isSo: ({ latest }) => expect(latest).toBe('failed:no_model_available'),
  },
  {
    title: 'a fallback that fails with its target',
    code: 'shared_upstream',
    config: {
      models: { a: model({ ...small, upstream: 'gpu-1' }), b: model({ ...small, upstream: 'gpu-1' }) },
      rules: [{ targets: ['a'], fallback: ['b'], ...fine }],
    },
    where: 'rules[0].fallback[0]',
    events: 9,
    says: /'b' stands in for 'a', and they share the upstream 'gpu-1'/,
    isSo({ latest, last }) {
      expect(last.models).toMatchObject({ a: { breaker: 'open' }, b: { breaker: 'open' } });
      expect(latest).toBe('failed:no_model_available');
    },
  },
  {
    title: 'a model that no rule names while rules take everything',
    code: 'target_never_chosen',
    config: {
      models: { a: model(), b: model(), idle: model() },
      rules: [{ targets: ['a'], fallback: ['b'], ...fine }],
    },
    where: 'models.idle',
    events: 0,
    says: /No request ever goes to 'idle' by itself/,
    isSo({ driver: { router } }) {
      router.pause('a').pause('b');
      for (const priority of ['critical', 'high', 'normal', 'low'] as const) {
        expect(router.explain('x', { priority })).toMatchObject({ outcome: 'fail', model: null });
      }
    },
  },
  {
    title: 'a critical class that nothing puts before a low one',
    code: 'priority_without_effect',
    config: {
      models: { a: model(small), b: model(small) },
      queue: { boostMs: { critical: 0, high: 0, normal: 0, low: 0 } },
      rules: [{ targets: ['a'], fallback: ['b'], ...fine }],
    },
    where: 'queue.boostMs',
    // A low one waits for the end of a limit, and a critical one comes before that.
    events: 4,
    says: /'critical' is served no better than 'low': its boost of 0 ms is not above 0 ms/,
    isSo({ last }) {
      expect(last.models['a']).toMatchObject({ running: ['r1'], waiting: { critical: 1 } });
    },
  },
  {
    title: 'models without a place to wait, where no class can be put before another',
    code: 'priority_without_effect',
    config: {
      models: { a: model({ ...small, maxQueueDepth: 1 }), b: model({ ...small, maxQueueDepth: 1 }) },
      rules: [{ targets: ['a'], fallback: ['b'], ...fine }],
    },
    where: 'rules[0]',
    events: 3,
    says: /no candidate has a place where requests wait/,
    isSo({ last }) {
      expect(last.settled).toMatchObject({ r2: 'failed:queue_full', r3: 'failed:queue_full' });
    },
  },
  {
    title: 'fallbacks that cannot carry what the rule is expected to have',
    code: 'fallback_capacity_short',
    config: {
      models: { a: model(small), b: model({ ...small, expectedLatencyMs: 2_000 }) },
      rules: [{ targets: ['a'], fallback: ['b'], ...fine, expectedRps: 2 }],
    },
    where: 'rules[0]',
    // Two failures at one, a full queue at the other, and one more.
    events: 7,
    says: /Without 'a', rule 'any' has 0\.5 a second of the 2 a second/,
    isSo: ({ latest }) => expect(latest).toBe('failed:queue_full'),
  },
  {
    title: 'a rule whose requests an earlier one takes',
    code: 'rule_hidden',
    config: {
      models: { a: model(), b: model() },
      rules: [
        { name: 'wide', match: { metadata: { tenant: { prefix: 'ac' } } }, targets: ['a'], fallback: ['b'], ...fine },
        {
          name: 'narrow',
          match: { metadata: { tenant: ['acme', 'acorn'] } },
          targets: ['b'],
          fallback: ['a'],
          ...fine,
        },
      ],
    },
    where: 'rules[1]',
    events: 0,
    says: /Rule 'narrow' never has its turn: .* taken by 'wide'/,
    isSo({ driver: { router } }) {
      for (const tenant of ['acme', 'acorn']) {
        expect(router.explain('x', { metadata: { tenant } }).rule).toBe('wide');
      }
    },
  },
  {
    title: 'a breaker that stays open for longer than any request waits',
    code: 'open_longer_than_deadlines',
    config: {
      models: {
        a: model({ ...small, breaker: { ...small.breaker, recoveryTimeoutMs: 700_000, maxOpenMs: 700_000 } }),
        b: model(),
      },
      rules: [{ targets: ['a'], fallback: ['b'], ...fine }],
    },
    where: 'models.a',
    events: 4,
    says: /'a' stays open for 700,000 ms, and no request has more than 600,000 ms/,
    async isSo({ driver, last }) {
      expect(last.models['a']!.breaker).toBe('open');
      await driver.apply({ type: 'time.passed', ms: 600_000 });
      expect(driver.observe().models['a']!.breaker).toBe('open');
    },
  },
  {
    title: 'a request whose time is over before its model is blamed',
    code: 'deadline_below_first_token',
    config: {
      models: { a: model({ ...small, firstTokenTimeoutMs: 20_000, attemptTimeoutMs: 20_000 }), b: model() },
      rules: [{ targets: ['a'], fallback: ['b'], maxRetries: 0, timeoutMs: 10_000 }],
    },
    where: 'rules[0]',
    events: 2,
    says: /has 10,000 ms, and 'a' may be silent for 20,000 ms before it is blamed/,
    isSo({ latest, last }) {
      expect(latest).toBe('failed:deadline_exceeded');
      expect(last.models['a']!.failures).toBe(0);
    },
  },
  {
    title: 'a boost of more than half of the time that requests have',
    code: 'boost_above_half_deadline',
    config: {
      models: { a: model({ ...small, maxQueueDepth: 3 }), b: model() },
      rules: [{ targets: ['a'], fallback: ['b'], maxRetries: 0, timeoutMs: 70_000 }],
    },
    where: 'rules[0]',
    // A low one meets a limit; later comes a critical one, and the limit ends.
    events: 5,
    says: /A low request of rule 'any' has 70,000 ms, and critical ones pass over it for 60,000 ms/,
    isSo({ last, seen }) {
      expect(seen.at(-2)!.models['a']!.waiting).toMatchObject({ critical: 1, low: 1 });
      expect(last.models['a']!.running).toEqual(['r2']);
      expect(last.models['a']!.waiting).toMatchObject({ low: 1 });
    },
  },
];

const of = (config: RouterConfig, code: FindingCode): readonly Finding[] =>
  checkPolicy(config).findings.filter((finding) => finding.code === code);

describe('checkPolicy finds', () => {
  it.each(CASES)('$title', async ({ code, config, where, events, says, isSo }) => {
    const [found] = of(config, code);

    expect(found).toMatchObject({ code, where });
    expect(found!.message).toMatch(says);
    expect(found!.remedy).not.toBe('');
    expect(found!.path).toHaveLength(events);
    await replay(config, found!.path, isSo);
  });

  it.each([
    [
      'a candidate that is no model',
      'unknown_target',
      'rules[0].fallback[0]',
      { targets: ['a'], fallback: ['gone'] },
      /names 'gone', which is no model/,
    ],
    [
      'a candidate twice',
      'duplicate_candidate',
      'rules[0].fallback[1]',
      { targets: ['a'], fallback: ['b', 'a'] },
      /names 'a' twice/,
    ],
    [
      'a candidate that serves embeddings',
      'unreachable_target',
      'rules[0].targets[1]',
      { targets: ['a', 'vectors'] },
      /serves embeddings/,
    ],
  ] as const)('%s, which a router refuses', (_, code, where, rule, says) => {
    const config: RouterConfig = {
      models: { a: model(), b: model(), vectors: model({ serves: 'embeddings' }) },
      rules: [{ ...rule, ...fine }],
    };

    const report = checkPolicy(config);

    expect(report.ok).toBe(false);
    expect(report.findings[0]).toMatchObject({ code, where, severity: 'error', path: [] });
    expect(report.findings[0]!.message).toMatch(says);
    expect(() => LLMRouter.fromConfig(config)).toThrow(where);
  });

  it('each of its codes in some case, but for those of a chart', () => {
    const shown = new Set<string>([
      ...CASES.map(({ code }) => code),
      'unknown_target',
      'duplicate_candidate',
      'unreachable_target',
    ]);
    const charts = ['request_lost', 'probe_stranded', 'overtaking_unbounded'];

    expect([...ERROR_CODES, ...WARNING_CODES].filter((code) => !shown.has(code))).toEqual(charts);
  });

  it('the order in which silence takes longest, whichever the strategy gives first', async () => {
    const config: RouterConfig = {
      models: {
        a: model({ attemptTimeoutMs: 10_000 }),
        b: model({ attemptTimeoutMs: 100_000, firstTokenTimeoutMs: 100_000 }),
      },
      rules: [{ targets: ['a', 'b'], strategy: 'round-robin', maxRetries: 0, timeoutMs: 60_000 }],
    };

    const [found] = of(config, 'latency_exceeds_deadline');

    expect(found!.message).toContain('When b is silent');
    expect(found!.models).toEqual(['a']);
  });

  it('no attempt too many where a breaker opens before the last retry', () => {
    const config: RouterConfig = {
      models: { a: model(), b: model(), c: model() },
      breaker: { failureThreshold: 1 },
      rules: [{ targets: ['a'], fallback: ['b', 'c'], timeoutMs: 600_000 }],
    };

    expect(of(config, 'attempts_exceed_bound')).toEqual([]);
  });

  it('only such requests on its paths as take the rule', async () => {
    const config: RouterConfig = {
      models: { a: model(small), b: model(small) },
      rules: [
        { name: 'gold', match: { metadata: { tier: 'gold' } }, targets: ['a'], fallback: ['b'], ...fine },
        { name: 'paying', match: { metadata: { tier: ['gold', 'silver'] } }, targets: ['b'], ...fine },
      ],
    };

    const [found] = of(config, 'single_point_of_failure');

    expect(found).toMatchObject({ rule: 'paying' });
    await replay(config, found!.path, ({ latest }) => expect(latest).toBe('failed:no_model_available'));
  });

  it('nothing of a rule of which it has not seen all', () => {
    const { findings, isExhaustive } = checkPolicy(
      { models: { a: model(), b: model(), c: model() }, rules: [{ targets: ['a'], fallback: ['b', 'c'], ...fine }] },
      { maxStates: 3 },
    );

    expect(isExhaustive).toBe(false);
    expect(findings.map(({ code }) => code)).not.toContain('target_never_chosen');
  });

  it.each([
    ['maxAttempts', 7],
    ['maxAttempts', 0],
    ['maxStates', Number.NaN],
  ])('an option %s of %s wrong', (option, value) => {
    expect(() => checkPolicy({ models: { a: model() } }, { [option]: value })).toThrow(option);
  });

  it('nothing once what is wrong has been changed as it says', () => {
    const config: RouterConfig = {
      models: { a: model(), b: model(), c: model() },
      rules: [{ targets: ['a'], fallback: ['b', 'c'], maxRetries: 1, timeoutMs: 120_001 }],
    };

    expect(checkPolicy(config).findings).toEqual([]);
  });
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ModelConfig, RouterConfig, RuleConfig } from '../../../../src/config/router-config.ts';
import { checkPolicy } from '../../../../src/verify/check/check-policy.ts';
import type { Finding, FindingCode } from '../../../../src/verify/check/finding.ts';
import type { PolicyEvent } from '../../../../src/verify/policy-events.ts';
import type { PolicySource } from '../../../../src/verify/policy-source.ts';
import { replay } from '../replay.ts';

const small = { maxConcurrency: 1, maxQueueDepth: 3 };
const model = (given: ModelConfig = {}): ModelConfig => ({ provider: 'simulated', ...small, ...given });
const asked: PolicyEvent = { type: 'request', priority: 'normal' };
const found = (source: PolicySource, code: FindingCode): readonly Finding[] =>
  checkPolicy(source).findings.filter((finding) => finding.code === code);

describe('an open time as long as the longest time', () => {
  const opening = (recoveryTimeoutMs: number, openJitter: number): RouterConfig => ({
    models: { a: model({ breaker: { failureThreshold: 1, recoveryTimeoutMs, maxOpenMs: 600_000, openJitter } }) },
    rules: [{ targets: ['a'], maxRetries: 0, timeoutMs: 600_000, whenUnavailable: 'wait' }],
  });

  it('is too long for who comes as it begins', async () => {
    const [finding] = found(opening(600_000, 0), 'open_longer_than_deadlines');

    expect(finding!.message).toContain(
      'no request has more than 600,000 ms: none that comes as it opens can wait for it',
    );
    expect(finding!.remedy).toBe("Set its breaker's recoveryTimeoutMs below 600,000 ms.");
    const { path } = finding!;
    await replay(opening(600_000, 0), path.toSpliced(1, 0, asked), ({ latest, last }) => {
      expect(last.models['a']!.breaker).toBe('open');
      expect(latest).toBe('failed:no_model_available');
    });
    const later: readonly PolicyEvent[] = [
      ...path,
      { type: 'time.passed', ms: 1 },
      asked,
      { type: 'time.passed', ms: 599_999 },
      { type: 'call.succeeded', request: 'r2', model: 'a' },
    ];
    await replay(opening(600_000, 0), later, ({ latest }) => expect(latest).toBe('served:a'));
  });

  it('is mended with room for jitter', async () => {
    const [finding] = found(opening(600_000, 0.2), 'open_longer_than_deadlines');

    expect(finding!.remedy).toBe(
      "Set its breaker's recoveryTimeoutMs below 500,000 ms, which openJitter may lengthen to 600,000 ms.",
    );
    expect(checkPolicy(opening(499_999, 0.2)).findings).toEqual([]);
    await replay(opening(499_999, 0.2), [...finding!.path, asked], ({ last }) => expect(last.parked).toBe(1));
  });

  it.each([
    [0.5, 0, '0.5 ms.'],
    [1, 0.25, '0.8 ms, which openJitter may lengthen to 1 ms.'],
  ])('of %d ms and a jitter of %d is mended by an open time that there is', (timeoutMs, openJitter, remedy) => {
    const breaker = (recoveryTimeoutMs: number) => ({ failureThreshold: 1, openJitter, recoveryTimeoutMs });
    const config = (recoveryTimeoutMs: number): RouterConfig => ({
      models: { a: model({ breaker: breaker(recoveryTimeoutMs) }) },
      rules: [{ targets: ['a'], maxRetries: 0, timeoutMs }],
    });
    const [finding] = found(config(1), 'open_longer_than_deadlines');

    expect(finding!.message).toContain(`no request has more than ${timeoutMs} ms:`);
    expect(finding!.remedy).toBe(`Set its breaker's recoveryTimeoutMs below ${remedy}`);
    expect(found(config(0.4), 'open_longer_than_deadlines')).toEqual([]);
  });
});

describe('silence that is noticed before its limit', () => {
  const policy = (timeoutMs: number, given: ModelConfig): RouterConfig => ({
    models: { a: model(given), b: model() },
    rules: [{ targets: ['a'], fallback: ['b'], maxRetries: 0, timeoutMs }],
  });
  const answered = (request: string): readonly PolicyEvent[] => [
    asked,
    { type: 'time.passed', ms: 50 },
    { type: 'call.succeeded', request, model: 'a' },
  ];

  it.each<[title: string, config: RouterConfig, path: readonly PolicyEvent[]]>([
    [
      'of a call that is much older than 20 others were',
      policy(30_000, { breaker: { failureThreshold: 1 } }),
      [
        ...Array.from({ length: 20 }, (_, index) => answered(`r${index + 1}`)).flat(),
        asked,
        { type: 'time.passed', ms: 250 },
      ],
    ],
    [
      'of a probe',
      policy(45_000, { breaker: { failureThreshold: 1, recoveryTimeoutMs: 1_000, openJitter: 0 } }),
      [
        { ...asked, model: 'a' },
        { type: 'call.refused', request: 'r1', model: 'a' },
        { type: 'time.passed', ms: 1_000 },
        asked,
        { type: 'time.passed', ms: 30_000 },
      ],
    ],
  ])('%s, opens the breaker, and the fallback is asked, which no finding denies', async (_, config, path) => {
    const [late] = found(config, 'latency_exceeds_deadline');
    const [blameless] = found(config, 'deadline_below_first_token');

    expect(late!.message).toMatch(/^When a is silent up to its limit, .* waits 60,000 ms for it and has /);
    expect(blameless!.message).toMatch(/a request whose time is over before that asks no fallback and counts against/);
    await replay(config, path, ({ last, latest }) => {
      expect(last.models['a']!.breaker).toBe('open');
      expect(last.models['b']!.running).toHaveLength(1);
      expect(latest).toBeUndefined();
    });
  });
});

describe('a time that is over when its model would be blamed', () => {
  const quick = (timeoutMs: number, given: ModelConfig = {}): RouterConfig => ({
    models: { a: model({ breaker: { failureThreshold: 1 }, ...given }) },
    rules: [{ targets: ['a'], maxRetries: 0, timeoutMs }],
  });

  it('is found at the same instant, where the deadline is first', async () => {
    const [finding] = found(quick(60_000), 'deadline_below_first_token');

    await replay(quick(60_000), finding!.path, ({ latest, last }) => {
      expect(latest).toBe('failed:deadline_exceeded');
      expect(last.models['a']).toMatchObject({ breaker: 'closed', failures: 0 });
    });
  });

  it('is not found a millisecond later', async () => {
    const [{ path }] = found(quick(60_000), 'deadline_below_first_token') as [Finding];

    expect(found(quick(60_001), 'deadline_below_first_token')).toEqual([]);
    await replay(quick(60_001), path, ({ latest, last }) => {
      expect(latest).toBe('failed:provider_failed');
      expect(last.models['a']!.breaker).toBe('open');
    });
  });

  it('is told with the limit that counts', () => {
    const [finding] = found(quick(30_000, { attemptTimeoutMs: 40_000 }), 'deadline_below_first_token');

    expect(finding!.message).toContain("has 30,000 ms, and 'a' may be silent for 40,000 ms");
  });
});

describe('boosts of more than half of the time', () => {
  const CODE = 'boost_above_half_deadline';
  const policy = (rule: Partial<RuleConfig>, given: ModelConfig = {}): RouterConfig => ({
    models: { a: model(given), b: model(given) },
    rules: [{ targets: ['a'], fallback: ['b'], maxRetries: 0, ...rule }],
  });

  it.each([
    ['critical', 30_000],
    ['high', 40_000],
  ] as const)('do no harm to %s requests with %d ms, whom nobody passes over for as long', (match, timeoutMs) => {
    expect(found(policy({ match, timeoutMs }), CODE)).toEqual([]);
  });

  it.each([
    ['high', 29_000, '15,000'],
    ['normal', 100_000, '55,000'],
    ['low', 119_998, '60,000'],
  ] as const)('let critical requests pass over %s ones with %d ms', async (match, timeoutMs, passedMs) => {
    const config = policy({ match, timeoutMs });
    const [finding] = found(config, CODE);

    expect(finding!.message).toContain(`A ${match} request of rule`);
    expect(finding!.message).toContain(`critical ones pass over it for ${passedMs} ms`);
    expect(finding!.class).toBe(match);
    await replay(config, finding!.path, ({ seen, last }) => {
      expect(seen.at(-2)!.models['a']!.waiting).toMatchObject({ critical: 1, [match]: 1 });
      expect(last.models['a']).toMatchObject({ running: ['r2'], waiting: { critical: 0, [match]: 1 } });
    });
  });

  it.each([
    [32, 100, 60_000],
    [32, 100, 200],
    [32, 100, 119_999],
    [64, 128, 2],
  ])('are shown in five events, with %d slots, %d places and %d ms', async (maxConcurrency, maxQueueDepth, timeoutMs) => {
    const config = policy({ match: 'low', timeoutMs }, { maxConcurrency, maxQueueDepth });
    const [finding] = found(config, CODE);

    expect(finding!.path).toHaveLength(5);
    await replay(config, finding!.path, ({ last }) => expect(last.models['a']!.running).toEqual(['r2']));
  });

  it('are shown to a request of the rule where one that asks for the model by name has too little time', async () => {
    const boostMs = { critical: 400_000, high: 0, normal: 0, low: 0 };
    const config: RouterConfig = { ...policy({ match: 'low', timeoutMs: 600_000 }), queue: { boostMs } };
    const [finding] = found(config, CODE);

    expect(finding!.path).toContainEqual({ type: 'request', priority: 'low' });
    await replay(config, finding!.path, ({ last }) => {
      expect(last.models['a']).toMatchObject({ running: ['r2'], waiting: { low: 1 } });
    });
  });

  it.each([
    [{ maxQueueDepth: 2 }, 5],
    [{ maxConcurrency: 2, maxQueueDepth: 2 }, 5],
    [{ maxConcurrency: 2, maxQueueDepth: 10, breaker: { halfOpenMaxProbes: 2 } }, 6],
    [{ maxConcurrency: 2, maxQueueDepth: 3, breaker: { halfOpenMaxProbes: 5 } }, 6],
  ])('are found and shown with %j', async (given, events) => {
    const config = policy({ match: 'low', timeoutMs: 60_000 }, given);
    const [finding] = found(config, CODE);

    expect(finding!.path).toHaveLength(events);
    await replay(config, finding!.path, ({ last }) => {
      const { running, waiting } = last.models['a']!;
      expect(running).not.toContain('r1');
      expect(running).toHaveLength(events - 4);
      expect(waiting).toMatchObject({ critical: 0, low: 1 });
    });
  });

  it.each([
    [{ maxQueueDepth: 1 }],
    [{ maxConcurrency: 2, maxQueueDepth: 2, breaker: { halfOpenMaxProbes: 2 } }],
  ])('do no harm with %j, where all who wait for the end of a limit begin at once', (given) => {
    expect(found(policy({ match: 'low', timeoutMs: 60_000 }, given), CODE)).toEqual([]);
  });

  it('are shown at the candidate that begins again with fewest calls', async () => {
    const { models, rules } = policy({ match: 'low', timeoutMs: 60_000 });
    const probed = { maxConcurrency: 2, maxQueueDepth: 4, breaker: { halfOpenMaxProbes: 2 } };
    const config: RouterConfig = { models: { ...models, a: model(probed) }, rules };
    const [finding] = found(config, CODE);

    expect(finding!.path).toHaveLength(5);
    await replay(config, finding!.path, ({ last }) => {
      expect(last.models['b']).toMatchObject({ running: ['r2'], waiting: { low: 1 } });
    });
  });

  it('are told without a path where no model heeds a limit for as long', () => {
    const [finding] = found(policy({ match: 'low', timeoutMs: 60_000 }, { breaker: { maxHintMs: 30_000 } }), CODE);

    expect(finding!.path).toEqual([]);
  });
});

it('a model with a dot in its name is found in its line', () => {
  const folder = mkdtempSync(join(tmpdir(), 'llm-router-times-'));
  try {
    const file = join(folder, 'llm-router.yaml');
    const breaker = '{ recoveryTimeoutMs: 180000 }';
    writeFileSync(
      file,
      `models:\n  a: { provider: simulated }\n  llama3.2: { provider: simulated, breaker: ${breaker} }\n`,
    );

    const findings = checkPolicy(file).findings.filter(({ models }) => models?.[0] === 'llama3.2');

    expect(findings.map(({ where, line }) => [where, line])).toContainEqual(['models["llama3.2"]', 3]);
    for (const { line } of findings) expect(line).toBe(3);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

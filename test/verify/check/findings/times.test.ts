import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ModelConfig, RouterConfig, RuleConfig } from '../../../../src/config/router-config.ts';
import { checkPolicy } from '../../../../src/verify/check/check-policy.ts';
import type { Finding, FindingCode } from '../../../../src/verify/check/finding.ts';
import type { PolicySource } from '../../../../src/verify/policy-source.ts';
import { replay } from '../replay.ts';

const small = { maxConcurrency: 1, maxQueueDepth: 3 };
const model = (given: ModelConfig = {}): ModelConfig => ({ provider: 'simulated', ...small, ...given });
const found = (source: PolicySource, code: FindingCode): readonly Finding[] =>
  checkPolicy(source).findings.filter((finding) => finding.code === code);

describe('an open time as long as the longest time', () => {
  const opening = (recoveryTimeoutMs: number, openJitter: number): RouterConfig => ({
    models: { a: model({ breaker: { failureThreshold: 1, recoveryTimeoutMs, maxOpenMs: 600_000, openJitter } }) },
    rules: [{ targets: ['a'], maxRetries: 0, timeoutMs: 600_000, whenUnavailable: 'wait' }],
  });

  it('is waited for in vain', async () => {
    const [finding] = found(opening(600_000, 0), 'open_longer_than_deadlines');

    expect(finding!.remedy).toBe("Set its breaker's recoveryTimeoutMs below 600,000 ms.");
    const { path } = finding!;
    await replay(
      opening(600_000, 0),
      path.toSpliced(1, 0, { type: 'request', priority: 'normal' }),
      ({ latest, last }) => {
        expect(last.models['a']!.breaker).toBe('open');
        expect(latest).toBe('failed:no_model_available');
      },
    );
  });

  it('is mended with room for jitter', async () => {
    const [finding] = found(opening(600_000, 0.2), 'open_longer_than_deadlines');

    expect(finding!.remedy).toBe(
      "Set its breaker's recoveryTimeoutMs below 500,000 ms, which openJitter may lengthen to 600,000 ms.",
    );
    expect(checkPolicy(opening(499_999, 0.2)).findings).toEqual([]);
    await replay(opening(499_999, 0.2), [...finding!.path, { type: 'request', priority: 'normal' }], ({ last }) =>
      expect(last.parked).toBe(1),
    );
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

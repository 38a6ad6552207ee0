import { describe, expect, it } from 'vitest';
import type { ModelConfig, RouterConfig, RuleConfig } from '../../../src/config/router-config.ts';
import { LLMRouter } from '../../../src/llm-router.ts';
import { checkPolicy } from '../../../src/verify/check/check-policy.ts';
import type { Finding } from '../../../src/verify/check/finding.ts';
import { type Replayed, replay } from './replay.ts';

const model = (given: ModelConfig = {}): ModelConfig => ({ provider: 'simulated', ...given });

const three = (given: ModelConfig): RouterConfig => ({
  models: { a: model(given), b: model(given), c: model(given) },
  queue: { maxConcurrency: 2, maxQueueDepth: 4 },
  rules: [{ targets: ['a'], fallback: ['b', 'c'], timeoutMs: 600_000 }],
});

const excessOf = (config: RouterConfig, maxAttempts = 6): Finding | undefined =>
  checkPolicy(config, { maxStates: 50, maxAttempts }).findings.find(({ code }) => code === 'attempts_exceed_bound');

/** Of routers that draw otherwise. */
async function replayed(config: RouterConfig, { path }: Finding, look: (replayed: Replayed) => void): Promise<void> {
  for (const seed of [1, 2, 3, 4, 5]) {
    await replay(config, path, look, ({ config, clock, backendOf }) =>
      LLMRouter.fromConfig(config, { clock, backendOf, seed }),
    );
  }
}

const successesIn = ({ path }: Finding): number => path.filter(({ type }) => type === 'call.succeeded').length;

describe('a request makes too many calls', () => {
  it.each<[title: string, given: ModelConfig, successes: number]>([
    ['a breaker that opens after two failures in a row', { breaker: { failureThreshold: 2 } }, 2],
    ['one slot', { breaker: { failureThreshold: 2 }, maxConcurrency: 1, maxQueueDepth: 2 }, 2],
    ['a breaker that opens after three', { breaker: { failureThreshold: 3 } }, 0],
    ['a breaker that has seen too little', { breaker: { policy: 'count' } }, 0],
    ['a breaker by rate', { breaker: { policy: 'count', windowSize: 20, minimumCalls: 2 } }, 6],
    ['a breaker by rate over time', { breaker: { policy: 'time', minimumCalls: 1, failureRate: 0.3 } }, 10],
    ['a breaker that only observes', { breaker: { failureThreshold: 1, observe: true } }, 0],
    ['no breaker', { breaker: false }, 0],
  ])('with %s, where others succeed between its failures', async (_, given, successes) => {
    const config = three(given);

    const found = excessOf(config)!;

    expect(found.message).toMatch(/would need 9 calls .* When a, b fail, it gives up without having asked c/);
    await replay(config, found.path, ({ last, driver }) => {
      const [failed] = Object.values(last.settled).filter((outcome) => outcome.startsWith('failed'));
      expect(failed).toBe('failed:provider_failed');
      expect(driver.router.getModelStatus()).toMatchObject({
        a: { failures: 3 },
        b: { failures: 3 },
        c: { successes: 0, failures: 0 },
      });
    });
    expect(successesIn(found)).toBe(successes);
  });

  it.each<[title: string, given: ModelConfig]>([
    ['a breaker that opens at once', { breaker: { failureThreshold: 1 } }],
    ['a breaker by rate that opens at once', { breaker: { policy: 'count', windowSize: 1, minimumCalls: 1 } }],
    [
      'one place, so that nothing succeeds while it backs off',
      { breaker: { failureThreshold: 2 }, maxConcurrency: 1, maxQueueDepth: 1 },
    ],
  ])('but not with %s', (_, given) => {
    expect(excessOf(three(given))).toBeUndefined();
  });

  it.each<[title: string, given: ModelConfig]>([
    ['ends a call before the longest back-off does', { attemptTimeoutMs: 900 }],
    [
      'finds such calls slow',
      { breaker: { policy: 'count', minimumCalls: 2, failureRate: 1, slowCallMs: 100, slowCallRate: 0.3 } },
    ],
    [
      'finds such calls silent, because it knows twenty',
      { breaker: { policy: 'count', minimumCalls: 2, failureRate: 0.06, failureThreshold: 1 } },
    ],
  ])('whatever it draws, at a model that %s', async (_, given) => {
    const config = three(given);

    const found = excessOf(config)!;

    expect(found.message).toMatch(/When a, b fail, it gives up without having asked c/);
    await replayed(config, found, ({ last, driver }) => {
      expect(Object.values(last.settled)).toContain('failed:provider_failed');
      expect(driver.router.getModelStatus()).toMatchObject({
        a: { failures: 3 },
        b: { failures: 3 },
        c: { failures: 0 },
      });
    });
  });

  it('in the time that its rule gives it, whatever it draws', async () => {
    const within = (timeoutMs: number): RouterConfig => ({
      ...three({}),
      rules: [{ targets: ['a'], fallback: ['b', 'c'], timeoutMs }],
    });

    expect(excessOf(within(1_200))).toBeUndefined();
    expect(excessOf(within(3_000))).toBeUndefined();
    const found = excessOf(within(3_050))!;
    await replayed(within(3_050), found, ({ latest }) => expect(latest).toBe('failed:provider_failed'));
  });

  it('and a call that may be streamed does not outlast its wait for the first token', () => {
    const hintsIn = (firstTokenTimeoutMs: number) =>
      excessOf(three({ firstTokenTimeoutMs }))!.path.flatMap((event) =>
        'retryAfterMs' in event ? event.retryAfterMs : [],
      );

    expect(hintsIn(1_000)).toEqual([500, 1_000, 500, 1_000]);
    expect(hintsIn(1_001)).toEqual([]);
  });

  it('unless nothing keeps its next call from ending too early', () => {
    expect(excessOf(three({ attemptTimeoutMs: 900, breaker: { maxHintMs: 999 } }))).toBeUndefined();
    expect(excessOf(three({ attemptTimeoutMs: 900, breaker: { maxHintMs: 1_000 } }))).toBeDefined();
  });

  it('or it has no time to let others succeed at its only slot', async () => {
    const config = (baseMs: number): RouterConfig => ({
      ...three({ breaker: { failureThreshold: 2 }, maxConcurrency: 1 }),
      retries: { baseMs },
    });

    expect(excessOf(config(0))).toBeUndefined();
    await replayed(config(2), excessOf(config(2))!, ({ driver }) =>
      expect(driver.router.getModelStatus()).toMatchObject({ a: { failures: 3 }, b: { failures: 3 } }),
    );
  });

  it('and has asked them all, but the last one not as often as it might', async () => {
    const config: RouterConfig = {
      models: { a: model(), b: model() },
      rules: [{ targets: ['a'], fallback: ['b'], maxRetries: 3, timeoutMs: 600_000 }],
    };

    const found = excessOf(config)!;

    expect(found.message).toBe(
      "A request of rule 'any' would need 8 calls to try 2 candidates with up to 3 retries each, and may make 6. When a, b fail, it gives up after 2 of 4 calls of b.",
    );
    await replayed(config, found, ({ latest, driver }) => {
      expect(latest).toBe('failed:provider_failed');
      expect(driver.router.getModelStatus()).toMatchObject({ a: { failures: 4 }, b: { failures: 2 } });
    });
  });

  it('by a bound of its own, which the router does not keep', async () => {
    const found = excessOf(three({}), 2)!;

    expect(found.message).toMatch(/ and may make 2\. When a fails, it makes more\.$/);
    expect(found.models).toEqual(['a', 'b', 'c']);
    await replayed(three({}), found, ({ last, driver }) => {
      expect(last.settled).toEqual({});
      expect(driver.router.getModelStatus()).toMatchObject({ a: { circuitBreaker: { failureCount: 3 } } });
    });
  });

  it('and is told which option would spare them', () => {
    const models = { a: model(), b: model(), c: model() };
    const remedyOf = (config: RouterConfig) => excessOf(config)!.remedy;

    expect(remedyOf({ models })).toBe('Set retries.maxRetries to 1 or less.');
    expect(checkPolicy({ models }, { maxStates: 50 }).findings).toContainEqual(
      expect.objectContaining({
        code: 'latency_exceeds_deadline',
        remedy: expect.stringMatching(/^Set timeoutMs above 120,000 ms, or give the models /),
      }),
    );
    expect(remedyOf({ models, rules: [{ targets: ['a', 'b', 'c'] }] })).toBe(
      'Set maxRetries of the rule to 1 or less.',
    );
  });

  it('and is told how many candidates it can try, where there are more than calls', () => {
    const found = (candidates: number, rule: Partial<RuleConfig> | null) => {
      const models = Object.fromEntries([...'abcdefg'].map((name) => [name, model()]));
      const targets = Object.keys(models).slice(0, candidates);
      return excessOf({
        models,
        ...(rule === null ? { retries: { maxRetries: 1 } } : { rules: [{ targets, ...rule }] }),
      });
    };

    expect(found(7, null)!.remedy).toBe('Name at most 6 of the models in a rule for all, and set its maxRetries to 0.');
    expect(found(7, {})!.remedy).toBe('Take candidates out of the rule until 6 are left, and set its maxRetries to 0.');
    expect(found(7, { maxRetries: 0 })!.remedy).toBe('Take candidates out of the rule until 6 are left.');
    expect(found(6, {})!.remedy).toBe('Set maxRetries of the rule to 0.');
    expect(found(4, {})!.remedy).toBe('Set maxRetries of the rule to 0.');
    expect(found(3, {})!.remedy).toBe('Set maxRetries of the rule to 1 or less.');
    expect(found(6, { maxRetries: 0 })).toBeUndefined();
    expect(found(3, { maxRetries: 1 })).toBeUndefined();
  });
});

import { describe, expect, it } from 'vitest';
import type { ModelConfig, RouterConfig } from '../../../src/config/router-config.ts';
import { checkPolicy } from '../../../src/verify/check/check-policy.ts';
import type { Finding } from '../../../src/verify/check/finding.ts';
import { replay } from './replay.ts';

const model = (given: ModelConfig = {}): ModelConfig => ({ provider: 'simulated', ...given });

const three = (given: ModelConfig): RouterConfig => ({
  models: { a: model(given), b: model(given), c: model(given) },
  queue: { maxConcurrency: 2, maxQueueDepth: 4 },
  rules: [{ targets: ['a'], fallback: ['b', 'c'], timeoutMs: 600_000 }],
});

const excessOf = (config: RouterConfig): Finding | undefined =>
  checkPolicy(config, { maxStates: 50 }).findings.find(({ code }) => code === 'attempts_exceed_bound');

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
    const many = Object.fromEntries([...'abcdefg'].map((name) => [name, model()]));
    expect(remedyOf({ models: many, retries: { maxRetries: 0 } })).toBe(
      'Name at most 6 of the models in a rule for all.',
    );
  });
});

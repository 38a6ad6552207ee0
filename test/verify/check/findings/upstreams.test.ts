import { describe, expect, it } from 'vitest';
import type { ModelConfig, RouterConfig } from '../../../../src/config/router-config.ts';
import { LLMRouter } from '../../../../src/llm-router.ts';
import { checkPolicy } from '../../../../src/verify/check/check-policy.ts';
import type { Finding, FindingCode } from '../../../../src/verify/check/finding.ts';
import type { PolicyEvent } from '../../../../src/verify/policy-events.ts';
import { type Replayed, replay } from '../replay.ts';

const model = (given: ModelConfig = {}): ModelConfig => ({
  provider: 'simulated',
  maxConcurrency: 1,
  maxQueueDepth: 2,
  ...given,
});
const found = (config: RouterConfig, code: FindingCode): readonly Finding[] =>
  checkPolicy(config).findings.filter((finding) => finding.code === code);

const SEEDS = [1, 2, 3, 4, 5];
/** What the open time is drawn from differs by the seed. */
async function replayBySeed(config: RouterConfig, path: readonly PolicyEvent[], look: (replayed: Replayed) => void) {
  for (const seed of SEEDS) {
    await replay(config, path, look, (parts) =>
      LLMRouter.fromConfig(parts.config, { clock: parts.clock, backendOf: parts.backendOf, seed }),
    );
  }
}

const waiting = (timeoutMs: number, recoveryTimeoutMs = 60_000): RouterConfig => ({
  models: { a: model() },
  breaker: { failureThreshold: 1, recoveryTimeoutMs },
  rules: [{ targets: ['a'], maxRetries: 0, timeoutMs, whenUnavailable: 'wait' }],
});

describe('a breaker that jitter may keep open for longer than requests wait', () => {
  it.each([
    [60_001, 60_000, '72,000 ms'],
    [120_000, 119_999, '143,999 ms'],
  ])('is a single point of failure where they have %d ms and it opens for %d ms', async (timeoutMs, openMs, longest) => {
    const [finding] = found(waiting(timeoutMs, openMs), 'single_point_of_failure');

    expect(finding!.message).toContain(`When the breaker of 'a' is open for up to ${longest}, rule 'any' rejects`);
    expect(finding!.remedy).toBe(`Give it a fallback, or a timeoutMs above ${longest}.`);
    await replayBySeed(waiting(timeoutMs, openMs), finding!.path, ({ latest }) =>
      expect(latest).toBe('failed:no_model_available'),
    );
  });

  it('is none once they have the time that the remedy names', async () => {
    const [{ path }] = found(waiting(60_001), 'single_point_of_failure') as [Finding];

    expect(found(waiting(72_001), 'single_point_of_failure')).toEqual([]);
    await replayBySeed(waiting(72_001), path, ({ latest, last }) => {
      expect(latest).toBeUndefined();
      expect(last.parked).toBe(1);
    });
  });

  it('is mended by nothing less than all that is missing for waiting', () => {
    const config: RouterConfig = {
      ...waiting(60_001),
      queue: { maxParked: 0 },
      rules: [{ targets: ['a'], maxRetries: 0, timeoutMs: 60_001 }],
    };

    expect(found(config, 'single_point_of_failure')[0]!.remedy).toBe(
      'Give it a fallback, or whenUnavailable: wait and a timeoutMs above 72,000 ms and a queue.maxParked above 0.',
    );
  });
});

describe('a breaker that is open for no time at all', () => {
  const config = (recoveryTimeoutMs: number): RouterConfig => ({
    models: { a: model({ upstream: 'gpu' }), b: model({ upstream: 'gpu' }) },
    breaker: { failureThreshold: 1, recoveryTimeoutMs, openJitter: 0 },
    rules: [
      { name: 'alone', match: 'low', targets: ['a'], maxRetries: 0 },
      { name: 'both', targets: ['a'], fallback: ['b'], maxRetries: 0 },
    ],
  });

  it('is no single point of failure', async () => {
    const [{ path }] = found(config(1), 'single_point_of_failure') as [Finding];

    expect(found(config(0), 'single_point_of_failure')).toEqual([]);
    await replay(config(1), path, ({ latest }) => expect(latest).toBe('failed:no_model_available'));
    await replay(config(0), path, ({ last }) => expect(last.models['a']!.running).toEqual(['r2']));
  });

  it('does not show that an upstream is shared, which is told without a path', async () => {
    const [{ path }] = found(config(1), 'shared_upstream') as [Finding];

    expect(found(config(0), 'shared_upstream')).toMatchObject([{ models: ['a', 'b'], path: [] }]);
    await replay(config(1), path, ({ latest }) => expect(latest).toBe('failed:no_model_available'));
  });
});

describe('what is left when the model that carries most is out', () => {
  const prices = {
    dear: { inputPerMillion: 9, outputPerMillion: 9 },
    cheap: { inputPerMillion: 1, outputPerMillion: 1 },
  };
  const byCost = (targets: readonly string[]): RouterConfig => ({
    models: {
      dear: model({ pricing: prices.dear, breaker: { failureThreshold: 1 } }),
      cheap: model({ pricing: prices.cheap, maxConcurrency: 4, maxQueueDepth: 5, breaker: { failureThreshold: 1 } }),
    },
    rules: [{ targets: [...targets], strategy: 'cost', maxRetries: 0, timeoutMs: 600_000, expectedRps: 3 }],
  });

  it.each([[['dear', 'cheap']], [['cheap', 'dear']]])('is too little under cost, declared as %j', async (targets) => {
    const [finding] = found(byCost(targets), 'fallback_capacity_short');

    expect(finding!.message).toMatch(/Without 'cheap', rule 'any' has 1 a second of the 3 a second/);
    await replay(byCost(targets), finding!.path, ({ latest }) => expect(latest).toBe('failed:queue_full'));
  });

  it('is judged of the one that takes most where each may be asked first', () => {
    const { models, rules } = byCost(['dear', 'cheap']);
    const [finding] = found({ models, rules: [{ ...rules![0]!, strategy: 'weighted' }] }, 'fallback_capacity_short');

    expect(finding!.message).toContain("Without 'cheap'");
  });

  it('is judged of the one that is asked first where the order is fixed', () => {
    const { models, rules } = byCost(['dear', 'cheap']);

    expect(found({ models, rules: [{ ...rules![0]!, strategy: 'ordered' }] }, 'fallback_capacity_short')).toEqual([]);
  });
});

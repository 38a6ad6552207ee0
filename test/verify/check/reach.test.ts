import { describe, expect, it } from 'vitest';
import type { RouterConfig } from '../../../src/config/router-config.ts';
import { assertPolicy, type PolicyViolationError } from '../../../src/verify/check/assert-policy.ts';
import { replay } from './replay.ts';

const policy = (maxHintMs: number, timeouts: readonly number[]): RouterConfig => ({
  models: { a: { provider: 'simulated', maxConcurrency: 1, maxQueueDepth: 2 } },
  breaker: { failureThreshold: 1, maxHintMs },
  rules: timeouts.map((timeoutMs, index) => ({
    match: index === 0 ? 'high' : 'low',
    targets: ['a'],
    maxRetries: 0,
    timeoutMs,
    whenUnavailable: 'wait',
  })),
});

function violationOf(config: RouterConfig): PolicyViolationError | undefined {
  try {
    assertPolicy(config, ({ rule, models }) => rule === null || models['a']!.recovery !== 'late');
  } catch (error) {
    return error as PolicyViolationError;
  }
  return undefined;
}

describe('a breaker recovers too late', () => {
  it.each([
    ['after it has opened again and again, where it heeds no long hint', policy(1_000, [200_000])],
    [
      'after a hint, though another rule gives its requests more time than any hint',
      policy(3_600_000, [1_000_000, 7_200_000]),
    ],
  ])('%s', async (_, config) => {
    const violation = violationOf(config)!;

    expect(violation.decision).toMatchObject({ outcome: 'fail', code: 'no_model_available' });
    await replay(config, violation.path, ({ latest, last }) => {
      expect(last.models['a']!.breaker).toBe('open');
      expect(latest).toBe('failed:no_model_available');
    });
  });

  it('never, where it stays open no longer than requests wait', () => {
    expect(violationOf(policy(1_000, [400_000]))).toBeUndefined();
  });
});

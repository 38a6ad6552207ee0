import { describe, expect, it } from 'vitest';
import type { RouterConfig } from '../../../src/config/router-config.ts';
import { assertPolicy, type PolicyProperty } from '../../../src/verify/check/assert-policy.ts';
import { replay } from './replay.ts';
import { violationOf } from './violation-of.ts';

const oneModel = (rule: object, breaker: object = {}): RouterConfig => ({
  models: { a: { provider: 'simulated', maxConcurrency: 1, maxQueueDepth: 2, breaker } },
  rules: [{ name: 'all', targets: ['a'], ...rule }],
});

/** Whether a newcomer of that class meets a rate limit that ends in time and so comes to that. */
const meets =
  (wanted: string, outcome: string): PolicyProperty =>
  ({ class: priority, models: { a } }, decision) =>
    !(priority === wanted && a!.limit === 'in_time' && a!.queue === 'full' && decision.outcome === outcome);

describe('while a rate limit lasts', () => {
  it('its model may become full, and turns away who could have waited for its end', async () => {
    const config = oneModel({ maxRetries: 0 });
    const { path, decision } = violationOf(config, meets('low', 'fail'));
    expect(decision.code).toBe('rate_limited');
    await replay(config, path, ({ latest }) => expect(latest).toBe('failed:rate_limited'));
  });

  it('who would have to wait outside for a place waits outside', () => {
    const { decision } = violationOf(oneModel({ whenUnavailable: 'wait' }), meets('low', 'park'));
    expect(decision.outcome).toBe('park');
  });

  it('a more important one takes the place of one that waits', () => {
    const { decision } = violationOf(oneModel({}), meets('critical', 'wait_for_limit'));
    expect(decision.model).toBe('a');
  });
});

describe('a rate limit ends too late', () => {
  const isInTime: PolicyProperty = ({ models: { a } }) => a!.limit !== 'late';

  it.each([
    ['at the first 429 without a hint', 900, 1],
    ['after some in a row, each of which doubles it', 5_000, 4],
  ])('%s, where no hint is heeded', async (_, timeoutMs, limits) => {
    const config = oneModel({ timeoutMs, maxRetries: 0 }, { maxHintMs: 0 });
    const { path } = violationOf(config, isInTime);
    expect(path.filter(({ type }) => type === 'call.rate_limited')).toHaveLength(limits);
    await replay(config, path, ({ latest }) => expect(latest).toBe('failed:rate_limited'));
  });

  it('never, where requests have longer than the longest limit', () => {
    const config = { ...oneModel({ timeoutMs: 60_001 }, { maxHintMs: 0 }), timeoutMs: 60_001 };
    expect(assertPolicy(config, isInTime)).toBeGreaterThan(0);
  });
});

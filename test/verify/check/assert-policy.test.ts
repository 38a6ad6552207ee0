import { describe, expect, it, onTestFinished } from 'vitest';
import type { RouterConfig } from '../../../src/config/router-config.ts';
import {
  assertPolicy,
  type PolicyProperty,
  type PolicyState,
  type PolicyViolationError,
} from '../../../src/verify/check/assert-policy.ts';
import { replay } from './replay.ts';
import { violationOf as violationIn } from './violation-of.ts';

const small = {
  provider: 'simulated',
  maxConcurrency: 1,
  maxQueueDepth: 2,
  breaker: { failureThreshold: 2, openJitter: 0 },
};
const CONFIG: RouterConfig = {
  models: { local: small, cloud: small },
  rules: [
    { name: 'private', match: { metadata: { privacy: 'local' } }, targets: ['local'] },
    { name: 'rest', targets: ['local'], fallback: ['cloud'] },
  ],
};

const violationOf = (property: PolicyProperty): PolicyViolationError => violationIn(CONFIG, property);

describe('assertPolicy', () => {
  it('looks at every decision of every class under every rule', () => {
    const met = new Set<string>();

    const decisions = assertPolicy(CONFIG, ({ rule, class: priority }) => met.add(`${rule} ${priority}`));

    expect([...met].sort()).toEqual(
      ['private', 'rest'].flatMap((rule) => ['critical', 'high', 'low', 'normal'].map((name) => `${rule} ${name}`)),
    );
    expect(decisions).toBeGreaterThan(500);
  });

  it('holds a property that the policy has', () => {
    expect(() =>
      assertPolicy(CONFIG, ({ metadata }, { model }) => metadata['privacy'] !== 'local' || model !== 'cloud'),
    ).not.toThrow();
  });

  it('tells the violation that is reached soonest, and how', async () => {
    const violation = violationOf((_, { model }) => model !== 'cloud');

    expect(violation.state).toMatchObject({ rule: 'rest', candidates: ['local', 'cloud'] });
    expect(violation.decision).toEqual({ outcome: 'admit', model: 'cloud' });
    expect(violation.message).toContain("requests of rule 'rest'");
    // The nearest state in which the first candidate does not take it: its slot and its place are taken.
    expect(violation.path.map(({ type }) => type)).toEqual(['request', 'request', 'request']);
    await replay(CONFIG, violation.path, ({ last }) => {
      expect(last.models).toMatchObject({ local: { running: ['r1'] }, cloud: { running: ['r3'] } });
    });
  });

  it('takes what a property throws for its word', () => {
    const violation = violationOf(({ models }, { outcome }) => {
      if (models['local']!.breaker === 'open') expect(outcome).toBe('admit');
    });

    expect(violation.state.models['local']!.breaker).toBe('open');
    expect(violation.message).toContain('expected');
    expect(violation.cause).toBeInstanceOf(Error);
  });

  it('shows full queues and whom they give way to', () => {
    const displaced = new Set<string>();

    assertPolicy(CONFIG, ({ class: priority, models }, { outcome }) => {
      if (outcome === 'displace')
        displaced.add(`${priority} ${models['local']!.last?.class ?? models['cloud']!.last?.class}`);
    });

    expect(displaced).toContain('critical low');
    expect(displaced).not.toContain('low critical');
  });

  it('does not take a part for the whole', () => {
    expect(() => assertPolicy(CONFIG, () => true, { maxCombinations: 10 })).toThrow(
      /10 combinations hold, and there are more/,
    );
  });

  it('knows what comes of a 429 and a failure at once', async () => {
    const two = { ...small, maxConcurrency: 2, maxQueueDepth: 4, breaker: { failureThreshold: 5, openJitter: 0 } };
    const config: RouterConfig = {
      models: { only: two },
      rules: [{ targets: ['only'], maxRetries: 0, timeoutMs: 120_000, whenUnavailable: 'wait' }],
    };
    const isOpen = ({ models }: PolicyState) =>
      models['only']!.breaker === 'open' && models['only']!.recovery === 'in_time';
    let violation: PolicyViolationError | null = null;
    try {
      assertPolicy(config, (state, { outcome }) => !isOpen(state) || outcome === 'park');
    } catch (error) {
      violation = error as PolicyViolationError;
    }

    expect(violation!.state.models['only']).toMatchObject({ breaker: 'open', limit: 'late' });
    await replay(config, violation!.path, ({ latest }) => expect(latest).toBe('failed:no_model_available'));
  });

  it('knows that a full model may have a free slot, when what has its places backs off', async () => {
    const config: RouterConfig = {
      models: { only: { provider: 'simulated', maxConcurrency: 1, maxQueueDepth: 3, breaker: false } },
      retries: { maxRetries: 1 },
    };
    let violation: PolicyViolationError | null = null;
    try {
      assertPolicy(config, ({ models }, { outcome }) => models['only']!.queue !== 'full' || outcome !== 'admit');
    } catch (error) {
      violation = error as PolicyViolationError;
    }

    expect(violation!.state.models['only']).toMatchObject({ queue: 'full', hasFreeSlot: true });
    await replay(config, violation!.path, ({ last }) => expect(last.models['only']!.running).toHaveLength(1));
  });

  it('knows that who ages gives way to others, where boosts do not fall with importance', () => {
    const config: RouterConfig = {
      models: { only: { provider: 'simulated', maxConcurrency: 1, maxQueueDepth: 2 } },
      queue: { boostMs: { critical: 1_000, high: 50_000, normal: 5_000, low: 0 } },
    };
    const given = new Set<string>();

    assertPolicy(config, ({ models }) => given.add(models['only']!.displacedBy.join(' ')));

    expect(given).toContain('high normal');
  });

  it('refuses a property that says later whether it holds', () => {
    expect(() => assertPolicy(CONFIG, async () => false)).toThrow(/gave a promise/);
  });

  it('leaves no rejection of such a property unhandled', async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown) => unhandled.push(reason);
    process.on('unhandledRejection', note);
    onTestFinished(() => void process.off('unhandledRejection', note));

    expect(() =>
      assertPolicy(CONFIG, async () => {
        throw new Error('not so');
      }),
    ).toThrow(TypeError);
    await new Promise((resolve) => setImmediate(resolve));

    expect(unhandled).toEqual([]);
  });

  it.each([0, Number.NaN, 1.5])('refuses %s combinations', (maxCombinations) => {
    expect(() => assertPolicy(CONFIG, () => true, { maxCombinations })).toThrow(/maxCombinations/);
  });

  it('refuses what is no configuration', () => {
    expect(() => assertPolicy({ models: { a: { provider: 'nobody' } } }, () => true)).toThrow(/models\.a\.provider/);
  });
});

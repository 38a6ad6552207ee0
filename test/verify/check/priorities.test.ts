import { describe, expect, it } from 'vitest';
import type { ModelConfig, RouterConfig, RuleConfig } from '../../../src/config/router-config.ts';
import { checkPolicy } from '../../../src/verify/check/check-policy.ts';
import type { Finding } from '../../../src/verify/check/finding.ts';
import { replay } from './replay.ts';

const model = (given: ModelConfig = {}): ModelConfig => ({ provider: 'simulated', ...given });
const small = { maxConcurrency: 1, maxQueueDepth: 1, breaker: { failureThreshold: 1, openJitter: 0 } };
const alike = { critical: 0, high: 0, normal: 0, low: 0 };
const fine = { maxRetries: 0, timeoutMs: 600_000 };

const inVain = (config: RouterConfig): readonly Finding[] =>
  checkPolicy(config, { maxStates: 50 }).findings.filter(({ code }) => code === 'priority_without_effect');

describe('who waits outside every model', () => {
  const waits: RuleConfig = { targets: ['a'], ...fine, whenUnavailable: 'wait' };
  const config: RouterConfig = { models: { a: model(small) }, rules: [waits] };

  it('is put in order, so that critical has something of its rank where no model has a place to wait', async () => {
    expect(inVain(config)).toEqual([]);
    await replay(
      config,
      [
        { type: 'request', priority: 'normal', model: 'a' },
        { type: 'call.refused', request: 'r1', model: 'a' },
        { type: 'request', priority: 'low' },
        { type: 'request', priority: 'critical' },
        { type: 'time.passed', ms: 61_000 },
      ],
      ({ seen, last }) => {
        expect(seen.at(-2)!.parked).toBe(2);
        expect(last.models['a']!.running).toEqual(['r3']);
      },
    );
  });

  it.each<[string, RouterConfig]>([
    ['where nobody may', { ...config, queue: { maxParked: 0 } }],
    ['where the rule lets none', { ...config, rules: [{ ...waits, whenUnavailable: 'fail' }] }],
  ])('is nobody %s', (_, given) => {
    expect(inVain(given)).toHaveLength(1);
  });
});

describe('a rule of its own for critical', () => {
  const rules = (critical: Partial<RuleConfig>, low: Partial<RuleConfig>): RouterConfig => ({
    models: { a: model(), b: model(), c: model() },
    queue: { boostMs: alike },
    rules: [
      { name: 'first', match: 'critical', targets: ['a', 'b'], ...fine, ...critical },
      { name: 'rest', targets: ['a', 'b'], ...fine, ...low },
    ],
  });

  it.each<[string, RouterConfig]>([
    ['the same models', rules({}, {})],
    ['fewer of the same models', rules({ targets: ['a'] }, {})],
    ['one of them as a fallback', rules({ targets: ['a'], fallback: ['b'] }, {})],
    ['the same models and more time', rules({ timeoutMs: 900_000 }, {})],
    ['the same models, and low one that waits', rules({}, { whenUnavailable: 'wait' })],
  ])('is of no use with %s', async (_, config) => {
    const [found, ...others] = inVain(config);

    expect(others).toEqual([]);
    expect(found).toMatchObject({ where: 'queue.boostMs', rule: 'first', class: 'critical' });
    expect(found!.message).toBe(
      "Under rule 'first', 'critical' is served no better than 'low' under rule 'rest': its boost of 0 ms is not above 0 ms.",
    );
    // However many slots and places a model has.
    expect(found!.path).toHaveLength(4);
    await replay(config, found!.path, ({ last }) => {
      expect(last.models['a']).toMatchObject({ running: ['r1'], waiting: { critical: 1 } });
    });
  });

  it.each<[string, RouterConfig]>([
    ['a model of its own', rules({ targets: ['c', 'a'] }, {})],
    ['a fallback of its own', rules({ fallback: ['c'] }, {})],
    ['the same models the other way round', rules({ targets: ['b', 'a'] }, {})],
    ['another strategy', rules({ strategy: 'least-busy' }, {})],
    ['leave to wait, which low has not', rules({ whenUnavailable: 'wait' }, {})],
  ])('is of use with %s', (_, config) => {
    expect(inVain(config)).toEqual([]);
  });

  it('is told of once where critical and low have a rule in common too', () => {
    const config = rules({ match: { priority: ['critical', 'low'] } }, {});

    expect(inVain(config).map(({ message }) => message)).toEqual([
      "Under rule 'first', 'critical' is served no better than 'low': its boost of 0 ms is not above 0 ms.",
    ]);
  });
});

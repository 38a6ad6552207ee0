import { describe, expect, it } from 'vitest';
import { itinerary, type RoutingRule } from '../../src/routing/rule.ts';

const MODELS = ['a', 'b', 'c'];
const usual = {
  strategy: 'ordered',
  timeoutMs: null,
  whenUnavailable: 'fail',
  maxRetries: null,
  onStreamFailure: 'fail',
} as const;
const RULES: RoutingRule[] = [
  { name: 'first', match: { priority: 'high' }, targets: ['a'], fallback: ['b'], ...usual },
  { name: 'second', match: { priority: 'high' }, targets: ['c'], fallback: [], ...usual },
  { name: 'rest', match: {}, targets: ['b'], fallback: ['c'], ...usual },
];

const route = (...args: Parameters<typeof itinerary>) => {
  const found = itinerary(...args);
  return found && { rule: found.rule?.name ?? null, candidates: found.candidates };
};

describe('the itinerary of a request', () => {
  it('is all targets, then all fallbacks, of the first rule that matches', () => {
    expect(route(RULES, MODELS, { priority: 'high' })).toEqual({ rule: 'first', candidates: ['a', 'b'] });
    expect(route(RULES, MODELS, { priority: 'low' })).toEqual({ rule: 'rest', candidates: ['b', 'c'] });
  });

  it('is every model in order of registration when no rule matches', () => {
    expect(route([], MODELS, { priority: 'low' })).toEqual({ rule: null, candidates: MODELS });
  });

  it('is one model when the request names it', () => {
    expect(route(RULES, MODELS, { priority: 'high', model: 'c' })).toEqual({ rule: null, candidates: ['c'] });
  });

  it('is a rule’s when the request names it, whatever the rule matches', () => {
    expect(route(RULES, MODELS, { priority: 'low', model: 'second' })).toEqual({
      rule: 'second',
      candidates: ['c'],
    });
  });

  it('is the usual one for auto', () => {
    expect(route(RULES, MODELS, { priority: 'high', model: 'auto' })).toEqual({
      rule: 'first',
      candidates: ['a', 'b'],
    });
  });

  it('leaves the fallbacks out when they are not wanted', () => {
    expect(route(RULES, MODELS, { priority: 'high', fallback: false })?.candidates).toEqual(['a']);
  });

  it('is null when model names nothing', () => {
    expect(route(RULES, MODELS, { priority: 'high', model: 'd' })).toBeNull();
  });
});

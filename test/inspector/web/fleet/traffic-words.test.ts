import { expect, it } from 'vitest';
import type { RuleInfo } from '../../../../src/inspector/protocol.ts';
import { trafficWords } from '../../../../src/inspector/web/fleet/traffic-words.ts';

const TRAFFIC = {
  first: [
    { priority: 'high', rule: 'important', model: 'gpu', count: 1_200 },
    { priority: 'low', rule: null, model: 'gpu', count: 3 },
    { priority: 'low', rule: null, model: 'cloud', count: 8 },
  ],
  fallback: [
    { from: 'gpu', to: 'cloud', count: 12 },
    { from: 'cpu', to: 'gpu', count: 5 },
  ],
  settled: { critical: 0, high: 1_200, normal: 0, low: 11 },
} as const;

const rule = (name: string): RuleInfo => ({
  name,
  priority: null,
  match: `metadata.tier:${name}`,
  targets: ['gpu'],
  fallback: ['cloud'],
  strategy: 'ordered',
});
const RULES = [rule('important'), rule('gold')];

it('says of a model what its edges show', () => {
  expect(trafficWords(TRAFFIC, RULES, 'gpu')).toEqual([
    'asked first: 1,200 high, 3 low',
    'took over: 5 from cpu',
    'handed on: 12 to cloud',
  ]);
});

it('counts a fallback that was called first among those that took over', () => {
  const first = [
    ...TRAFFIC.first,
    { priority: 'high', rule: 'important', model: 'cloud', count: 20 },
    { priority: 'low', rule: 'important', model: 'cloud', count: 1 },
  ] as const;

  expect(trafficWords({ ...TRAFFIC, first }, RULES, 'cloud')).toEqual([
    'asked first: 8 low',
    'took over: 12 from gpu, 21 at once, as no target of rule important took them',
  ]);
});

it('sums what several rules have sent on of one priority', () => {
  const first = [...TRAFFIC.first, { priority: 'high', rule: 'gold', model: 'gpu', count: 100 }] as const;

  expect(trafficWords({ ...TRAFFIC, first }, RULES, 'gpu')[0]).toBe('asked first: 1,300 high, 3 low');
});

it('says nothing of a model without traffic', () => {
  expect(trafficWords(TRAFFIC, RULES, 'spare')).toEqual([]);
});

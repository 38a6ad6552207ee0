import { expect, it } from 'vitest';
import { trafficWords } from '../../../../src/inspector/web/fleet/traffic-words.ts';

const TRAFFIC = {
  first: [
    { priority: 'high', model: 'gpu', count: 1_200 },
    { priority: 'low', model: 'gpu', count: 3 },
    { priority: 'low', model: 'cloud', count: 8 },
  ],
  fallback: [
    { from: 'gpu', to: 'cloud', count: 12 },
    { from: 'cpu', to: 'gpu', count: 5 },
  ],
  settled: { critical: 0, high: 1_200, normal: 0, low: 11 },
} as const;

it('says of a model what its edges show', () => {
  expect(trafficWords(TRAFFIC, 'gpu')).toEqual([
    'asked first: 1,200 high, 3 low',
    'took over: 5 from cpu',
    'handed on: 12 to cloud',
  ]);
});

it('says nothing of a model without traffic', () => {
  expect(trafficWords(TRAFFIC, 'spare')).toEqual([]);
});

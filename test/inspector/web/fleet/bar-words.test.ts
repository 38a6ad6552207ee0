import { expect, it } from 'vitest';
import { barWords } from '../../../../src/inspector/web/fleet/bar-words.ts';
import { figures } from './figures.ts';

it('says who takes the places of a model, the classes that wait in their order', () => {
  const busy = figures({ running: 4, waiting: { critical: 2, high: 0, normal: 9, low: 0 }, backingOff: 1 });

  expect(barWords(busy)).toBe('4 running; waiting: 2 critical, 9 normal; 1 backing off; 20 places');
});

it('says so when nothing waits', () => {
  expect(barWords(figures())).toBe('0 running; waiting: none; 20 places');
});

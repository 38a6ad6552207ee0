import { describe, expect, it } from 'vitest';
import { veto } from '../../../src/cache/guard/guard.ts';

describe('the rule on what is asked for', () => {
  it.each([
    ['When was Mozart born?', 'Where was Mozart born?'],
    ['Who discovered it?', 'When did one discover it?'],
    ['How do I learn chess?', 'Why should I learn chess?'],
    ['Can I freeze eggs?', 'How do I freeze eggs?'],
    ['Should I freeze eggs?', 'Can I freeze eggs?'],
    ['How many eggs are there?', 'Where are eggs there?'],
  ])('tells «%s» from «%s»', (a, b) => {
    expect(veto(a, b, 'standard')).toBe('question');
    expect(veto(b, a, 'standard')).toBe('question');
  });

  it.each([
    ['Where can I track my order?', 'How can I track my order?'],
    ['When is the best time?', 'What is the best time?'],
    ['Can you say how vaccines work?', 'How do vaccines work?'],
    ['Can dogs eat eggs?', 'Do dogs eat eggs?'],
    ['Why do cats purr?', 'What is the reason cats purr?'],
  ])('lets «%s» share with «%s»', (a, b) => {
    expect(veto(a, b, 'standard')).toBeNull();
    expect(veto(b, a, 'standard')).toBeNull();
  });
});

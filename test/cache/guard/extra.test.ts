import { describe, expect, it } from 'vitest';
import { veto } from '../../../src/cache/guard/guard.ts';

describe('the rule on a narrower question', () => {
  it.each([
    ['Is aspirin safe?', 'Is aspirin safe for children?'],
    ['What should I eat?', 'What should I eat during pregnancy?'],
    ['How do I sleep?', 'How do I sleep if it rains?'],
    ['capital alpha beta', 'capital alpha beta gamma'],
    ['Wie lange dauert eine Reise dahin?', 'Wie lange dauert eine teure Reise dahin?'],
  ])('tells «%s» from «%s»', (a, b) => {
    expect(veto(a, b, 'standard')).toBe('extra');
    expect(veto(b, a, 'standard')).toBe('extra');
  });

  it.each([
    ['What is Python?', 'Tell me about the Python programming language'],
    ['What is the capital of Peru?', 'Which city is the capital of Peru?'],
    ['List all running containers', 'What is the command to list all running containers?'],
    ['When did it end?', 'In which year did it end?'],
  ])('lets «%s» share with «%s»', (a, b) => {
    expect(veto(a, b, 'standard')).toBeNull();
    expect(veto(b, a, 'standard')).toBeNull();
  });
});

import { describe, expect, it } from 'vitest';
import { veto } from '../../../src/cache/guard/guard.ts';

describe('the rule on numbers', () => {
  it.each([
    ['Give me 5 tips', 'Give me 7 tips'],
    ['Plan three days in Oslo', 'Plan four days in Oslo'],
    ['A salary of 1,500', 'A salary of 1,050'],
    ['The 3rd president', 'The 4th president'],
    ['Who came second?', 'Who came third?'],
    ['What is the second law?', 'What is the third law?'],
    ['Python 3.1 features', 'Python 3.10 features'],
    ["Henry VII's wives", "Henry VIII's wives"],
    ['World War I', 'World War II'],
    ['What is abs(-5)?', 'What is abs(5)?'],
    ['Explain SHA-1', 'Explain SHA-256'],
    ['A budget of 10k', 'A budget of 10'],
    ['2 million users', '2 billion users'],
    ['Rooms 2 and 2', 'Rooms 2 and 2 and 2'],
    ['Feed a dozen guests', 'Feed two guests'],
    ['Write a summary', 'Write 2 summaries'],
  ])('tells «%s» from «%s»', (a, b) => {
    expect(veto(a, b, 'core')).toBe('numbers');
    expect(veto(b, a, 'core')).toBe('numbers');
  });

  it.each([
    ['Give me 3 tips', 'Give me three tips'],
    ['A salary of 1,000', 'A salary of 1000'],
    ['The 3rd law', 'The third law'],
    ['50 million rows', '50,000,000 rows'],
    ['A budget of 10k', 'A budget of 10,000'],
    ['Name twenty-one birds', 'Name 21 birds'],
    ['One hundred and five birds', '105 birds'],
    ['World War II', 'World War 2'],
    ['the Second World War', 'World War II'],
    ['Explain GPT-4', 'Explain GPT4'],
    ['Give me one tip', 'Give me a tip'],
    ['Give me 1 tip', 'Give me one tip'],
    ['Wait a second', 'Wait one second'],
    ['What happened in Rome in 1960?', 'What happened in 1960 in Rome?'],
  ])('lets «%s» share with «%s»', (a, b) => {
    expect(veto(a, b, 'standard')).toBeNull();
    expect(veto(b, a, 'standard')).toBeNull();
  });
});

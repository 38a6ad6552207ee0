import { describe, expect, it } from 'vitest';
import { veto } from '../../../src/cache/guard/guard.ts';

describe("the rule on a word in another's stead", () => {
  it.each([
    ['What do rabbits eat?', 'What do hamsters eat?'],
    ['capital of france', 'capital of spain'],
    ['Summarize the plot', 'Explain the plot'],
    ['How do I use Docker?', 'How do I install Docker?'],
    ['How do I use Docker on my Mac?', 'How can I install Docker on a Mac?'],
    ['What is the hottest city?', 'What is a hot city?'],
    ['法国的首都是哪里？', '德国的首都是哪里？'],
    ['可以吃吗', '不可以吃吗'],
    ['какая столица страны?', 'какая история страны?'],
  ])('tells «%s» from «%s»', (a, b) => {
    expect(veto(a, b, 'standard')).toBe('swap');
    expect(veto(b, a, 'standard')).toBe('swap');
  });

  it.each([
    ['How do I buy a car?', 'How can I purchase an automobile?'],
    ['Delete a file', 'Get rid of a file'],
    ['Which movies are good?', 'Which films are good?'],
    ['The biggest city', 'The largest city'],
    ['Organising a colour', 'Organizing a color'],
    ['He stopped running', 'he stops to run'],
  ])('lets «%s» share with «%s»', (a, b) => {
    expect(veto(a, b, 'standard')).toBeNull();
    expect(veto(b, a, 'standard')).toBeNull();
  });
});

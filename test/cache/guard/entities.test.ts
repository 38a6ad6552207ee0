import { describe, expect, it } from 'vitest';
import { veto } from '../../../src/cache/guard/guard.ts';

describe('the rule on names', () => {
  it.each([
    ['What is the price there?', 'What is the price in Oslo there?'],
    ['A table in a database', 'A table in a MySQL database'],
    ['What is an index?', 'What is a GIN index?'],
    ['Explain the file', 'Explain the file tsconfig.json'],
    ['Where is it set?', 'Where is user_id set?'],
    ['How do I call it?', 'How do I call getUser?'],
    ['The price of an iPhone 14', 'The price of an iPhone 14 Pro'],
    ['Is it fast in C?', 'Is it fast?'],
    ['Who wrote Hamlet?', 'Who wrote Macbeth?'],
    ['Java tutorial', 'JavaScript tutorial'],
    ['Is C++ hard?', 'Is C# hard?'],
    ['Какая столица Франции?', 'Какая столица Германии?'],
  ])('tells «%s» from «%s»', (a, b) => {
    expect(veto(a, b, 'standard')).toBe('entities');
    expect(veto(b, a, 'standard')).toBe('entities');
  });

  it.each([
    ['What is Python?', 'what is python?'],
    ['What is an API?', 'What are APIs?'],
    ['How To Bake A Cake In The Oven', 'How to bake a cake in the oven'],
    ['HOW DO I BAKE A CAKE?', 'How do I bake a cake?'],
    ['The U.S. government', 'The US government'],
    ['Install Node.js', 'install node.js'],
    ['What I do', 'What do I do'],
  ])('lets «%s» share with «%s»', (a, b) => {
    expect(veto(a, b, 'standard')).toBeNull();
    expect(veto(b, a, 'standard')).toBeNull();
  });
});

import { describe, expect, it } from 'vitest';
import { veto } from '../../../src/cache/guard/guard.ts';

describe('the rule on quotations', () => {
  it.each([
    ['Translate "good morning"', 'Translate "good night"'],
    ["Translate 'good morning'", "Translate 'good night'"],
    ['Translate “good morning”', 'Translate “good night”'],
    ['What does "ad hoc" mean?', 'What does it mean?'],
    ['Spell "cat"', 'Spell cats and "dog"'],
  ])('tells «%s» from «%s»', (a, b) => {
    expect(veto(a, b, 'core')).toBe('quoted');
    expect(veto(b, a, 'core')).toBe('quoted');
  });

  it.each([
    ['What does "ad hoc" mean?', 'What does ad hoc mean?'],
    ['Translate "Good morning."', "Translate 'good morning'"],
    ["the dogs' and the cats' food", "the dogs' and the cats' food?"],
    ['Translate "good  morning"', 'translate "good morning"'],
  ])('lets «%s» share with «%s»', (a, b) => {
    expect(veto(a, b, 'standard')).toBeNull();
    expect(veto(b, a, 'standard')).toBeNull();
  });
});

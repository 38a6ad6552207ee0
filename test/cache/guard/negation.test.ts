import { describe, expect, it } from 'vitest';
import { veto } from '../../../src/cache/guard/guard.ts';

describe('the rule on negation', () => {
  it.each([
    ['Is it safe?', 'Is it not safe?'],
    ['Why does it start?', "Why doesn't it start?"],
    ['why does it start', 'why doesnt it start'],
    ['Pancakes with eggs', 'Pancakes without eggs'],
    ['I can log in', 'I cannot log in'],
    ['What should I do?', 'What should I never do?'],
    ['Planets with moons', 'Planets with no moons'],
    ['List all, including Bob', 'List all except Bob'],
    ['How do I get sick?', 'How do I avoid getting sick?'],
    ['List users', 'List only users'],
    ['Bread with gluten', 'Gluten-free bread'],
    ['renewable energy', 'non-renewable energy'],
    ['Ist das gesund?', 'Ist das nicht gesund?'],
    ['¿Es seguro?', '¿No es seguro?'],
    ["C'est permis ?", "Ce n'est pas permis ?"],
  ])('tells «%s» from «%s»', (a, b) => {
    expect(veto(a, b, 'core')).toBe('negation');
    expect(veto(b, a, 'core')).toBe('negation');
  });

  it.each([
    ['It has not arrived', "It hasn't arrived"],
    ["I can't log in", 'I cannot log in'],
    ['Is it safe?', 'Is it safe or not?'],
    ["I don't have a degree", "I'm without a degree"],
    ['dont panic', "don't panic"],
    ['Is tea free?', 'Is the tea free?'],
  ])('lets «%s» share with «%s»', (a, b) => {
    expect(veto(a, b, 'standard')).toBeNull();
    expect(veto(b, a, 'standard')).toBeNull();
  });
});

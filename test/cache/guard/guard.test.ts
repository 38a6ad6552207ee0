import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GUARD_LEVELS, veto } from '../../../src/cache/guard/guard.ts';

const WORDS =
  'the a is what how do not from to of in by and or us US I A dog cat bites bitten chase Python Java 3 three one II "x" `y` == convert London Paris , . : may May 5 km hot cold before after was will last week only free -r (z) \\d café 法国 можно'.split(
    ' ',
  );
const likeAPrompt = fc.array(fc.constantFrom(...WORDS), { maxLength: 12 }).map((words) => words.join(' '));
const text = fc.oneof(
  likeAPrompt,
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 30 }),
);
const reordered = fc
  .array(fc.constantFrom(...WORDS), { minLength: 2, maxLength: 10 })
  .chain((words) => fc.tuple(fc.constant(words), fc.shuffledSubarray(words, { minLength: words.length })))
  .map(([words, others]) => [words.join(' '), others.join(' ')] as const);
const pair = fc.oneof(fc.tuple(text, text), reordered);

describe('the guard', () => {
  it('says the same of two texts whichever comes first, whatever their script', () => {
    fc.assert(
      fc.property(pair, fc.constantFrom(...GUARD_LEVELS), ([a, b], level) => {
        expect(veto(a, b, level)).toBe(veto(b, a, level));
      }),
      { numRuns: 3_000 },
    );
  });

  it('never lets pass at a stricter level what it stopped at a looser one', () => {
    fc.assert(
      fc.property(pair, ([a, b]) => {
        const stopped = GUARD_LEVELS.map((level) => veto(a, b, level) !== null);
        expect(stopped).toEqual([...stopped].sort());
      }),
      { numRuns: 3_000 },
    );
  });

  it('lets a text share with itself, however blank its surroundings', () => {
    fc.assert(
      fc.property(text, fc.constantFrom(...GUARD_LEVELS), (a, level) => {
        expect(veto(a, a, level)).toBeNull();
        expect(veto(` ${a}\n`, a, level)).toBeNull();
      }),
      { numRuns: 2_000 },
    );
  });

  it('takes case, white space and what ends a text for nothing', () => {
    for (const level of GUARD_LEVELS) {
      expect(veto('Who wrote  War and\nPeace?', 'who wrote war and peace', level)).toBeNull();
      expect(veto('EXPLAIN WHAT MAY COMES WITH', 'Explain what may comes with...', level)).toBeNull();
    }
  });

  it('takes case for something in code, at every level but off', () => {
    expect(GUARD_LEVELS.map((level) => veto('Explain `\\d`.', 'Explain `\\D`', level))).toEqual([
      null,
      'code',
      'code',
      'code',
    ]);
  });

  it('stops nothing when it is off', () => {
    expect(veto('Enable 2 flags', 'Do not disable 3 flags', 'off')).toBeNull();
  });

  it('leaves names, questions, order and other words to the standard level', () => {
    const pairs = [
      ['How do I call it?', 'How do I call getUser?'],
      ['When was Mozart born?', 'Where was Mozart born?'],
      ['Convert JSON to YAML', 'Convert YAML to JSON'],
      ['What do rabbits eat?', 'What do hamsters eat?'],
    ] as const;
    expect(pairs.map(([a, b]) => veto(a, b, 'core'))).toEqual([null, null, null, null]);
    expect(pairs.map(([a, b]) => veto(a, b, 'standard'))).toEqual(['entities', 'question', 'order', 'swap']);
  });

  it('lets no word of content be more in one text only at the strict level', () => {
    const [a, b] = ['What is a good laptop?', 'What is a good cheap laptop?'] as const;
    expect(GUARD_LEVELS.map((level) => veto(a, b, level))).toEqual([null, null, null, 'extra']);
  });

  it('judges texts of hundreds of words', () => {
    const words = Array.from({ length: 250 }, (_, at) => `${WORDS[at % 40]} word${at}`).join(' ');
    expect(veto(words, `${words} in Rome`, 'standard')).not.toBeNull();
    expect(veto(words, `Please, ${words}`, 'strict')).toBeNull();
  });
});

import { expect, it } from 'vitest';
import { MAX_WIDTH, wrap } from '../../../../src/verify/check/format/wrap.ts';

it('a word of any length is broken over lines, and nothing of it is left out', () => {
  const word = 'm'.repeat(900_000);

  const lines = wrap(`a ${word} b`, '  ');

  expect(Math.max(...lines.map(({ length }) => length))).toBe(MAX_WIDTH);
  expect(lines.map((line) => line.slice(2)).join('')).toBe(`a${word} b`);
});

it('spaces that follow one another are kept', () => {
  expect(wrap('a  b', '')).toEqual(['a  b']);
});

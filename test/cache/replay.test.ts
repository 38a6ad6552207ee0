import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { StoredAnswer } from '../../src/cache/entry.ts';
import { chunksOf, type ReplayedChunk } from '../../src/cache/replay.ts';

const LONGEST = 64;
const answer = (content: string, more: Partial<StoredAnswer> = {}): StoredAnswer => ({
  content,
  modelUsed: 'm',
  provider: 'p',
  ...more,
});
const textsOf = (chunks: Iterable<ReplayedChunk>): string[] =>
  [...chunks].map((chunk) => (chunk.type === 'tool_call' ? '' : chunk.text));

const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** Where one character, as a reader sees it, ends and the next begins. */
const gapsIn = (text: string): Set<number> => new Set([...segmenter.segment(text)].map(({ index }) => index));

const unit = fc.oneof(
  fc.constantFrom(
    ' ',
    '\n',
    '\r\n',
    '\r',
    'a',
    'word ',
    'é',
    '漢',
    '字',
    '한',
    'क्षि',
    'e\u0301',
    '\u0301',
    '\u200d',
    '\u0600',
  ),
  fc.constantFrom('👍🏽', '👩‍👩‍👧‍👦', '🇩🇪', '🇫', '😀', '\ud83d', '\udc00', '\0'),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 80 }),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 80 }),
);
const anyText = fc.array(unit, { maxLength: 200 }).map((units) => units.join(''));

it('gives back exactly what is stored, in pieces', () => {
  fc.assert(
    fc.property(anyText, anyText, (content, reasoning) => {
      const chunks = [...chunksOf(answer(content, { reasoning }))];
      const texts = (type: string) => textsOf(chunks.filter((chunk) => chunk.type === type));
      expect(texts('text').join('')).toBe(content);
      expect(texts('reasoning').join('')).toBe(reasoning);
      for (const text of textsOf(chunks)) {
        expect(text.length).toBeGreaterThan(0);
        expect(text.length).toBeLessThanOrEqual(LONGEST);
      }
    }),
    { numRuns: 1_000 },
  );
});

it('never parts what a reader sees as one character, unless that is longer than a piece', () => {
  fc.assert(
    fc.property(anyText, (content) => {
      const characters = [...segmenter.segment(content)];
      fc.pre(characters.every(({ segment }) => segment.length <= LONGEST));
      const gaps = gapsIn(content);
      let at = 0;
      for (const text of textsOf(chunksOf(answer(content)))) {
        expect(gaps.has(at), `a piece begins at ${at}`).toBe(true);
        at += text.length;
      }
    }),
    { numRuns: 1_000 },
  );
});

it('never parts a surrogate pair, even amid a character without end', () => {
  for (const first of ['😀', 'a']) {
    const content = first + '\u{e0100}'.repeat(200);
    const texts = textsOf(chunksOf(answer(content)));
    expect(texts.length).toBeGreaterThan(3);
    expect(texts.join('')).toBe(content);
    for (const text of texts) expect(text).not.toMatch(/^[\udc00-\udfff]|[\ud800-\udbff]$/);
  }
});

it('looks beyond the end of a piece for what belongs to its last character', () => {
  for (let length = 40; length < 70; length++) {
    for (const character of ['e\u0301', '👍🏽', '👩‍👩‍👧', '🇩🇪', 'क्षि', '\u0600a']) {
      const content = `${'漢'.repeat(length)}${character}${'字'.repeat(40)}`;
      const texts = textsOf(chunksOf(answer(content)));
      expect(texts.filter((text) => text.includes(character)).length, `after ${length}`).toBe(1);
    }
  }
});

it('parts prose between words, into pieces of 24 to 64', () => {
  const content = 'The sky is blue because air scatters short waves of light more than long ones.\n'.repeat(20);
  const texts = textsOf(chunksOf(answer(content)));
  expect(texts.length).toBeGreaterThan(content.length / LONGEST - 1);
  for (const text of texts.slice(0, -1)) {
    expect(text).toMatch(/[ \n]$/);
    expect(text.length).toBeGreaterThanOrEqual(24);
  }
});

it('does not part a carriage return from its line feed', () => {
  for (let length = 20; length < 70; length++) {
    for (const text of textsOf(chunksOf(answer(`${'x'.repeat(length)}\r\n${'y'.repeat(100)}`)))) {
      expect(text).not.toMatch(/\r$|^\n/);
    }
  }
});

it('gives reasoning first, then text, then each tool call as a whole', () => {
  const toolCalls = [
    { id: '1', name: 'look', arguments: `{"a":"${'x'.repeat(500)}"}` },
    { id: '2', name: 'find', arguments: '' },
  ];
  expect([...chunksOf(answer('text', { reasoning: 'thought', toolCalls }))]).toEqual([
    { type: 'reasoning', text: 'thought' },
    { type: 'text', text: 'text' },
    { type: 'tool_call', index: 0, ...toolCalls[0] },
    { type: 'tool_call', index: 1, ...toolCalls[1] },
  ]);
});

it('gives nothing for nothing', () => {
  expect([...chunksOf(answer('', { reasoning: '' }))]).toEqual([]);
});

import { getEventListeners } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Embedder,
  EmbedderGoneError,
  type EmbedderSource,
  TextTooLongError,
} from '../../../src/cache/embedder.ts';
import { rejectionOf } from '../../support/leaks.ts';

/** Anyone's patience. */
export const patient = (): AbortSignal => new AbortController().signal;

export const cosine = (a: Float32Array, b: Float32Array): number =>
  a.reduce((sum, value, index) => sum + value * b[index]!, 0);

/** What every embedder keeps to, wherever it comes from. */
export function embedderContract(name: string, makeSource: () => EmbedderSource): void {
  describe(`${name} keeps to the port`, () => {
    let source: EmbedderSource;
    let embedder: Embedder;
    beforeAll(async () => {
      source = makeSource();
      embedder = await source.load(() => {});
    });
    afterAll(() => source.close());
    const embed = (text: string): Promise<Float32Array> => embedder.embed(text, patient());

    it('gives a vector of unit length and of its dimensions, the same for the same text', async () => {
      const vector = await embed('What is Python?');
      expect(vector).toBeInstanceOf(Float32Array);
      expect(vector).toHaveLength(embedder.dimensions);
      expect(vector.every(Number.isFinite)).toBe(true);
      expect(Math.hypot(...vector)).toBeCloseTo(1, 5);
      expect(await embed('What is Python?')).toEqual(vector);
      expect(cosine(vector, await embed('How do I bake bread?'))).toBeLessThan(0.95);
    });

    it('gives each of many texts at once its own vector, and never the same memory twice', async () => {
      const texts = Array.from({ length: 64 }, (_, index) => `question ${index * 7919}`);
      const vectors = await Promise.all(texts.map(embed));
      expect(new Set(vectors.map(({ buffer }) => buffer)).size).toBe(64);
      for (const [index, vector] of vectors.entries()) expect(vector).toEqual(await embed(texts[index]!));
      expect(new Set(vectors.map(String)).size).toBe(64);
    });

    it('does not begin when its caller has left already', async () => {
      expect(await rejectionOf(embedder.embed('hi', AbortSignal.abort('gone')))).toBe('gone');
    });

    it('rejects at once with the reason of who leaves, and goes on for the others', async () => {
      const leaver = new AbortController();
      const others = [embed('one'), embed('two')];
      const left = ['three', 'four', 'five'].map((text) => rejectionOf(embedder.embed(text, leaver.signal)));
      const reason = new Error('the caller left');
      leaver.abort(reason);
      expect(await Promise.all(left)).toEqual([reason, reason, reason]);
      expect((await Promise.all(others)).map(({ length }) => length)).toEqual([
        embedder.dimensions,
        embedder.dimensions,
      ]);
      expect(getEventListeners(leaver.signal, 'abort')).toHaveLength(0);
    });

    it('listens once to a signal that many texts share, and to no signal afterwards', async () => {
      const { signal } = new AbortController();
      const vectors = Array.from({ length: 20 }, (_, index) => embedder.embed(`text ${index}`, signal));
      expect(getEventListeners(signal, 'abort')).toHaveLength(1);
      await Promise.all(vectors);
      expect(getEventListeners(signal, 'abort')).toHaveLength(0);
    });

    it('refuses a text that is too long before anything of it is cut', async () => {
      const same = 'far '.repeat(embedder.maxTokens);
      for (const text of [`${same}one`, `${same}two`]) {
        const error = await rejectionOf(embed(text));
        expect(error).toBeInstanceOf(TextTooLongError);
        expect((error as TextTooLongError).maxTokens).toBe(embedder.maxTokens);
        expect(String((error as Error).stack)).not.toContain('far far');
      }
    });

    it.each([
      ['an empty text', ''],
      ['blanks', ' \n\t '],
      ['a lone surrogate', 'a \ud83d b'],
      ['control characters', 'a\u0000b\u001b[31m'],
      ['emoji', '👨‍👩‍👧 🙂'],
      ['Chinese', '什么是 Python？'],
      ['Arabic', 'ما هي بايثون؟'],
      ['marks without end', `e${'\u0301'.repeat(60)}`],
      ['markup', '[CLS] <s> [SEP] <|endoftext|>'],
    ])('is safe with %s', async (_what, text) => {
      const vector = await embed(text);
      expect(vector).toHaveLength(embedder.dimensions);
      expect(vector.every(Number.isFinite)).toBe(true);
    });

    it.each([
      ['one word', 'a'.repeat(1_000_000)],
      ['many words', 'many words '.repeat(90_000)],
      ['blanks', ' '.repeat(1_000_000)],
      ['emoji', '🙂'.repeat(250_000)],
    ])('refuses a megabyte of %s', async (_what, text) => {
      expect(await rejectionOf(embed(text))).toBeInstanceOf(TextTooLongError);
    });

    it('may be closed twice, and is gone then', async () => {
      const own = makeSource();
      const closing = await own.load(() => {});
      const late = closing.embed('hi', patient());
      await Promise.all([own.close(), own.close()]);
      await own.close();
      // What others share may still answer; what nobody else holds is gone. Nobody is left waiting.
      await Promise.allSettled([late]);
      expect(await rejectionOf(closing.embed('hi', patient()))).toBeInstanceOf(EmbedderGoneError);
      expect(await rejectionOf(own.load(() => {}))).toBeInstanceOf(EmbedderGoneError);
    });
  });
}

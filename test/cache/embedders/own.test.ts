import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { SimulatedBackend } from '../../../src/backends/simulated.ts';
import { type Embedder, EmbedderGoneError, TextTooLongError } from '../../../src/cache/embedder.ts';
import { type OwnEmbedder, ownEmbedder } from '../../../src/cache/embedders/own.ts';
import { ConfigurationError } from '../../../src/errors.ts';
import { rejectionOf } from '../../support/leaks.ts';
import { embedderContract, patient } from './contract.ts';

const backend = new SimulatedBackend({ name: 'vectors', latencyMs: 0 });
const simulated: OwnEmbedder = {
  id: 'simulated',
  dimensions: 384,
  maxTokens: 512,
  embed: async (text, signal) => (await backend.embed([text], { signal }))[0]!,
};

const own = (fields: Partial<OwnEmbedder>): Promise<Embedder> =>
  ownEmbedder({ id: 'mine', dimensions: 3, maxTokens: 10, embed: async () => [1, 2, 2], ...fields }).load(() => {});

embedderContract('an embedder of the user’s own', () => ownEmbedder(simulated));
embedderContract('one that counts its tokens', () =>
  ownEmbedder({ ...simulated, countTokens: (text) => 2 + Math.ceil(text.length / 4) }),
);

describe('an embedder of the user’s own', () => {
  it('may give an array of numbers of any length, which is made a unit vector', async () => {
    const vector = await (await own({})).embed('hi', patient());
    expect(vector).toEqual(Float32Array.of(1 / 3, 2 / 3, 2 / 3));
  });

  it('keeps its vectors: what it gave is not changed, and not handed on', async () => {
    const given = Float32Array.of(0, 3, 4);
    const vector = await (await own({ embed: async () => given })).embed('hi', patient());
    expect(given).toEqual(Float32Array.of(0, 3, 4));
    expect(vector.buffer).not.toBe(given.buffer);
  });

  it('may give a vector of another realm, as a worker does in a vm context', async () => {
    const embedder = await own({ embed: async () => runInNewContext('Float32Array.of(0, 3, 4)') });
    expect(await embedder.embed('hi', patient())).toEqual(Float32Array.of(0, 3 / 5, 4 / 5));
  });

  it('is asked as the method of its object', async () => {
    class Mine implements OwnEmbedder {
      readonly id = 'mine';
      readonly dimensions = 1;
      readonly maxTokens = 10;
      readonly #sign = -2;
      async embed() {
        return [this.#sign];
      }
    }
    const embedder = await ownEmbedder(new Mine()).load(() => {});
    expect(await embedder.embed('hi', patient())).toEqual(Float32Array.of(-1));
  });

  it('is handed no text that could be too long: without a tokenizer each byte may be a token', async () => {
    const asked: string[] = [];
    const embedder = await own({
      embed: async (text) => {
        asked.push(text);
        return [1, 0, 0];
      },
    });
    await embedder.embed('12345678', patient());
    await embedder.embed('日本', patient());
    for (const text of ['123456789', '日本語', '🙂🙂🙂']) {
      const error = await rejectionOf(embedder.embed(text, patient()));
      expect(error).toBeInstanceOf(TextTooLongError);
      expect(error).not.toHaveProperty('tokens');
    }
    expect(asked).toEqual(['12345678', '日本']);
  });

  it.each([
    [10, null],
    [11, TextTooLongError],
    [Number.NaN, TextTooLongError],
  ])('may count for itself: %d tokens', async (tokens, refusal) => {
    const embedder = await own({ countTokens: () => tokens });
    const embedding = embedder.embed('a text of more than ten bytes', patient());
    if (refusal === null) expect(await embedding).toHaveLength(3);
    else expect(await rejectionOf(embedding)).toMatchObject({ name: 'TextTooLongError', tokens });
  });

  it('may say itself that a text is too long', async () => {
    const error = new TextTooLongError(10, 12);
    const embedder = await own({ embed: () => Promise.reject(error) });
    expect(await rejectionOf(embedder.embed('hi', patient()))).toBe(error);
  });

  it.each<[what: string, given: unknown]>([
    ['nothing', undefined],
    ['a text', 'abc'],
    ['doubles', Float64Array.of(1, 2, 3)],
    ['too few numbers', [1, 2]],
    ['too many numbers', Float32Array.of(1, 2, 3, 4)],
    ['a NaN', [1, Number.NaN, 3]],
    ['an infinity', Float32Array.of(1, Number.POSITIVE_INFINITY, 0)],
    ['numbers in quotes', ['1', '2', '3']],
    ['zeros', [0, 0, 0]],
  ])('fails by name when it gives %s', async (_what, given) => {
    const embedder = await own({ embed: async () => given as never });
    expect(String(await rejectionOf(embedder.embed('hi', patient())))).toMatch(
      /^(Type|Range)Error: embedder 'mine' gave/,
    );
  });

  it('fails as its function does, thrown at once or later', async () => {
    const error = new Error('no quota');
    const throwing = await own({
      embed: () => {
        throw error;
      },
    });
    expect(await rejectionOf(throwing.embed('hi', patient()))).toBe(error);
  });

  it('is not waited for by those who have left, nor once it is closed', async () => {
    const source = ownEmbedder({ ...simulated, embed: () => new Promise(() => {}) });
    const embedder = await source.load(() => {});
    const leaver = new AbortController();
    const left = rejectionOf(embedder.embed('hi', leaver.signal));
    const staying = rejectionOf(embedder.embed('hi', patient()));
    leaver.abort('gone');
    expect(await left).toBe('gone');
    await source.close();
    expect(await staying).toBeInstanceOf(EmbedderGoneError);
  });

  it.each<[option: string, fields: object]>([
    ['id', { id: '' }],
    ['id', { id: 7 }],
    ['dimensions', { dimensions: 0 }],
    ['dimensions', { dimensions: 1.5 }],
    ['maxTokens', { maxTokens: undefined }],
    ['embed', { embed: 'yes' }],
    ['countTokens', { countTokens: 4 }],
  ])('is refused for a wrong %s: %o', (option, fields) => {
    const make = () => ownEmbedder({ ...simulated, ...fields } as OwnEmbedder);
    expect(make).toThrow(ConfigurationError);
    expect(make).toThrow(`embedder.${option}`);
  });
});

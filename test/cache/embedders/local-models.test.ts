import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Embedder, type EmbedderSource, TextTooLongError } from '../../../src/cache/embedder.ts';
import { localEmbedder } from '../../../src/cache/embedders/local.ts';
import { startProcess } from '../../../src/cache/embedders/local-engine.ts';
import { rejectionOf } from '../../support/leaks.ts';
import { cosine, embedderContract, patient } from './contract.ts';
import { MODELS, NO_MODELS } from './models.ts';

const PEERS = new URL('../../embedder-peers/', import.meta.url);
const XENOVA = { name: new URL('./xenova.mjs', PEERS).href, start: startProcess };
const NO_XENOVA = existsSync(fileURLToPath(new URL('./node_modules/@xenova/transformers/package.json', PEERS)))
  ? null
  : 'scripts/test-embedder-peers.mjs has not installed it';

const huggingFace = (): EmbedderSource => localEmbedder({ modelPath: MODELS });
const xenova = (): EmbedderSource => localEmbedder({ modelPath: MODELS }, { packages: [XENOVA] });

/** Runs the tests, or says in the name of one that is skipped why they cannot run. */
function unlessMissing(name: string, reason: string | null, tests: () => void): void {
  if (reason === null) tests();
  else it.skip(`${name}: not run, because ${reason}`, () => {});
}

for (const [name, source, missing] of [
  ['all-MiniLM-L6-v2 by @huggingface/transformers', huggingFace, NO_MODELS],
  ['all-MiniLM-L6-v2 by @xenova/transformers', xenova, NO_MODELS ?? NO_XENOVA],
] as const) {
  unlessMissing(name, missing, () => {
    embedderContract(name, source);

    describe(name, () => {
      let own: EmbedderSource;
      let embedder: Embedder;
      beforeAll(async () => {
        own = source();
        embedder = await own.load(() => {});
      });
      afterAll(() => own.close());
      const embed = (text: string): Promise<Float32Array> => embedder.embed(text, patient());

      it('says what it is', () => {
        const { id, dimensions, maxTokens } = embedder;
        expect({ id, dimensions, maxTokens }).toEqual({ id: 'all-MiniLM-L6-v2:q8', dimensions: 384, maxTokens: 256 });
      });

      it('finds two ways to ask for the same alike', async () => {
        const [one, two] = await Promise.all([
          embed('What is Python?'),
          embed('Tell me about the Python programming language'),
        ]);
        expect(Math.abs(cosine(one, two) - 0.85)).toBeLessThan(0.01);
      });

      it('reads 256 tokens whole, the two around the text included, and refuses the 257th', async () => {
        expect(await embed('far '.repeat(254))).toHaveLength(384);
        const error = await rejectionOf(embed('far '.repeat(255)));
        expect(error).toBeInstanceOf(TextTooLongError);
        expect(error).toMatchObject({ tokens: 257, maxTokens: 256 });
      });

      it('leaves the loop to others while it computes', async () => {
        let turns = 0;
        let isDone = false;
        const turn = (): void => {
          turns++;
          if (!isDone) setImmediate(turn);
        };
        turn();
        await Promise.all(Array.from({ length: 20 }, (_, index) => embed(`${'far '.repeat(200)}${index}`)));
        isDone = true;
        expect(turns).toBeGreaterThan(200);
      });
    });
  });
}

unlessMissing('both packages give the same vectors', NO_MODELS ?? NO_XENOVA, () => {
  it('both packages give the same vectors', async () => {
    const sources = [huggingFace(), xenova()];
    const [one, two] = await Promise.all(sources.map((source) => source.load(() => {})));
    const texts = [
      'What is Python?',
      'How do I convert 10 kg to pounds?',
      'Explain the difference between a mutex and a semaphore, with an example of each in C.',
      '日本語のテキスト 🙂',
      '',
      'far '.repeat(200),
    ];
    for (const text of texts) {
      const [first, second] = await Promise.all([one, two].map((embedder) => embedder!.embed(text, patient())));
      expect(cosine(first!, second!), text.slice(0, 20)).toBeGreaterThan(0.9999);
    }
    for (const source of sources) await source.close();
  });
});

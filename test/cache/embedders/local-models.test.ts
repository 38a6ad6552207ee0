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
        await Promise.all(Array.from({ length: 4 }, (_, index) => embed(`${'far '.repeat(200)}${index}`)));
        isDone = true;
        expect(turns).toBeGreaterThan(50);
      });
    });
  });
}

const PROMPTS = [
  'What is Python?',
  'Tell me about the Python programming language',
  'How do I convert 10 kg to pounds?',
  'Explain the difference between a mutex and a semaphore, with an example of each in C.',
  'Write a haiku about the first snow in Vienna.',
  'Why does my Docker container exit with code 137 after a few minutes?',
  'Summarise the plot of Moby-Dick in three sentences for a ten-year-old.',
  'What are the side effects of taking ibuprofen and aspirin together?',
  'Translate "where is the train station" into Japanese and into Portuguese.',
  'SELECT name FROM users WHERE id = 7; why is this slow on a table of 20 million rows?',
  'Can I deduct a home office from my taxes if I am self-employed in Germany?',
  'Give me a regular expression that matches ISO 8601 dates without the time.',
  'Wie viele Einwohner hat Graz?',
  'hi',
  '',
];

// Nearly: of onnxruntime 1.14 and 1.30 int8 steps now and then go another way, which moves a vector by far less than the
// similarity at which two prompts are taken for the same.
unlessMissing('both packages give nearly the same vectors', NO_MODELS ?? NO_XENOVA, () => {
  it('both packages give nearly the same vectors', async () => {
    const sources = [huggingFace(), xenova()];
    const [one, two] = await Promise.all(sources.map((source) => source.load(() => {})));
    const cosines: number[] = [];
    for (const text of PROMPTS) {
      const [first, second] = await Promise.all([one, two].map((embedder) => embedder!.embed(text, patient())));
      cosines.push(cosine(first!, second!));
    }
    for (const source of sources) await source.close();
    cosines.sort((a, b) => a - b);
    expect(cosines[PROMPTS.length >> 1]).toBeGreaterThan(0.9999);
    expect(cosines[0]).toBeGreaterThan(0.99);
  });
});

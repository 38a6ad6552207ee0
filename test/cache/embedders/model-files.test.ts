import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { EmbedderProgress, EmbedderSource } from '../../../src/cache/embedder.ts';
import { type LocalEmbedderOptions, localEmbedder } from '../../../src/cache/embedders/local.ts';
import { rejectionOf } from '../../support/leaks.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';
import { patient } from './contract.ts';
import { MODELS, NO_MODELS } from './models.ts';

const MODEL = 'all-MiniLM-L6-v2';
const quiet = (): void => {};

let folder: string;
const sources: EmbedderSource[] = [];
const servers: Server[] = [];
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'embedder-files-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const source of sources.splice(0)) await source.close();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

function sourceOf(options: LocalEmbedderOptions, clock?: VirtualClock): EmbedderSource {
  const source = localEmbedder(options, clock === undefined ? {} : { clock });
  sources.push(source);
  return source;
}

/** A model of a few words in a folder of its own; its weights are what is given. */
function modelWith(name: string, onnx: Buffer | null): string {
  const modelPath = join(folder, name);
  const dir = join(modelPath, MODEL);
  mkdirSync(join(dir, 'onnx'), { recursive: true });
  const vocab = Object.fromEntries(['[PAD]', '[UNK]', '[CLS]', '[SEP]', 'hi'].map((word, index) => [word, index]));
  const files = {
    'config.json': { model_type: 'bert', architectures: ['BertModel'], max_position_embeddings: 512 },
    'tokenizer_config.json': { tokenizer_class: 'BertTokenizer', model_max_length: 512 },
    'tokenizer.json': {
      added_tokens: [],
      normalizer: { type: 'BertNormalizer', lowercase: true },
      pre_tokenizer: { type: 'BertPreTokenizer' },
      model: { type: 'WordPiece', unk_token: '[UNK]', continuing_subword_prefix: '##', vocab },
    },
  };
  for (const [file, json] of Object.entries(files)) writeFileSync(join(dir, file), JSON.stringify(json));
  if (onnx !== null) writeFileSync(join(dir, 'onnx', 'model_quantized.onnx'), onnx);
  return modelPath;
}

async function hub(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Sources that may ask a hub, whatever folder the tests are run with. */
function remoteOf(name: string, options: LocalEmbedderOptions, clock?: VirtualClock): EmbedderSource {
  vi.stubEnv('LLM_ROUTER_MODEL_PATH', '');
  return sourceOf({ cacheDir: join(folder, `cache-${name}`), ...options }, clock);
}

const messageOf = async (loading: Promise<unknown>): Promise<string> => ((await rejectionOf(loading)) as Error).message;

describe('a model in a folder', () => {
  it('is missed by the name of the folder', async () => {
    const modelPath = join(folder, 'no-such-folder');
    expect(await messageOf(sourceOf({ modelPath }).load(quiet))).toMatch(
      `embedder '${MODEL}:q8' could not be loaded: tried ${MODEL} from the folder ${modelPath}: `,
    );
  });

  it('is missed when its weights are, and looked for again', async () => {
    const source = sourceOf({ modelPath: modelWith('no-weights', null) });
    const missing = /model_quantized\.onnx/;
    expect(await messageOf(source.load(quiet))).toMatch(missing);
    expect(await messageOf(source.load(quiet))).toMatch(missing);
  });

  it.each([
    ['empty', Buffer.alloc(0)],
    ['text', Buffer.from('<html>not found</html>')],
    ['zeros', Buffer.alloc(100_000)],
    ['random bytes', Buffer.from(Array.from({ length: 50_000 }, (_, index) => (index * 7919) % 251))],
  ])('is refused when its weights are %s', async (what, onnx) => {
    const modelPath = modelWith(what, onnx);
    expect(await messageOf(sourceOf({ modelPath }).load(quiet))).toContain(`from the folder ${modelPath}: `);
  });

  if (NO_MODELS === null) {
    it('is refused when its weights are cut', async () => {
      const weights = readFileSync(join(MODELS, MODEL, 'onnx', 'model_quantized.onnx'));
      const modelPath = modelWith('cut', weights.subarray(0, weights.length >> 1));
      expect(await messageOf(sourceOf({ modelPath }).load(quiet))).toContain(`from the folder ${modelPath}: `);
    });

    it('says in a file of its own how long a text it reads', async () => {
      const modelPath = join(folder, 'limited');
      cpSync(join(MODELS, MODEL), join(modelPath, MODEL), { recursive: true });
      writeFileSync(join(modelPath, MODEL, 'sentence_bert_config.json'), '{"max_seq_length": 99}');
      expect(await sourceOf({ modelPath }).load(quiet)).toMatchObject({ maxTokens: 99 });
    });
  }
});

describe('a model from a hub', () => {
  it('is missed when nobody is there', async () => {
    const hubUrl = await hub(quiet);
    const server = servers.pop()!;
    await new Promise((resolve) => server.close(resolve));
    expect(await messageOf(remoteOf('nobody', { hubUrl }).load(quiet))).toBe(
      `embedder '${MODEL}:q8' could not be loaded: tried Xenova/${MODEL} from ${hubUrl}: fetch failed (ECONNREFUSED)`,
    );
  });

  it('is missed when the hub does not know it', async () => {
    const hubUrl = await hub((_, response) => response.writeHead(404).end());
    expect(await messageOf(remoteOf('unknown', { hubUrl }).load(quiet))).toContain(`/${MODEL}`);
  });

  it('is given up when the hub never answers', async () => {
    const clock = new VirtualClock();
    let asked = quiet;
    const isAsked = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const hubUrl = await hub(() => asked());
    const loading = messageOf(remoteOf('silent', { hubUrl }, clock).load(quiet));
    await isAsked;
    await clock.advance(30_000);
    expect(await loading).toMatch(/: it gave no sign of life for 30000 ms$/);
  });

  if (NO_MODELS === null) {
    it('is downloaded with reports of how far it is, and the next time read from the folder of downloads', async () => {
      let requests = 0;
      const hubUrl = await hub((request, response) => {
        requests++;
        const file = /^\/Xenova\/all-MiniLM-L6-v2\/resolve\/main\/(.+)$/.exec(request.url!)?.[1];
        try {
          const content = readFileSync(join(MODELS, MODEL, file ?? 'no such file'));
          response.writeHead(200, { 'content-length': content.length }).end(content);
        } catch {
          response.writeHead(404).end();
        }
      });
      const reports: EmbedderProgress[] = [];
      const source = remoteOf('whole', { hubUrl });
      const embedder = await source.load((progress) => reports.push(progress));
      expect(embedder).toMatchObject({ id: 'all-MiniLM-L6-v2:q8', dimensions: 384, maxTokens: 256 });
      expect(await embedder.embed('hi', patient())).toHaveLength(384);
      const { length } = readFileSync(join(MODELS, MODEL, 'onnx', 'model_quantized.onnx'));
      const weights = reports.filter(({ file }) => file.endsWith('.onnx'));
      expect(weights.length).toBeGreaterThan(2);
      expect(weights.every(({ totalBytes }) => totalBytes === length)).toBe(true);
      expect(weights.at(-1)!.loadedBytes).toBe(length);
      const asked = requests;
      expect(asked).toBeGreaterThan(2);
      await source.close();
      await remoteOf('whole', { hubUrl }).load(quiet);
      expect(requests).toBe(asked);
    });
  } else {
    it.skip(`is downloaded and kept: not run, because ${NO_MODELS}`, () => {});
  }
});

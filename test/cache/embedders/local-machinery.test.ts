import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  EmbedderGoneError,
  type EmbedderProgress,
  type EmbedderSource,
  TextTooLongError,
} from '../../../src/cache/embedder.ts';
import { type LocalEmbedderOptions, localEmbedder } from '../../../src/cache/embedders/local.ts';
import { type StartEngine, startProcess, startThread } from '../../../src/cache/embedders/local-engine.ts';
import type { LocalPackage } from '../../../src/cache/embedders/local-worker.ts';
import { ConfigurationError } from '../../../src/errors.ts';
import { rejectionOf } from '../../support/leaks.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';
import { embedderContract, patient } from './contract.ts';

const FAKE = packageAt('./fake-transformers.mjs');
const notThere = (name: string): LocalPackage => ({ name, start: startThread });

function packageAt(path: string, start: StartEngine = startThread): LocalPackage {
  return { name: new URL(path, import.meta.url).href, start };
}

/** A worker of its own for each test: sources with the same options share one. */
let folders = 0;
const open: EmbedderSource[] = [];
function sourceOf(options: LocalEmbedderOptions = {}, internals: object = {}): EmbedderSource {
  const source = localEmbedder({ modelPath: `/nowhere/${folders++}`, ...options }, { packages: [FAKE], ...internals });
  open.push(source);
  return source;
}
afterEach(async () => {
  for (const source of open.splice(0)) await source.close();
});

const quiet = (): void => {};

for (const start of [startThread, startProcess]) {
  embedderContract(`a model without weights by ${start.name}`, () =>
    localEmbedder(
      { modelPath: `/nowhere/${start.name}`, maxTokens: 200 },
      { packages: [packageAt('./fake-transformers.mjs', start)] },
    ),
  );
}

describe('a local embedder', () => {
  it('is named after model and precision, and reads what the model was made for', async () => {
    const { id, maxTokens, dimensions } = await sourceOf().load(quiet);
    expect({ id, maxTokens, dimensions }).toEqual({ id: 'all-MiniLM-L6-v2:q8', maxTokens: 256, dimensions: 16 });
    expect(await sourceOf({ model: 'some/other', dtype: 'fp32' }).load(quiet)).toMatchObject({
      id: 'some/other:fp32',
      maxTokens: 512,
    });
  });

  it('never reads more than the tokenizer does, whatever is asked', async () => {
    expect((await sourceOf({ maxTokens: 10 }).load(quiet)).maxTokens).toBe(10);
    expect((await sourceOf({ maxTokens: 5_000 }).load(quiet)).maxTokens).toBe(512);
  });

  it('embeds what has just as many tokens, and counts those of what has more', async () => {
    const embedder = await sourceOf({ maxTokens: 10 }).load(quiet);
    expect(await embedder.embed('one two three four five six seven eight', patient())).toHaveLength(16);
    const error = await rejectionOf(embedder.embed('one two three four five six seven eight nine', patient()));
    expect(error).toMatchObject({ name: 'TextTooLongError', tokens: 11, maxTokens: 10 });
  });

  it('refuses a word that word pieces cannot spell, because all such words are one to the model', async () => {
    const embedder = await sourceOf().load(quiet);
    expect(await embedder.embed(`x ${'a'.repeat(100)}`, patient())).toHaveLength(16);
    expect(await rejectionOf(embedder.embed(`x ${'a'.repeat(101)}`, patient()))).toBeInstanceOf(TextTooLongError);
  });

  it('reports how far its files are, and null where their size is not known', async () => {
    const reports: EmbedderProgress[] = [];
    await sourceOf().load((progress) => reports.push(progress));
    expect(reports).toEqual([
      { file: 'model.onnx', loadedBytes: 5, totalBytes: 10 },
      { file: 'model.onnx', loadedBytes: 10, totalBytes: null },
    ]);
  });

  it('shares a worker with all that have the same options, until the last of them is closed', async () => {
    const modelPath = '/nowhere/shared';
    const [one, two, other] = [sourceOf({ modelPath }), sourceOf({ modelPath }), sourceOf({ modelPath, maxTokens: 9 })];
    const [first, second, third] = await Promise.all([one.load(quiet), two.load(quiet), other.load(quiet)]);
    // Each has warmed up with one text; a worker of its own has computed one more.
    const computed = async (embedder = first) => (await embedder.embed('computed', patient()))[0];
    expect(await computed()).toBe(2);
    expect(await computed(second)).toBe(3);
    expect(await computed(third)).toBe(2);
    await one.close();
    expect(await rejectionOf(first.embed('hi', patient()))).toBeInstanceOf(EmbedderGoneError);
    expect(await computed(second)).toBe(4);
    await two.close();
    expect(await computed(await sourceOf({ modelPath }).load(quiet))).toBe(2);
  });

  it('does not compute what its caller has left while it waited', async () => {
    const embedder = await sourceOf().load(quiet);
    const leaver = new AbortController();
    const held = embedder.embed('hold', patient());
    const left = ['a', 'b', 'c'].map((text) => rejectionOf(embedder.embed(text, leaver.signal)));
    leaver.abort('gone');
    expect(await Promise.all(left)).toEqual(['gone', 'gone', 'gone']);
    await embedder.embed('release', patient());
    await held;
    // The warm-up, the one that was held, its release and this one.
    expect((await embedder.embed('computed', patient()))[0]).toBe(4);
  });

  it.each([
    ['ends', 'die', 'exit code 3'],
    ['throws', 'crash', 'SyntaxError'],
  ])('tells those who wait that it is gone when its worker %s, and can be loaded anew', async (_how, text, why) => {
    const source = sourceOf();
    const embedder = await source.load(quiet);
    const waiting = [text, 'later', 'last'].map((each) => rejectionOf(embedder.embed(each, patient())));
    for (const error of await Promise.all(waiting)) {
      expect(error).toBeInstanceOf(EmbedderGoneError);
      expect((error as Error).message).toBe(`embedder 'all-MiniLM-L6-v2:q8': its worker has ended (${why})`);
    }
    expect(await rejectionOf(embedder.embed('hi', patient()))).toBeInstanceOf(EmbedderGoneError);
    expect(await (await source.load(quiet)).embed('hi', patient())).toHaveLength(16);
  });

  it.each([
    'fail',
    'not finite',
  ])('goes on after a text that it cannot embed, and does not quote it: %s', async (text) => {
    const embedder = await sourceOf().load(quiet);
    const error = await rejectionOf(embedder.embed(text, patient()));
    expect((error as Error).message).toMatch(/^embedder 'all-MiniLM-L6-v2:q8' failed on a text \((Range)?Error\)$/);
    expect(await embedder.embed('hi', patient())).toHaveLength(16);
  });

  it('rejects those who wait when it is closed while it computes', async () => {
    const source = sourceOf();
    const embedder = await source.load(quiet);
    const waiting = rejectionOf(embedder.embed('forever', patient()));
    await source.close();
    expect(await waiting).toBeInstanceOf(EmbedderGoneError);
  });
});

describe('a local embedder that cannot be had', () => {
  it('says what to install when no package is there', async () => {
    const packages = [notThere('@huggingface/not-there'), notThere('@xenova/not-there')];
    const error = await rejectionOf(sourceOf({}, { packages }).load(quiet));
    expect((error as Error).message).toMatch(
      /^embedder 'all-MiniLM-L6-v2:q8' could not be loaded: .*: it needs the package @huggingface\/not-there \(or @xenova\/not-there\), which is not installed$/,
    );
  });

  it('takes the second package when the first is not there', async () => {
    const source = sourceOf({}, { packages: [notThere('@huggingface/not-there'), FAKE] });
    expect((await source.load(quiet)).dimensions).toBe(16);
  });

  it('says which package does not start', async () => {
    const broken = packageAt('./fake-broken.mjs');
    const error = await rejectionOf(sourceOf({}, { packages: [broken] }).load(quiet));
    expect((error as Error).message).toContain(
      `the package ${broken.name} is installed but does not start: no binding`,
    );
  });

  it('says what the package said, and can be asked again', async () => {
    const source = sourceOf({ model: 'throws', modelPath: '/nowhere/models' });
    const message =
      "embedder 'throws:q8' could not be loaded: tried throws from the folder /nowhere/models: no such file";
    for (const load of [source.load(quiet), source.load(quiet)]) {
      expect(await rejectionOf(load)).toMatchObject({ message });
    }
    expect(await rejectionOf(source.load(quiet))).toMatchObject({ message });
  });

  it('is gone when its worker ends while it loads', async () => {
    const error = await rejectionOf(sourceOf({ model: 'dies' }).load(quiet));
    expect(error).toBeInstanceOf(EmbedderGoneError);
    expect((error as Error).message).toBe("embedder 'dies:q8': its worker has ended (exit code 9)");
  });

  it('gives up after a time without any sign of life', async () => {
    const clock = new VirtualClock();
    const { promise, report } = firstReport();
    const loading = rejectionOf(sourceOf({ model: 'hangs' }, { clock }).load(report));
    await promise;
    await clock.advance(29_999);
    expect(clock.pending).toBe(2);
    await clock.advance(1);
    expect(((await loading) as Error).message).toMatch(/tried hangs .*: it gave no sign of life for 30000 ms$/);
    expect(clock.pending).toBe(0);
  });

  it('gives up when loading takes too long in all', async () => {
    const clock = new VirtualClock();
    const { promise, report } = firstReport();
    const options = { model: 'hangs', stallTimeoutMs: 5_000, loadTimeoutMs: 4_000 };
    const loading = rejectionOf(sourceOf(options, { clock }).load(report));
    await promise;
    await clock.advance(4_000);
    expect(((await loading) as Error).message).toMatch(/: it was not ready for 4000 ms$/);
  });

  it('ends a load that is under way when it is closed', async () => {
    const source = sourceOf({ model: 'hangs' });
    const loading = rejectionOf(source.load(quiet));
    await source.close();
    expect(await loading).toBeInstanceOf(EmbedderGoneError);
  });

  it('arms no timer once it is loaded', async () => {
    const clock = new VirtualClock();
    await sourceOf({}, { clock }).load(quiet);
    expect(clock.pending).toBe(0);
  });

  it('says so when there is no folder and nothing may be downloaded', async () => {
    vi.stubEnv('LLM_ROUTER_MODEL_PATH', '');
    const source = localEmbedder({ allowDownload: false }, { packages: [FAKE] });
    vi.unstubAllEnvs();
    expect(await rejectionOf(source.load(quiet))).toMatchObject({
      message:
        "embedder 'all-MiniLM-L6-v2:q8' has nowhere to come from; " +
        'accepted: a modelPath, LLM_ROUTER_MODEL_PATH in the environment, or allowDownload: true',
    });
  });

  it('names the hub, and takes a name without an owner for one of Xenova', async () => {
    vi.stubEnv('LLM_ROUTER_MODEL_PATH', '');
    const source = localEmbedder({ model: 'throws', hubUrl: 'http://127.0.0.1:9' }, { packages: [FAKE] });
    vi.unstubAllEnvs();
    const error = await rejectionOf(source.load(quiet));
    expect((error as Error).message).toContain('tried Xenova/throws from http://127.0.0.1:9: no such file');
  });
});

/** Resolves with the first progress that is reported. */
function firstReport(): { readonly promise: Promise<void>; readonly report: () => void } {
  let report = quiet;
  const promise = new Promise<void>((resolve) => {
    report = resolve;
  });
  return { promise, report: () => report() };
}

describe('the options of a local embedder', () => {
  it.each<[what: string, options: object]>([
    ['model', { model: '../secrets' }],
    ['model', { model: 'a/b/c' }],
    ['dtype', { dtype: 'q8/../..' }],
    ['modelPath', { modelPath: '' }],
    ['hubUrl', { hubUrl: 'ftp://models' }],
    ['maxTokens', { maxTokens: 0 }],
    ['stallTimeoutMs', { stallTimeoutMs: 0 }],
    ['models', { models: 'x' }],
  ])('names %s when it is wrong', (option, options) => {
    expect(() => localEmbedder(options)).toThrow(ConfigurationError);
    expect(() => localEmbedder(options)).toThrow(`localEmbedder.${option}`);
  });
});

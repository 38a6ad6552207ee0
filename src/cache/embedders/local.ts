import { resolve } from 'node:path';
import { z } from 'zod';
import { baseUrlOption } from '../../backends/http-options.ts';
import { type Clock, systemClock } from '../../clock.ts';
import { parseOptions, positiveMilliseconds, wholeFrom } from '../../options.ts';
import { type Embedder, EmbedderGoneError, type EmbedderProgress, type EmbedderSource } from '../embedder.ts';
import { startProcess, startThread } from './local-engine.ts';
import { type LocalPackage, LocalWorker, type LocalWorkerOptions } from './local-worker.ts';

export interface LocalEmbedderOptions {
  /**
   * A folder under `modelPath`, or a model's id at the hub; without an owner it is one of Xenova's. Default
   * `all-MiniLM-L6-v2`. Its vectors are the mean over the tokens, which is what the sentence-transformers models want.
   */
  readonly model?: string;
  /** Precision of the weights, as transformers.js names it: `q8`, `fp32`, `fp16`, … Default `q8`. */
  readonly dtype?: string;
  /**
   * A folder of models (`<folder>/all-MiniLM-L6-v2/{config.json,tokenizer.json,onnx/model_quantized.onnx}`). With it the
   * network is never used. Default: the environment's `LLM_ROUTER_MODEL_PATH`.
   */
  readonly modelPath?: string;
  /** Whether the model may be downloaded when there is no `modelPath`. Default true. */
  readonly allowDownload?: boolean;
  /** Where downloads are kept. Default: transformers.js's own folder, inside its package. */
  readonly cacheDir?: string;
  /** Where models are downloaded from. Default: the Hugging Face hub. */
  readonly hubUrl?: string;
  /** The longest text that is embedded, in tokens. Default: what the model was made for (256 for all-MiniLM-L6-v2). */
  readonly maxTokens?: number;
  /** How long loading may go without any sign of life, in milliseconds. Default 30,000. */
  readonly stallTimeoutMs?: number;
  /** How long loading may take in all, in milliseconds. Default 600,000. */
  readonly loadTimeoutMs?: number;
}

/** What only the library itself and its tests set. */
export interface LocalEmbedderInternals {
  readonly clock?: Clock;
  readonly packages?: readonly LocalPackage[];
}

const PACKAGES: readonly LocalPackage[] = [
  { name: '@huggingface/transformers', start: startThread },
  { name: '@xenova/transformers', start: startProcess },
];

export const localEmbedderSchema = z.strictObject({
  model: z
    .string()
    .regex(/^(?!.*\.\.)[\w.-]+(\/[\w.-]+)?$/)
    .describe("a model's name, or owner/name")
    .default('all-MiniLM-L6-v2'),
  dtype: z
    .string()
    .regex(/^\w+$/)
    .describe("a precision that transformers.js knows, such as 'q8' or 'fp32'")
    .default('q8'),
  modelPath: z.string().min(1).describe('a folder of models').optional(),
  allowDownload: z.boolean().describe('true or false').default(true),
  cacheDir: z.string().min(1).describe('a folder').optional(),
  hubUrl: baseUrlOption.optional(),
  maxTokens: wholeFrom(1).optional(),
  stallTimeoutMs: positiveMilliseconds.default(30_000),
  loadTimeoutMs: positiveMilliseconds.default(600_000),
});

/** The workers of this process, by their options. */
const workers = new Map<string, LocalWorker>();

/**
 * A model of transformers.js, run beside the main loop: in a worker thread by `@huggingface/transformers`; where that is
 * not installed, in a process of its own by `@xenova/transformers`.
 * @throws {ConfigurationError}
 */
export function localEmbedder(
  given: LocalEmbedderOptions = {},
  { clock = systemClock, packages = PACKAGES }: LocalEmbedderInternals = {},
): EmbedderSource {
  const options = parseOptions(localEmbedderSchema, given, 'localEmbedder');
  const { model, dtype, stallTimeoutMs, loadTimeoutMs, allowDownload } = options;
  const folder = options.modelPath ?? (process.env['LLM_ROUTER_MODEL_PATH'] || undefined);
  const modelPath = folder === undefined ? null : resolve(folder);
  const worker: LocalWorkerOptions = {
    id: `${model}:${dtype}`,
    packages,
    settings: {
      model: modelPath === null && !model.includes('/') ? `Xenova/${model}` : model,
      dtype,
      modelPath,
      cacheDir: options.cacheDir === undefined ? null : resolve(options.cacheDir),
      hubUrl: options.hubUrl ?? null,
      maxTokens: options.maxTokens ?? null,
    },
    clock,
    stallTimeoutMs,
    loadTimeoutMs,
  };
  return new LocalSource(worker, modelPath !== null || allowDownload);
}

class LocalSource implements EmbedderSource {
  readonly #options: LocalWorkerOptions;
  readonly #isAllowed: boolean;
  #held: LocalWorker | null = null;
  #isClosed = false;

  constructor(options: LocalWorkerOptions, isAllowed: boolean) {
    this.#options = options;
    this.#isAllowed = isAllowed;
  }

  get #key(): string {
    const { packages, settings } = this.#options;
    return JSON.stringify([packages.map(({ name }) => name), settings]);
  }

  id(): string {
    return this.#options.id;
  }

  async load(onProgress: (progress: EmbedderProgress) => void): Promise<Embedder> {
    if (this.#isClosed) throw this.#closed();
    if (!this.#isAllowed) {
      const accepted = 'a modelPath, LLM_ROUTER_MODEL_PATH in the environment, or allowDownload: true';
      throw new Error(`embedder '${this.#options.id}' has nowhere to come from; accepted: ${accepted}`);
    }
    const worker = this.#hold();
    const endReports = worker.onProgress(onProgress);
    try {
      return this.#own(await worker.loaded);
    } finally {
      endReports();
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const held = this.#held;
    if (held === null) return;
    await held.release(this);
    if (held.isGone && workers.get(this.#key) === held) workers.delete(this.#key);
  }

  /** The worker's embedder while this source is open: others may still hold the worker afterwards. */
  #own({ embed, ...facts }: Embedder): Embedder {
    return {
      ...facts,
      embed: async (text, signal) => {
        if (this.#isClosed) throw this.#closed();
        return embed(text, signal);
      },
    };
  }

  #closed(): EmbedderGoneError {
    return new EmbedderGoneError(`embedder '${this.#options.id}' was closed`);
  }

  #hold(): LocalWorker {
    const known = workers.get(this.#key);
    const worker = known === undefined || known.isGone ? new LocalWorker(this.#options) : known;
    workers.set(this.#key, worker);
    worker.hold(this);
    this.#held = worker;
    return worker;
  }
}

import type { Clock } from '../../clock.ts';
import { type Embedder, EmbedderGoneError, type EmbedderProgress, TextTooLongError } from '../embedder.ts';
import type { Engine, StartEngine } from './local-engine.ts';
import type { FromWorker, LocalSettings } from './local-protocol.ts';
import { WaitingTexts } from './waiting-texts.ts';

/** No text has so many characters to a token on average: one that is longer is too long without being counted. */
const MAX_CHARACTERS_PER_TOKEN = 32;
/** How long an engine that is being closed is waited for; a text takes a few hundredths of that. */
const CLOSING_MS = 5_000;

/** A package that will do. */
export interface LocalPackage {
  readonly name: string;
  readonly start: StartEngine;
}

export interface LocalWorkerOptions {
  /** Names the embedder, in errors too. */
  readonly id: string;
  /** The best first; the first that is installed is used. */
  readonly packages: readonly LocalPackage[];
  readonly settings: Omit<LocalSettings, 'package'>;
  readonly clock: Clock;
  /** How long loading may go without any sign of life. */
  readonly stallTimeoutMs: number;
  readonly loadTimeoutMs: number;
}

/** One model beside the main loop, for all who ask for it with the same options. */
export class LocalWorker {
  /** Rejects when the model cannot be had; settled for good within `loadTimeoutMs`. */
  readonly loaded: Promise<Embedder>;
  readonly #options: LocalWorkerOptions;
  readonly #waiting = new WaitingTexts((id) => this.#engine?.post({ type: 'abort', id }));
  readonly #holders = new Set<object>();
  readonly #listeners = new Set<(progress: EmbedderProgress) => void>();
  readonly #timeLimit: unknown;
  #engine: Engine | null = null;
  #stallLimit: unknown;
  /** Null once loading is over. */
  #loading: { readonly resolve: (embedder: Embedder) => void; readonly reject: (reason: unknown) => void } | null =
    null;
  #gone: EmbedderGoneError | null = null;
  #onEngineEnd = (): void => {};

  constructor(options: LocalWorkerOptions) {
    const { clock, loadTimeoutMs } = options;
    this.#options = options;
    this.loaded = new Promise((resolve, reject) => {
      this.#loading = { resolve, reject };
    });
    // It may fail after everyone who asked has left.
    this.loaded.catch(() => {});
    this.#timeLimit = clock.setTimeout(() => this.#tooSlow('was not ready', loadTimeoutMs), loadTimeoutMs);
    this.#start(0);
  }

  /** Whether it will not answer again. */
  get isGone(): boolean {
    return this.#gone !== null;
  }

  /** Keeps it until as many have released it as hold it. */
  hold(holder: object): void {
    this.#holders.add(holder);
  }

  /** Resolves when the model's memory has been given back. */
  async release(holder: object): Promise<void> {
    if (!this.#holders.delete(holder) || this.#holders.size > 0) return;
    const engine = this.#engine;
    if (engine === null) return;
    const { clock, id } = this.#options;
    engine.ref();
    const ended = new Promise<void>((resolve) => {
      const limit = clock.setTimeout(resolve, CLOSING_MS);
      this.#onEngineEnd = () => {
        clock.clearTimeout(limit);
        resolve();
      };
    });
    this.#end(new EmbedderGoneError(`embedder '${id}' was closed`));
    await ended;
    engine.unref();
  }

  /** @returns what ends the reports */
  onProgress(listener: (progress: EmbedderProgress) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #start(index: number): void {
    const { packages, settings } = this.#options;
    const { name, start } = packages[index]!;
    this.#expectLife();
    const engine = start(
      { ...settings, package: name },
      {
        onMessage: (message) => {
          if (message.type === 'missing') this.#next(engine, index + 1);
          else this.#hear(message);
        },
        // Before it is loaded there is no text that the error could quote.
        onError: (error) => this.#end(this.#died(this.#loading === null ? error.name : error.message)),
        onEnd: (why) => {
          // One whose package is missing has a successor.
          if (engine !== this.#engine) return;
          this.#engine = null;
          this.#end(this.#died(why));
          this.#onEngineEnd();
        },
      },
    );
    this.#engine = engine;
  }

  #next(engine: Engine, index: number): void {
    if (this.#gone !== null) return;
    const { packages } = this.#options;
    if (index < packages.length) {
      this.#start(index);
      engine.stop();
      return;
    }
    const [wanted, ...others] = packages.map(({ name }) => name);
    const either = others.map((name) => ` (or ${name})`).join('');
    this.#end(this.#notLoaded(`it needs the package ${wanted}${either}, which is not installed`));
  }

  #hear(message: Exclude<FromWorker, { readonly type: 'missing' }>): void {
    switch (message.type) {
      case 'progress':
        this.#expectLife();
        if (message.progress !== null) for (const listener of this.#listeners) listener(message.progress);
        break;
      case 'loaded':
        this.#ready(message.dimensions, message.maxTokens);
        break;
      case 'failed':
        this.#end(this.#notLoaded(message.reason));
        break;
      case 'embedded':
        this.#waiting.resolve(message.id, message.vector);
        break;
      case 'too_long':
        this.#waiting.reject(message.id, new TextTooLongError(message.maxTokens, message.tokens ?? undefined));
        break;
      case 'embed_failed': {
        const { id, reason } = message;
        this.#waiting.reject(id, new Error(`embedder '${this.#options.id}' failed on a text (${reason})`));
      }
    }
  }

  #ready(dimensions: number, maxTokens: number): void {
    const embed = async (text: string, signal: AbortSignal): Promise<Float32Array> => {
      signal.throwIfAborted();
      if (this.#gone !== null) throw this.#gone;
      if (text.length > maxTokens * MAX_CHARACTERS_PER_TOKEN) throw new TextTooLongError(maxTokens);
      return this.#waiting.add(signal, (id) => this.#engine?.post({ type: 'embed', id, text }));
    };
    this.#endLoading()?.resolve({ id: this.#options.id, dimensions, maxTokens, embed });
  }

  #expectLife(): void {
    if (this.#loading === null) return;
    const { clock, stallTimeoutMs } = this.#options;
    clock.clearTimeout(this.#stallLimit);
    this.#stallLimit = clock.setTimeout(() => this.#tooSlow('gave no sign of life', stallTimeoutMs), stallTimeoutMs);
  }

  #tooSlow(what: string, ms: number): void {
    this.#end(this.#notLoaded(`it ${what} for ${ms} ms`));
  }

  #endLoading() {
    const loading = this.#loading;
    this.#loading = null;
    this.#options.clock.clearTimeout(this.#stallLimit);
    this.#options.clock.clearTimeout(this.#timeLimit);
    return loading;
  }

  /** The first reason counts: an engine that is ended for it exits as well. */
  #end(reason: Error): void {
    if (this.#gone !== null) return;
    this.#gone = reason instanceof EmbedderGoneError ? reason : this.#died('it was not loaded');
    this.#endLoading()?.reject(reason);
    this.#waiting.rejectAll(this.#gone);
    this.#engine?.stop();
  }

  #died(why: string): EmbedderGoneError {
    return new EmbedderGoneError(`embedder '${this.#options.id}': its worker has ended (${why})`);
  }

  #notLoaded(reason: string): Error {
    const { id, settings } = this.#options;
    const { model, modelPath, hubUrl } = settings;
    const source = modelPath === null ? (hubUrl ?? 'the Hugging Face hub') : `the folder ${modelPath}`;
    return new Error(`embedder '${id}' could not be loaded: tried ${model} from ${source}: ${reason}`);
  }
}

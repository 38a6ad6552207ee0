/**
 * Turns a text into a vector of unit length; equal texts give equal vectors. Vectors of embedders with different ids are
 * never compared.
 */
export interface Embedder {
  /** Names model and precision, for example `all-MiniLM-L6-v2:q8`. */
  readonly id: string;
  readonly dimensions: number;
  /** The longest text that is embedded whole, in the model's own tokens. */
  readonly maxTokens: number;
  /**
   * @throws {TextTooLongError} past `maxTokens`: two texts that differ only past a cut would get the same vector
   * @throws {EmbedderGoneError} when it will not answer again and has to be loaded anew
   * @throws the signal's reason when it aborts
   */
  embed(text: string, signal: AbortSignal): Promise<Float32Array>;
}

/** Where an embedder comes from: asked when the cache warms up, and again later when it could not be had. */
export interface EmbedderSource {
  /** The id that its embedder has or will have; null: not known yet. */
  id(): string | null;
  /** Resolves with an embedder that is ready to answer. Asked again, it gives the one that is there, or a new one. */
  load(onProgress: (progress: EmbedderProgress) => void, signal?: AbortSignal): Promise<Embedder>;
  /** Releases what was loaded; may be called twice. Nothing can be loaded after it. */
  close(): Promise<void>;
}

/** How far one file of a model has been read or downloaded. */
export interface EmbedderProgress {
  readonly file: string;
  readonly loadedBytes: number;
  readonly totalBytes: number | null;
}

/** The text is longer than the model can read whole; it was not embedded. */
export class TextTooLongError extends Error {
  override readonly name = 'TextTooLongError';
  readonly maxTokens: number;
  /** The text's length in the model's tokens, where it was counted. */
  declare readonly tokens?: number;

  constructor(maxTokens: number, tokens?: number) {
    super(`the text has ${tokens ?? 'too many'} tokens; accepted: up to ${maxTokens}`);
    this.maxTokens = maxTokens;
    if (tokens !== undefined) Object.defineProperty(this, 'tokens', { value: tokens, enumerable: true });
  }
}

/** The embedder will not answer again: its worker died, or its source was closed. */
export class EmbedderGoneError extends Error {
  override readonly name = 'EmbedderGoneError';
}

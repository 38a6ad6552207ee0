import type { EmbedderProgress } from '../embedder.ts';

/** What an engine is started with. */
export interface LocalSettings {
  /** The package to run on: a name, or the URL of a module that exports the same. */
  readonly package: string;
  /** The folder's name under `modelPath`, or the model's id at the hub. */
  readonly model: string;
  readonly dtype: string;
  /** The folder of models to read from; null: the hub is asked. */
  readonly modelPath: string | null;
  readonly cacheDir: string | null;
  readonly hubUrl: string | null;
  readonly maxTokens: number | null;
}

export type ToWorker =
  | { readonly type: 'embed'; readonly id: number; readonly text: string }
  /** Its caller has left. */
  | { readonly type: 'abort'; readonly id: number }
  | { readonly type: 'close' };

export type FromWorker =
  /** The package is not installed. */
  | { readonly type: 'missing' }
  /** A sign of life while it loads. */
  | { readonly type: 'progress'; readonly progress: EmbedderProgress | null }
  | { readonly type: 'loaded'; readonly dimensions: number; readonly maxTokens: number }
  | { readonly type: 'failed'; readonly reason: string }
  | { readonly type: 'embedded'; readonly id: number; readonly vector: Float32Array }
  /** It was not embedded; `tokens` is null when they were not counted. */
  | { readonly type: 'too_long'; readonly id: number; readonly tokens: number | null; readonly maxTokens: number }
  | { readonly type: 'embed_failed'; readonly id: number; readonly reason: string };

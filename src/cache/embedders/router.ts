import { z } from 'zod';
import { ConfigurationError } from '../../errors.ts';
import { parseOptions, wholeFrom } from '../../options.ts';
import type { Embedder, EmbedderSource } from '../embedder.ts';
import type { CacheHost } from '../host.ts';
import { ownEmbedder } from './own.ts';

export interface RouterEmbedderOptions {
  /** The name in the router of a model that was added with `serves: 'embeddings'`. */
  readonly model: string;
  /** The longest text that it embeds whole, in its own tokens. */
  readonly maxTokens: number;
}

export const routerEmbedderSchema = z.strictObject({
  provider: z.literal('router').describe("'router'"),
  model: z.string().min(1).describe('the name of a model that serves embeddings'),
  maxTokens: wholeFrom(1),
});

/** What is embedded to learn how many dimensions the model's vectors have. */
const PROBE = 'How many dimensions has this?';

/**
 * A model of the router: each text goes through its queue, its retries and its breaker, like any request.
 * @throws {ConfigurationError}
 */
export function routerEmbedder(given: RouterEmbedderOptions, host: CacheHost): EmbedderSource {
  const { model, maxTokens } = parseOptions(routerEmbedderSchema, given, 'embedder');
  let source: EmbedderSource | null = null;
  if (host.embeddingModel(model) === null) {
    const message = `enableCache().embedder.model: given '${model}'; accepted: a model that was added with serves: 'embeddings'`;
    throw new ConfigurationError('embedder.model', message);
  }
  const id = (): string | null => {
    const about = host.embeddingModel(model);
    return about === null ? null : `${about.provider}:${about.model ?? model}`;
  };
  return {
    id,
    async load(onProgress, signal): Promise<Embedder> {
      const embedderId = id();
      if (embedderId === null) throw new Error(`there is no model '${model}' that serves embeddings`);
      const { length } = await embed(host, model, PROBE, signal);
      await source?.close();
      source = ownEmbedder({
        id: embedderId,
        dimensions: length,
        maxTokens,
        embed: (text, signal) => embed(host, model, text, signal),
      });
      return source.load(onProgress);
    },
    async close() {
      await source?.close();
    },
  };
}

const embed = (host: CacheHost, model: string, text: string, signal?: AbortSignal): Promise<Float32Array> =>
  new Promise((resolve, reject) => {
    host.embed(text, { model, signal }, ({ output, error }) => {
      if (output === undefined) reject(error);
      else resolve(output.raw as Float32Array);
      return false;
    });
  });

import type { EmbedderSource } from './embedder.ts';
import { type LocalEmbedderOptions, localEmbedder } from './embedders/local.ts';
import { type OwnEmbedder, ownEmbedder } from './embedders/own.ts';
import { routerEmbedder } from './embedders/router.ts';
import type { CacheHost } from './host.ts';
import type { EmbedderOption } from './options.ts';

const isOwn = (option: object): option is OwnEmbedder => 'embed' in option;

/** null: none is wanted. @throws {ConfigurationError} */
export function embedderSource(option: EmbedderOption, host: CacheHost): EmbedderSource | null {
  if (option === false) return null;
  if (isOwn(option)) return ownEmbedder(option);
  if (option.provider === 'router') return routerEmbedder(option, host);
  const { provider: _, ...local } = option;
  return localEmbedder(local as LocalEmbedderOptions, { clock: host.clock });
}

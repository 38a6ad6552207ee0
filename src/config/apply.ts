import type { Backend } from '../backends/backend.ts';
import type { CacheOptions } from '../cache/options.ts';
import { type ModelOptions, routerKeysOf } from '../model-options.ts';
import type { Router } from '../router.ts';
import type { RouterOptions } from '../router-options.ts';
import { modelOptionsOf } from './model-defaults.ts';
import type { RouterConfig } from './router-config.ts';

/** Takes the place of a model's provider; undefined: it keeps its own. */
export type BackendOf = (model: string) => Backend | undefined;

export interface ApplyOptions {
  readonly backendOf?: BackendOf | undefined;
}

/**
 * Adds a configuration's models and rules to a router, and its cache.
 * @throws {ConfigurationError} what was added before stays added
 */
export function applyConfig(router: Router, config: RouterConfig, { backendOf }: ApplyOptions = {}): void {
  for (const [name, model] of Object.entries(config.models)) {
    const options = modelOptionsOf(model, config.queue);
    const backend = backendOf?.(name);
    router.addModel(name, backend === undefined ? options : withBackend(options, backend));
  }
  for (const { match = {}, expectedRps: _, ...options } of config.rules ?? []) router.addRoute(match, options);
  if (config.cache) router.enableCache(config.cache as CacheOptions);
}

/** What a router is made with. */
export function routerOptionsOf(config: RouterConfig): RouterOptions {
  const { breaker, queue = {}, retries, timeoutMs, readerTimeoutMs, seed } = config;
  const { maxParked, boostMs } = queue;
  return { breaker, retries, timeoutMs, readerTimeoutMs, seed, maxParked, boostMs };
}

/** It is asked as the provider would be: a backend by itself would not be asked to stream. */
function withBackend(options: ModelOptions, backend: Backend): ModelOptions {
  const { provider: _, ...own } = routerKeysOf(options);
  return { ...own, backend, upstreamStreaming: options.upstreamStreaming ?? options.serves !== 'embeddings' };
}

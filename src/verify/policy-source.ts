import { type LoadedConfig, loadConfig } from '../config/load.ts';
import type { RouterConfig } from '../config/router-config.ts';

/** Where a policy comes from: a file by its path or URL, the same as an object, or either of them loaded already. */
export type PolicySource = string | URL | RouterConfig | LoadedConfig;

/**
 * What it says. No variable need be set, because nothing is called: a reference to one that is not stays as it is written.
 * @param semantics `keep`: mistakes among the candidates of rules are for a checker to tell
 * @throws {ConfigError} when it is no configuration
 */
export const loadedFrom = (source: PolicySource, semantics: 'keep' | 'error' = 'error'): LoadedConfig =>
  isLoaded(source) ? source : loadConfig(source, { missing: 'keep', semantics });

const isLoaded = (source: PolicySource): source is LoadedConfig =>
  typeof source === 'object' && source !== null && 'lineOf' in source && typeof source.lineOf === 'function';

import type { Command } from 'commander';
import type { CacheConfig, RouterConfig, ServerConfig } from '../config/router-config.ts';
import { ConfigurationError } from '../errors.ts';
import type { CacheChoice, ServeOptions } from './serve-options.ts';

/** What neither a flag nor the environment says. */
const isUnsaid = (command: Command, option: string): boolean =>
  [undefined, 'default'].includes(command.getOptionValueSource(option));

/**
 * The options of `serve` without variables that are set to nothing: a file has no empty name.
 * @throws {ConfigurationError} of a key, because without one everybody would be let in
 */
export function withoutEmptyVariables(command: Command): ServeOptions {
  const isEmpty = (option: string): boolean =>
    command.getOptionValueSource(option) === 'env' && command.getOptionValue(option) === '';
  for (const option of ['config', 'cachePath']) {
    if (isEmpty(option)) command.setOptionValueWithSource(option, undefined, 'default');
  }
  if (!isEmpty('adminKey')) return command.opts<ServeOptions>();
  const text = 'given an empty string; accepted: one or more visible ASCII characters, or no such variable';
  throw new ConfigurationError('adminKey', `LLM_ROUTER_ADMIN_KEY: ${text}`);
}

/** The options of `serve`, as the file says them where neither a flag nor the environment does. */
export function serveOptionsOf(command: Command, server: ServerConfig = {}): ServeOptions {
  const { allowHosts: allowHost, ...rest } = server;
  for (const [option, value] of Object.entries({ ...rest, allowHost })) {
    if (value !== undefined && isUnsaid(command, option)) command.setOptionValueWithSource(option, value, 'config');
  }
  return command.opts<ServeOptions>();
}

/**
 * Options of the cache; `false`: none. The file's section stands in for the default of `--cache`; a flag that is given
 * chooses the tiers, and the section goes on to say the rest. An embedder is downloaded only when that was asked for: a
 * server that is just started reaches nobody but its providers.
 */
export function cacheOf(
  command: Command,
  written: RouterConfig['cache'],
  environment: Readonly<Record<string, string | undefined>>,
): CacheConfig | false {
  const { cache: choice, cachePath: path } = command.opts<ServeOptions>();
  const hasWeights = Boolean(environment['LLM_ROUTER_MODEL_PATH']);
  const chosen =
    written !== undefined && isUnsaid(command, 'cache') ? written : withTiers(choice, written || {}, hasWeights);
  return chosen === false || path === undefined ? chosen : { ...chosen, path };
}

function withTiers(choice: CacheChoice, { embedder, ...rest }: CacheConfig, hasWeights: boolean): CacheConfig | false {
  if (choice === 'off') return false;
  const isSemantic = choice === 'semantic' || (choice === 'auto' && hasWeights);
  if (!isSemantic) return { ...rest, embedder: false };
  return embedder === undefined || embedder === false ? rest : { ...rest, embedder };
}

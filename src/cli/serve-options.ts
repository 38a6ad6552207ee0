import { InvalidArgumentError, Option } from 'commander';
import { hostOf } from '../server/guard.ts';
import { wholeNumber } from './numbers.ts';

/** Options of `serve`: the flag first, then the environment, then the configuration file, then the default. */
export interface ServeOptions {
  readonly config?: string;
  readonly host: string;
  readonly port: number;
  readonly allowHost: readonly string[];
  readonly adminKey?: string;
  readonly drainDelayMs: number;
  readonly cache: CacheChoice;
  readonly cachePath?: string;
}

/**
 * `exact`: no embedder; `semantic`: with the local one, downloaded when it is not there; `auto`: with it when its weights
 * are on this machine.
 */
export type CacheChoice = 'auto' | 'exact' | 'semantic' | 'off';

export const serveOptions: readonly Option[] = [
  new Option('--config <file>', 'file that describes the router; default: the models that are found').env(
    'LLM_ROUTER_CONFIG',
  ),
  new Option('--host <host>', 'address to listen on').default('127.0.0.1').env('LLM_ROUTER_HOST'),
  new Option('--port <port>', 'port to listen on; 0: any free one')
    .argParser(wholeNumber(0, 65_535))
    .default(8000)
    .env('LLM_ROUTER_PORT'),
  new Option(
    '--allow-host <host>',
    'further host by which requests may name this server; repeat it, or separate by commas',
  )
    .argParser(collectHosts)
    .default([], 'loopback hosts only')
    .env('LLM_ROUTER_ALLOW_HOST'),
  // Checked by the server and not here: commander would print a wrong one.
  new Option(
    '--admin-key <key>',
    'what /stats, /models, /health and /cache/purge ask for as a bearer token, and the inspector in its page',
  ).env('LLM_ROUTER_ADMIN_KEY'),
  new Option('--drain-delay-ms <ms>', 'on SIGTERM: how long /readyz says 503 before the router stops')
    .argParser(wholeNumber(0, 3_600_000))
    .default(0)
    .env('LLM_ROUTER_DRAIN_DELAY_MS'),
  new Option('--cache <tiers>', 'which answers are served again: of the same prompt (exact), or of a similar one too')
    .choices(['auto', 'exact', 'semantic', 'off'])
    .default('auto', 'semantic where LLM_ROUTER_MODEL_PATH has the model, else exact')
    .env('LLM_ROUTER_CACHE'),
  new Option('--cache-path <file>', 'file that keeps the answers over a restart').env('LLM_ROUTER_CACHE_PATH'),
];

function collectHosts(text: string, sofar: readonly string[]): readonly string[] {
  const hosts = text
    .split(',')
    .map((host) => host.trim().toLowerCase())
    .filter((host) => host !== '');
  if (hosts.length > 0 && hosts.every((host) => hostOf(host) === host)) return [...sofar, ...hosts];
  throw new InvalidArgumentError('Accepted: host names without scheme and port.');
}

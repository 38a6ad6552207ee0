import { z } from 'zod';
import { parseOptions } from '../options.ts';
import { asWritten } from './as-written.ts';
import { ConfigError } from './config-error.ts';
import { type Path, type Place, pathOf } from './place.ts';
import { mistakesAt, nearestPlace, readConfig } from './read.ts';
import type { Environment } from './references.ts';
import type { RouterConfig } from './router-config.ts';
import { candidateFaults, semanticFaults } from './semantics.ts';

/** How a configuration is read. */
export interface LoadOptions {
  /** Where references find their variables. Default: the process's. */
  readonly environment?: Environment | undefined;
  /**
   * `keep`: a reference to a variable that is not set stays as it is written, where a text is accepted: to look at a
   * configuration takes no keys. Default `error`.
   */
  readonly missing?: 'error' | 'keep' | undefined;
  /**
   * `keep`: candidates of rules that are no models, or stand there twice, are left to the caller when nothing else is
   * wrong. Default `error`.
   */
  readonly semantics?: 'error' | 'keep' | undefined;
}

/** A configuration that has been read and found right, and where its values stand. */
export interface LoadedConfig {
  /** With references resolved: not to be shown. */
  readonly config: RouterConfig;
  /** With references as they are written: what can be shown. */
  readonly written: RouterConfig;
  /** As it was named; null: it was an object. */
  readonly file: string | null;
  /** The line of a value such as `rules[1].fallback[0]`, or of what it is missing in; undefined: it was no file. */
  lineOf(path: string | Path): number | undefined;
  /** Its place, likewise. */
  placeOf(path: string | Path): Place | undefined;
}

export const environmentSchema = z
  .custom<Environment>((given) => typeof given === 'object' && given !== null)
  .describe('an object of texts by name');
const keepOrError = z.enum(['error', 'keep']).describe('error or keep').optional();
const loadSchema = z.strictObject({
  environment: environmentSchema.optional(),
  missing: keepOrError,
  semantics: keepOrError,
});

/**
 * Reads the configuration of a router.
 * @param source a file of YAML or JSON, by its path or URL; or the same as an object
 * @throws {ConfigError} with all that is wrong
 * @throws {ConfigurationError} when an option of its own is wrong
 */
export function loadConfig(source: string | URL | object, options: LoadOptions = {}): LoadedConfig {
  const {
    environment = process.env,
    missing = 'error',
    semantics = 'error',
  } = parseOptions(loadSchema, options, 'loadConfig()');
  const { file, faults, places, ...reading } = readConfig(source, environment, missing === 'keep');
  const config = reading.config as unknown as RouterConfig;
  const written = reading.written as unknown as RouterConfig;
  const placeOf = (path: string | Path) => nearestPlace(typeof path === 'string' ? pathOf(path) : path, places);
  const loaded: LoadedConfig = { config, written, file, placeOf, lineOf: (path) => placeOf(path)?.line };
  const mistakes = [...mistakesAt(faults, placeOf)];
  if (isObject(config)) {
    const found = semanticFaults(config, written, faults);
    // Who has to mend the file anyway is told all of it.
    const isWrong = semantics === 'error' || faults.length > 0 || found.length > 0;
    const candidates = isWrong ? candidateFaults(config, written, faults) : [];
    mistakes.push(...mistakesAt(asWritten([...found, ...candidates], config, written), placeOf));
  }
  if (mistakes.length > 0) throw new ConfigError(mistakes, file);
  return loaded;
}

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);

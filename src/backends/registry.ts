import { ConfigurationError } from '../errors.ts';
import { nearest } from '../nearest.ts';
import { AnthropicBackend, anthropicOptions } from './anthropic.ts';
import { AzureOpenAIBackend, azureOpenAIOptions } from './azure-openai.ts';
import type { Backend, BackendFactory, BackendOptions } from './backend.ts';
import { OllamaBackend, ollamaOptions } from './ollama.ts';
import { OpenAIBackend, openaiOptions } from './openai.ts';
import { SimulatedBackend, simulatedOptions } from './simulated.ts';

/** What each built-in provider takes. */
export const PROVIDER_OPTIONS = {
  anthropic: anthropicOptions,
  'azure-openai': azureOpenAIOptions,
  ollama: ollamaOptions,
  openai: openaiOptions,
  simulated: simulatedOptions,
} as const;

export type BuiltInProvider = keyof typeof PROVIDER_OPTIONS;

const factories = new Map<string, BackendFactory>([
  ['anthropic', (options) => new AnthropicBackend(options)],
  ['azure-openai', (options) => new AzureOpenAIBackend(options)],
  ['ollama', (options) => new OllamaBackend(options)],
  ['openai', (options) => new OpenAIBackend(options)],
  ['simulated', (options) => new SimulatedBackend(options)],
]);

/** Of them, those that were added or replaced. */
const registered = new Set<string>();

const NAME = /^[A-Za-z][\w.-]{0,63}$/;

/**
 * Makes a provider known to every router of the process; `addModel(name, {provider})` then asks its factory for a
 * backend. A name that is taken, a built-in one too, is replaced for models added from then on.
 * @throws {ConfigurationError} for an invalid name, or a factory that is no function
 */
export function registerBackend(name: string, factory: BackendFactory): void {
  if (typeof name !== 'string' || !NAME.test(name)) {
    const given = typeof name === 'string' ? JSON.stringify(name) : typeof name;
    throw new ConfigurationError(
      'name',
      `registerBackend(): name: given ${given}; accepted: a letter, then up to 63 of letters, digits, _ . -`,
    );
  }
  if (typeof factory !== 'function') {
    throw new ConfigurationError(
      'factory',
      `registerBackend('${name}'): factory: given ${typeof factory}; accepted: a function from options to a backend`,
    );
  }
  factories.set(name, factory);
  registered.add(name);
}

/** Every provider's name, the built-in ones first. */
export const providers = (): readonly string[] => [...factories.keys()];

/** Whether the provider of that name is still the one that is built in. */
export const isBuiltIn = (name: string): name is BuiltInProvider =>
  Object.hasOwn(PROVIDER_OPTIONS, name) && !registered.has(name);

/**
 * The backend of one model.
 * @throws {ConfigurationError} for an unknown provider or wrong options; whatever a registered factory throws
 */
export function createBackend(provider: string, options: BackendOptions): Backend {
  const where = `addModel('${options.name}')`;
  const factory = factories.get(provider);
  if (factory === undefined) {
    const known = [...factories.keys()];
    const near = nearest(provider, known);
    const hint = near === undefined ? '' : ` did you mean ${near}?`;
    throw new ConfigurationError(
      'provider',
      `${where}.provider: no such provider '${provider}';${hint} accepted: ${known.join(', ')}`,
    );
  }
  const backend = factory(options);
  if (typeof backend?.generate !== 'function') {
    throw new ConfigurationError(
      'provider',
      `${where}.provider: the factory of '${provider}' made no backend; accepted: an object with a generate method`,
    );
  }
  return backend;
}

import { ConfigurationError } from '../errors.ts';
import type { Backend, BackendFactory, BackendOptions } from './backend.ts';

const factories = new Map<string, BackendFactory>();
export function registerBackend(name: string, factory: BackendFactory): void {
  factories.set(name, factory);
}
export function createBackend(provider: string, options: BackendOptions): Backend {
  const factory = factories.get(provider);
  if (factory === undefined) throw new ConfigurationError('provider', `provider: given '${provider}'`);
  return factory(options);
}

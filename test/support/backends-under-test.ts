import { afterAll } from 'vitest';
import type { Backend, LLMRequest } from '../../src/backends/backend.ts';
import { createBackend } from '../../src/backends/registry.ts';
import { aContext } from '../backends/contract.ts';
import { type FakeProvider, startFakeProvider } from './fake-provider.ts';

type Options = Readonly<Record<string, unknown>>;

export interface BackendsUnderTest {
  readonly provider: FakeProvider;
  /** Closes one that a test has made itself. */
  closesAfter(backend: Backend): void;
  /** The model's name says how the provider behaves. */
  backendOf(model: string, options?: Options): Backend;
  /** What the provider is sent for a request. */
  bodyOf(request: LLMRequest, model: string, options?: Options): Promise<Readonly<Record<string, unknown>>>;
}

/** Backends of one kind over a provider on the loopback, all of them closed after the file's tests. */
export async function backendsUnderTest(kind: string, common: (url: string) => Options): Promise<BackendsUnderTest> {
  const provider = await startFakeProvider();
  const made: Backend[] = [];
  afterAll(async () => {
    for (const backend of made) await backend.close?.();
    await provider.stop();
  });
  const backendOf = (model: string, options: Options = {}): Backend => {
    const backend = createBackend(kind, { ...common(provider.url), model, ...options } as never);
    made.push(backend);
    return backend;
  };
  return {
    provider,
    closesAfter: (backend) => made.push(backend),
    backendOf,
    async bodyOf(request, model, options) {
      await backendOf(model, options).generate(request, aContext());
      return (await provider.last(model)).body;
    },
  };
}

import type { Backend, BackendContext, LLMRequest } from '../../../backends/backend.ts';
import { systemClock } from '../../../clock.ts';
import { generated, streamed, within } from './call.ts';
import type { BackendBehaviour, BackendContractOptions } from './options.ts';

/** One test. */
export interface ContractCase {
  readonly name: string;
  readonly run: () => Promise<void>;
}

type Use = (backend: Backend, tag: string) => Promise<void>;
type Given = Pick<BackendContractOptions, 'keepsAbortReason' | 'released'>;
type Defaulted = Required<Omit<BackendContractOptions, 'make' | keyof Given>>;

/** The options with every default, and what the cases are made with. */
export interface Contract extends Defaulted, Given {
  /** A case over a backend whose provider behaves so, closed in the end. */
  testCase(name: string, behaviour: BackendBehaviour, use: Use): ContractCase;
  /** What must happen at once. @throws {AssertionError} after `limitMs`, naming it */
  atOnce<T>(what: string, promise: PromiseLike<T>): Promise<T>;
  /** How a backend can be asked; both ways as one, whatever comes of it. */
  readonly ways: readonly {
    readonly way: 'generate' | 'stream';
    readonly ask: (backend: Backend, request?: LLMRequest, context?: BackendContext) => Promise<unknown>;
  }[];
}

export function createContract({ make, ...given }: BackendContractOptions): Contract {
  const options: Defaulted & Given = {
    behaviours: [],
    failures: {},
    streams: true,
    begun: () => new Promise((resolve) => systemClock.setTimeout(() => resolve(), 20)),
    left: async () => {},
    secrets: [],
    limitMs: 5_000,
    ...given,
  };
  let tags = 0;
  return {
    ...options,
    testCase: (name, behaviour, use) => ({
      name,
      async run() {
        const tag = `contract-${++tags}`;
        const backend = await make(behaviour, tag);
        try {
          await use(backend, tag);
        } finally {
          await backend.close?.();
        }
      },
    }),
    atOnce: (what, promise) => within(options.limitMs, what, promise),
    ways: [
      { way: 'generate', ask: generated },
      ...(options.streams ? [{ way: 'stream', ask: streamed } as const] : []),
    ],
  };
}

import type { Backend, BackendContext, LLMRequest } from '../../../backends/backend.ts';
import { systemClock } from '../../../clock.ts';
import { parseOptions } from '../../../options.ts';
import { generated, streamed } from './call.ts';
import { type BackendBehaviour, type BackendContractOptions, contractSchema, madeSchema } from './options.ts';
import { limited, within } from './within.ts';

/** One test. */
export interface ContractCase {
  readonly name: string;
  readonly run: () => Promise<void>;
}

/**
 * @param backend every wait for it is limited
 * @param bare the same without limits: to be printed, and for calls that hang until the case ends them
 */
type Use = (backend: Backend, tag: string, bare: Backend) => Promise<void>;
type Given = Pick<BackendContractOptions, 'keepsAbortReason' | 'releasesSignal' | 'released'>;
type Defaulted = Required<Omit<BackendContractOptions, 'make' | keyof Given>>;

/** The options with every default, and what the cases are made with. */
export interface Contract extends Defaulted, Given {
  /** A case over a backend whose provider behaves so, closed in the end. */
  testCase(name: string, behaviour: BackendBehaviour, use: Use): ContractCase;
  /** What must happen at once. @throws {AssertionError} after `limitMs`, naming it */
  atOnce<T>(what: string, value: T | PromiseLike<T>): Promise<T>;
  /** How a backend can be asked; both ways as one, whatever comes of it. */
  readonly ways: readonly {
    readonly way: 'generate' | 'stream';
    readonly ask: (backend: Backend, request?: LLMRequest, context?: BackendContext) => Promise<unknown>;
  }[];
}

/** @throws {ConfigurationError} when an option is wrong */
export function createContract(options: BackendContractOptions): Contract {
  parseOptions(contractSchema, options, 'backendContract()');
  const { make, ...given } = options;
  const contract: Defaulted & Given = {
    behaviours: [],
    failures: {},
    streams: true,
    begun: () => new Promise((resolve) => systemClock.setTimeout(() => resolve(), 20)),
    left: async () => {},
    secrets: [],
    limitMs: 2_000,
    ...given,
  };
  const { limitMs, streams } = contract;
  const atOnce: Contract['atOnce'] = (what, value) => within(limitMs, what, value);
  let tags = 0;
  return {
    ...contract,
    testCase: (name, behaviour, use) => ({
      name,
      async run() {
        const tag = `contract-${++tags}`;
        const making = `make('${behaviour}')`;
        const made = await atOnce(making, make(behaviour, tag));
        const backend = parseOptions(madeSchema, made, `backendContract(): ${making}`);
        const close = (): Promise<void> => atOnce('close()', backend.close?.());
        try {
          await use(limited(backend, limitMs), tag, backend);
        } catch (error) {
          // What it leaves behind is of no interest beside the first fault.
          await close().catch(() => {});
          throw error;
        }
        await close();
      },
    }),
    atOnce,
    ways: [{ way: 'generate', ask: generated }, ...(streams ? [{ way: 'stream', ask: streamed } as const] : [])],
  };
}

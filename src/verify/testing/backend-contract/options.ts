import type { Backend } from '../../../backends/backend.ts';

/** What the provider behind a backend can be made to do: these, and failures under any name. */
export type BackendBehaviour =
  /** It answers every request alike, and at once. */
  | 'ok'
  /** It accepts the call and never answers. */
  | 'hang'
  /** It streams many pieces with time between them. */
  | 'slow'
  /** Its streams break off after the first pieces. */
  | 'truncated'
  /** It asks for a tool. */
  | 'tool_call'
  /** It hands out its reasoning as well. */
  | 'reasoning'
  | (string & {});

/** What must be found in the error of a failure; what is not named here is not looked at. */
export interface ExpectedFailure {
  /** `undefined`: it must have none; so below. */
  readonly status?: number | undefined;
  readonly code?: string | RegExp | undefined;
  readonly retryAfterMs?: number | undefined;
}

export interface BackendContractOptions {
  /** Makes a backend whose provider behaves so. `tag` tells its calls from those of other cases. */
  make(behaviour: BackendBehaviour, tag: string): Backend | Promise<Backend>;
  /** What its provider can be made to do besides `ok`; cases that need others are left out. Default: none. */
  readonly behaviours?: readonly ('hang' | 'slow' | 'truncated' | 'tool_call' | 'reasoning')[];
  /** The failures that it can meet, by the name that `make` is given. Default: none. */
  readonly failures?: Readonly<Record<string, ExpectedFailure>>;
  /** `false`: the backend has no `stream`. Default true. */
  readonly streams?: boolean;
  /** A call that is called off rejects with the reason of its signal, and with nothing else. Default false. */
  readonly keepsAbortReason?: boolean;
  /** Resolves when the provider has begun with the call. Default: after 20 ms. */
  begun?(behaviour: BackendBehaviour, tag: string): Promise<void>;
  /** Resolves when the provider has seen that the caller left. Default: it is not looked at. */
  left?(behaviour: BackendBehaviour, tag: string): Promise<void>;
  /** Resolves when the provider counts no open connection any more. Default: it is not looked at. */
  released?(): Promise<void>;
  /** Keys and the like, which no error and no print of the backend may hold. Default: none. */
  readonly secrets?: readonly string[];
  /** How long anything that must happen at once may take, in milliseconds. Default 5,000. */
  readonly limitMs?: number;
}

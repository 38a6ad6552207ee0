import { types } from 'node:util';
import { z } from 'zod';
import type { Backend } from '../../../backends/backend.ts';
import { positiveMilliseconds } from '../../../options.ts';
import { aFunction } from '../option-schemas.ts';

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

/** The behaviours that ask for cases of their own. */
const BEHAVIOURS = ['hang', 'slow', 'truncated', 'tool_call', 'reasoning'] as const;

/** Which backend is held to the contract, and what it and its provider can do. */
export interface BackendContractOptions {
  /** Makes a backend whose provider behaves so. `tag` tells its calls from those of other cases. */
  make(behaviour: BackendBehaviour, tag: string): Backend | Promise<Backend>;
  /** What its provider can be made to do besides `ok`; cases that need others are left out. Default: none. */
  readonly behaviours?: readonly (typeof BEHAVIOURS)[number][];
  /** The failures that it can meet, by the name that `make` is given. Default: none. */
  readonly failures?: Readonly<Record<string, ExpectedFailure>>;
  /** `false`: the backend has no `stream`. Default true. */
  readonly streams?: boolean;
  /** A call that is called off rejects with the reason of its signal, and with nothing else. Default false. */
  readonly keepsAbortReason?: boolean;
  /**
   * After a call nobody listens to its signal any more. Default false: Node's own `fetch` keeps its listener until it is
   * garbage collected, and does no harm by it, because no two calls share a signal.
   */
  readonly releasesSignal?: boolean;
  /** Resolves when the provider has begun with the call. Default: after 20 ms. */
  begun?(behaviour: BackendBehaviour, tag: string): Promise<void>;
  /** Resolves when the provider has seen that the caller left. Default: it is not looked at. */
  left?(behaviour: BackendBehaviour, tag: string): Promise<void>;
  /** Resolves when the provider counts no open connection any more. Default: it is not looked at. */
  released?(): Promise<void>;
  /** Keys and the like, which no error and no print of the backend may hold. Default: none. */
  readonly secrets?: readonly string[];
  /**
   * How long any single wait for the backend may take, in milliseconds. Default 2,000: below the time limit of a test, so
   * that it is the contract that says what hung.
   */
  readonly limitMs?: number;
}

const aBoolean = z.boolean().describe('true or false').optional();
const failureSchema = z
  .strictObject({
    status: z.number().describe('a number').optional(),
    code: z
      .custom<string | RegExp>((value) => typeof value === 'string' || types.isRegExp(value))
      .describe('a string or a RegExp')
      .optional(),
    retryAfterMs: z.number().describe('a number').optional(),
  })
  .describe('an object with status, code, retryAfterMs');

export const contractSchema = z.strictObject({
  make: aFunction,
  behaviours: z
    .array(z.enum(BEHAVIOURS).describe(BEHAVIOURS.join(', ')))
    .describe(`an array of ${BEHAVIOURS.join(', ')}`)
    .optional(),
  failures: z
    .record(z.string(), failureSchema)
    .describe('an object from names of failures to what is expected')
    .optional(),
  streams: aBoolean,
  keepsAbortReason: aBoolean,
  releasesSignal: aBoolean,
  begun: aFunction.optional(),
  left: aFunction.optional(),
  released: aFunction.optional(),
  secrets: z.array(z.string().min(1).describe('a string that is not empty')).describe('an array of strings').optional(),
  limitMs: positiveMilliseconds.optional(),
});

export const madeSchema = z
  .custom<Backend>((value) => typeof (value as Partial<Backend> | null | undefined)?.generate === 'function')
  .describe('a backend, which is an object with the method generate(request, context), or a promise of one');

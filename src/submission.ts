import type { Message } from './backends/backend.ts';
import type { Caller } from './entry.ts';
import type { ChatRequest, GenerateOptions } from './generate-options.ts';
import type { Settled } from './ledger.ts';

/** What `createRequest` takes: the prompt or the conversation, and how it is to be treated. */
export type RequestInput = GenerateOptions & ({ readonly prompt: string } | { readonly messages: readonly Message[] });

/** Hears how a request of the router's own has ended. true: another request tells of its calls as if they were its own. */
export type OwnSettled = (event: Settled) => boolean;

/** A request together with who waits for its answer. */
export interface Submission {
  readonly input: string | ChatRequest;
  readonly options: GenerateOptions;
  readonly caller: Caller;
  /** The input is a text whose vector is wanted, of a model that serves embeddings. */
  readonly wantsVector?: true;
  /** Of a request of the router's own: hears how it ended, in place of whoever counts and listens. */
  readonly settled?: OwnSettled;
}

/** The caller of a request that an actor sends itself: the settlement is emitted and sent to `replyTo`. */
export const NOBODY: Caller = { sink: null, served: () => {}, failed: () => {} };

export function submissionOf(request: RequestInput): Submission {
  if ('messages' in request) {
    const { messages, ...options } = request;
    return { input: { messages }, options, caller: NOBODY };
  }
  const { prompt, ...options } = request;
  return { input: prompt, options, caller: NOBODY };
}

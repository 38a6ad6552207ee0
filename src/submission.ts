import type { Message } from './backends/backend.ts';
import type { Caller } from './entry.ts';
import type { ChatRequest, GenerateOptions } from './request.ts';

/** What `createRequest` takes: the prompt or the conversation, and how it is to be treated. */
export type RequestInput = GenerateOptions & ({ readonly prompt: string } | { readonly messages: readonly Message[] });

/** A request together with who waits for its answer. */
export interface Submission {
  readonly input: string | ChatRequest;
  readonly options: GenerateOptions;
  readonly caller: Caller;
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

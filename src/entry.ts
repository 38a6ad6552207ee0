import type { AsyncResource } from 'node:async_hooks';
import type { Answer } from './answer.ts';
import type { LLMResponse } from './backends/backend.ts';
import type { AcceptedRequest } from './request.ts';
import type { Slip } from './routing/slip.ts';
import type { Sink } from './stream.ts';

/** What a model that serves embeddings is asked; a class, because no caller's input may be taken for one. */
export class TextToEmbed {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** Who hears of a settlement. */
export interface Caller {
  readonly sink: Sink | null;
  readonly served: (answer: Answer) => void;
  readonly failed: (error: unknown) => void;
}

/** What is kept of a request while it is pending; the rest is in its slip. */
export interface KeptRequest extends Pick<AcceptedRequest, 'signal' | 'tenant' | 'replyTo'> {
  readonly content: AcceptedRequest['content'] | TextToEmbed;
}

/** What a request carries that no chart may hold. */
export interface Entry extends KeptRequest, Caller {
  /** The caller's asynchronous context; its backend calls run there, whoever dispatches them. */
  readonly context: AsyncResource;
  /** The latest slip that is known outside the charts. */
  slip: Slip;
  /** `provider`: whose answer it was when it was stored. */
  response: (LLMResponse & { readonly provider?: string }) | null;
  /** What its attempts failed with, in order. */
  failures: readonly unknown[];
  /** Text that has reached the caller of a stream, of the present attempt or the last that had any; null: no content. */
  partialText: string | null;
  /** It has been called off and is not to be called any more, although the charts may still pass it on. */
  isCancelled: boolean;
  /** Why it was called off. */
  cancelReason: unknown;
}

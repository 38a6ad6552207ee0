/** Token counts of one answer, as the provider reported them. */
export interface Usage {
  readonly promptTokens: number;
  readonly completionTokens: number;
  readonly totalTokens: number;
}

/** A piece of a message. `image` is passed to providers that take images and refused by name elsewhere. */
export type ContentPart =
  | { readonly type: 'text'; readonly text: string }
  | {
      readonly type: 'image';
      /** An `https:` or `data:` URL, or the bytes in base64 together with `mediaType`. */
      readonly image: string;
      /** For example `image/png`; required when `image` is bare base64. */
      readonly mediaType?: string;
    };

/** A tool the model asked for. `arguments` is the JSON text as the model wrote it, unparsed. */
export interface ToolCall {
  readonly id: string;
  readonly name: string;
  readonly arguments: string;
}

export interface Message {
  readonly role: 'system' | 'user' | 'assistant' | 'tool';
  readonly content: string | readonly ContentPart[];
  /** On an assistant message: the tools it asked for. */
  readonly toolCalls?: readonly ToolCall[];
  /** On a tool message: the call that it answers. */
  readonly toolCallId?: string;
}

/** A function the model may ask for; `parameters` is a JSON Schema. */
export interface Tool {
  readonly name: string;
  readonly description?: string;
  readonly parameters?: Readonly<Record<string, unknown>>;
}

export type ToolChoice = 'auto' | 'none' | 'required' | { readonly name: string };

export type ResponseFormat =
  | 'text'
  | 'json'
  | { readonly name: string; readonly schema: Readonly<Record<string, unknown>> };

/** What a backend is asked to do. The router copies it when it accepts the request, so it never changes afterwards. */
export interface LLMRequest {
  /** The text of the last user message; what a simple backend reads. */
  readonly prompt: string;
  /** The whole conversation, a `system` message first when there is one. Never empty. */
  readonly messages: readonly Message[];
  readonly temperature?: number;
  /** The most tokens to generate. */
  readonly maxTokens?: number;
  readonly stop?: readonly string[];
  readonly seed?: number;
  readonly tools?: readonly Tool[];
  readonly toolChoice?: ToolChoice;
  readonly responseFormat?: ResponseFormat;
  readonly metadata?: Readonly<Record<string, unknown>>;
  /** Merged into the provider's request body as it is. */
  readonly providerOptions?: Readonly<Record<string, unknown>>;
}

/** Why generation ended: the provider's own word, mapped to these where it has one of them. */
export type FinishReason = 'stop' | 'length' | 'tool_calls' | 'content_filter' | (string & {});

export interface LLMResponse {
  readonly content: string;
  /** `false` reports a failure without throwing; `error` then says what went wrong. Default: true. */
  readonly success?: boolean;
  readonly error?: string;
  readonly usage?: Usage;
  readonly finishReason?: FinishReason;
  readonly toolCalls?: readonly ToolCall[];
  /** The model's reasoning, when the provider hands it out. */
  readonly reasoning?: string;
  /** The provider's own answer, untouched. */
  readonly raw?: unknown;
}

/**
 * A piece of a streamed answer. Returning from the iterator says that the answer is whole; a stream that was cut must
 * throw, because nothing else tells the two apart.
 */
export type BackendChunk =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'reasoning'; readonly text: string }
  | {
      readonly type: 'tool_call';
      /** Position of the call in the answer; deltas of one call share it. */
      readonly index: number;
      readonly id?: string;
      readonly name?: string;
      /** The next piece of the arguments' JSON text. */
      readonly arguments?: string;
    }
  | { readonly type: 'finish'; readonly finishReason?: FinishReason; readonly usage?: Usage; readonly raw?: unknown };

export interface BackendContext {
  /** The model's name in the router. */
  readonly model: string;
  /** Aborts when the caller leaves, a limit runs out or the router stops. Pass it on to whatever does the I/O. */
  readonly signal: AbortSignal;
  readonly requestId: string;
  /** 1 for the request's first attempt, counted over all models. */
  readonly attempt: number;
  /** The `options` given to `addModel`, as they are. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** What `generate` is told, as far as it is known: who embeds outside of a request has a signal only. */
export type EmbedContext = Pick<BackendContext, 'signal'> & Partial<BackendContext>;

/** A provider of answers. Everything beyond `generate` is optional. */
export interface Backend {
  /**
   * Answers one request.
   * @throws {BackendError} with `status`, `code` or `retryAfterMs`, to tell the router whose fault it was; any other
   * throw counts as the provider's failure.
   */
  generate(request: LLMRequest, context: BackendContext): PromiseLike<LLMResponse>;
  /** Streams one answer. Without it, `router.stream` yields the whole text as one chunk. */
  stream?(request: LLMRequest, context: BackendContext): AsyncIterable<BackendChunk>;
  /** Resolves when the provider answers, rejects when it does not. Never called periodically, never moves a breaker. */
  healthCheck?(context: { readonly signal: AbortSignal }): Promise<void>;
  /**
   * Turns texts into vectors, one for each and in their order; used by the semantic cache.
   * @throws {BackendError} as `generate` does
   */
  embed?(texts: readonly string[], context: EmbedContext): Promise<readonly Float32Array[]>;
  /** Releases what the backend holds. Called once, when its model is removed or the router stops. */
  close?(): void | Promise<void>;
}

/** What a factory is given: the model's name in the router, and every option of `addModel` that is not the router's. */
export interface BackendOptions {
  readonly name: string;
  readonly [option: string]: unknown;
}

export type BackendFactory = (options: BackendOptions) => Backend;

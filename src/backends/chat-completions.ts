import type { Backend, BackendChunk, BackendContext, EmbedContext, LLMRequest, LLMResponse } from './backend.ts';
import { chunksOf } from './chunks-of.ts';
import { parseOpenAIEmbeddings } from './embeddings.ts';
import { HttpClient, type HttpSettings } from './http.ts';
import type { HttpAnswer } from './http-answer.ts';
import { parseCompletion } from './openai-answer.ts';
import { type OpenAITarget, openAIBody } from './openai-body.ts';
import { readCompletionStream } from './openai-stream.ts';

export interface ChatCompletionsSettings {
  readonly http: HttpSettings;
  readonly target: OpenAITarget;
  /** What follows the base URL. */
  readonly paths: { readonly completions: string; readonly embeddings: string; readonly models: string };
}

/** A model behind OpenAI's chat completions, wherever those are served. */
export class ChatCompletions implements Backend {
  readonly #http: HttpClient;
  readonly #target: OpenAITarget;
  readonly #paths: ChatCompletionsSettings['paths'];

  constructor({ http, target, paths }: ChatCompletionsSettings) {
    this.#http = new HttpClient(http);
    this.#target = target;
    this.#paths = paths;
  }

  async generate(request: LLMRequest, { signal }: BackendContext): Promise<LLMResponse> {
    const answer = await this.#complete(request, signal, false);
    return parseCompletion(await answer.json(), answer);
  }

  async *stream(request: LLMRequest, { signal }: BackendContext): AsyncGenerator<BackendChunk> {
    const answer = await this.#complete(request, signal, true);
    try {
      if (answer.isNoStream) yield* chunksOf(parseCompletion(await answer.json(), answer));
      else yield* readCompletionStream(answer);
    } finally {
      answer.destroy();
    }
  }

  async embed(texts: readonly string[], { signal }: EmbedContext): Promise<readonly Float32Array[]> {
    signal.throwIfAborted();
    if (texts.length === 0) return [];
    const body = { model: this.#target.model, input: texts, encoding_format: 'float' };
    const answer = await this.#http.call({ path: this.#paths.embeddings, signal, body, texts });
    return parseOpenAIEmbeddings(await answer.json(), answer, texts.length);
  }

  async healthCheck({ signal }: { readonly signal: AbortSignal }): Promise<void> {
    const answer = await this.#http.call({ path: this.#paths.models, signal });
    await answer.json();
  }

  close(): Promise<void> {
    return this.#http.close();
  }

  #complete(request: LLMRequest, signal: AbortSignal, stream: boolean): Promise<HttpAnswer> {
    const body = openAIBody(request, this.#target, stream);
    return this.#http.call({ path: this.#paths.completions, signal, body, request });
  }
}

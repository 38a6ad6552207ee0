import { z } from 'zod';
import { parseOptions } from '../options.ts';
import type {
  Backend,
  BackendChunk,
  BackendContext,
  BackendOptions,
  EmbedContext,
  LLMRequest,
  LLMResponse,
} from './backend.ts';
import { parseOllamaEmbeddings } from './embeddings.ts';
import { HttpClient } from './http.ts';
import type { HttpAnswer } from './http-answer.ts';
import { baseUrlOption, httpOptions, mergeHeaders } from './http-options.ts';
import { type OllamaApi, parseAnswer, readAnswerStream } from './ollama-answer.ts';
import { chatBody, embedBody, generateBody, type OllamaTarget } from './ollama-body.ts';

const DEFAULT_BASE_URL = 'http://127.0.0.1:11434';

export const ollamaOptions = z.strictObject({
  ...httpOptions,
  baseUrl: baseUrlOption.default(DEFAULT_BASE_URL),
  api: z.enum(['chat', 'generate']).describe("'chat' or 'generate'").default('chat'),
  numGpu: z.int().min(0).describe('an integer of 0 or more, the layers to put on the GPU').optional(),
  numThread: z.int().min(1).describe('an integer of 1 or more').optional(),
  keepAlive: z
    .union([z.string().min(1), z.number()])
    .describe("a duration such as '5m', or seconds")
    .optional(),
  options: z.record(z.string(), z.unknown()).describe("an object of Ollama's own options").optional(),
});

/** A model of an Ollama server. */
export class OllamaBackend implements Backend {
  readonly #http: HttpClient;
  readonly #api: OllamaApi;
  readonly #target: OllamaTarget;

  /** @throws {ConfigurationError} */
  constructor({ name, ...given }: BackendOptions) {
    const { model, baseUrl, api, numGpu, numThread, keepAlive, options, headers, dispatcher, connectTimeoutMs } =
      parseOptions(ollamaOptions, given, `addModel('${name}')`);
    this.#api = api;
    this.#target = {
      label: name,
      model,
      keepAlive,
      options: {
        ...(numGpu !== undefined && { num_gpu: numGpu }),
        ...(numThread !== undefined && { num_thread: numThread }),
        ...options,
      },
    };
    const sent = mergeHeaders(headers);
    this.#http = new HttpClient({
      model: name,
      baseUrl,
      headers: sent,
      secrets: Object.values(sent),
      dispatcher,
      connectTimeoutMs,
    });
  }

  async generate(request: LLMRequest, context: BackendContext): Promise<LLMResponse> {
    const answer = await this.#ask(request, context, false);
    return parseAnswer(await answer.json(), answer, this.#api);
  }

  async *stream(request: LLMRequest, context: BackendContext): AsyncGenerator<BackendChunk> {
    const answer = await this.#ask(request, context, true);
    try {
      yield* readAnswerStream(answer, this.#api);
    } finally {
      answer.destroy();
    }
  }

  async embed(texts: readonly string[], { signal, options }: EmbedContext): Promise<readonly Float32Array[]> {
    signal.throwIfAborted();
    if (texts.length === 0) return [];
    const body = embedBody(texts, this.#targetWith(options));
    const answer = await this.#http.call({ path: '/api/embed', signal, body, texts });
    return parseOllamaEmbeddings(await answer.json(), answer, texts.length);
  }

  async healthCheck({ signal }: { readonly signal: AbortSignal }): Promise<void> {
    const answer = await this.#http.call({ path: '/api/version', signal });
    await answer.json();
  }

  close(): Promise<void> {
    return this.#http.close();
  }

  #ask(request: LLMRequest, { signal, options }: BackendContext, stream: boolean): Promise<HttpAnswer> {
    const target = this.#targetWith(options);
    const bodyOf = this.#api === 'chat' ? chatBody : generateBody;
    return this.#http.call({ path: `/api/${this.#api}`, signal, body: bodyOf(request, target, stream), request });
  }

  /** The router keeps a model's `options` to itself and hands them over with each call. */
  #targetWith(options: Readonly<Record<string, unknown>> | undefined): OllamaTarget {
    return { ...this.#target, options: { ...this.#target.options, ...options } };
  }
}

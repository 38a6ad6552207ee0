import { z } from 'zod';
import { parseOptions } from '../options.ts';
import type { Backend, BackendChunk, BackendContext, BackendOptions, LLMRequest, LLMResponse } from './backend.ts';
import { HttpClient } from './http.ts';
import type { HttpAnswer } from './http-answer.ts';
import { baseUrlOption, httpOptions, mergeHeaders } from './http-options.ts';
import { chunksOf, parseCompletion } from './openai-answer.ts';
import { type OpenAITarget, openAIBody } from './openai-body.ts';
import { readCompletionStream } from './openai-stream.ts';

const DEFAULT_BASE_URL = 'https://api.openai.com/v1';

const headerText = z.string().regex(/^[\x21-\x7e]+$/);
const schema = z.strictObject({
  ...httpOptions,
  apiKey: headerText.describe('a string of visible ASCII characters, without spaces or line breaks').optional(),
  baseUrl: baseUrlOption.default(DEFAULT_BASE_URL),
  organization: headerText.describe('an organization id').optional(),
  project: headerText.describe('a project id').optional(),
});

/** OpenAI's chat completions, and the many servers that speak them. */
export class OpenAIBackend implements Backend {
  readonly #http: HttpClient;
  readonly #target: OpenAITarget;
  readonly #apiKey: string | undefined;

  /** @throws {ConfigurationError} */
  constructor({ name, ...given }: BackendOptions) {
    const options = parseOptions(schema, given, `addModel('${name}')`);
    this.#apiKey = options.apiKey;
    const isOpenAI = new URL(options.baseUrl).hostname === 'api.openai.com';
    this.#target = {
      label: name,
      model: options.model,
      maxTokensField: isOpenAI ? 'max_completion_tokens' : 'max_tokens',
    };
    const ownHeaders = {
      authorization: this.#apiKey === undefined ? undefined : `Bearer ${this.#apiKey}`,
      'openai-organization': options.organization,
      'openai-project': options.project,
    };
    this.#http = new HttpClient({
      model: name,
      baseUrl: options.baseUrl,
      headers: mergeHeaders(ownHeaders, options.headers),
      secrets: Object.values(mergeHeaders({ key: this.#apiKey }, ownHeaders, options.headers)),
      dispatcher: options.dispatcher,
    });
  }

  async generate(request: LLMRequest, { signal }: BackendContext): Promise<LLMResponse> {
    const answer = await this.#complete(request, signal, false);
    return parseCompletion(await answer.json(), answer);
  }

  async *stream(request: LLMRequest, { signal }: BackendContext): AsyncGenerator<BackendChunk> {
    const answer = await this.#complete(request, signal, true);
    try {
      if (/\bjson\b|html/.test(answer.contentType)) yield* chunksOf(parseCompletion(await answer.json(), answer));
      else yield* readCompletionStream(answer);
    } finally {
      answer.destroy();
    }
  }

  async healthCheck({ signal }: { readonly signal: AbortSignal }): Promise<void> {
    const answer = await this.#http.call({ path: '/models', signal });
    await answer.json();
  }

  close(): Promise<void> {
    return this.#http.close();
  }

  #complete(request: LLMRequest, signal: AbortSignal, stream: boolean): Promise<HttpAnswer> {
    const body = openAIBody(request, this.#target, stream);
    return this.#http.call({ path: '/chat/completions', signal, body, request });
  }
}

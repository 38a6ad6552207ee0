import { z } from 'zod';
import { parseOptions } from '../options.ts';
import { parseMessage } from './anthropic-answer.ts';
import { type AnthropicTarget, anthropicBody } from './anthropic-body.ts';
import { readMessageStream } from './anthropic-stream.ts';
import type { Backend, BackendChunk, BackendContext, BackendOptions, LLMRequest, LLMResponse } from './backend.ts';
import { chunksOf } from './chunks-of.ts';
import { HttpClient } from './http.ts';
import type { HttpAnswer } from './http-answer.ts';
import { apiKeyOption, baseUrlOption, headerText, httpOptions, mergeHeaders } from './http-options.ts';

const DEFAULT_BASE_URL = 'https://api.anthropic.com';
const DEFAULT_VERSION = '2023-06-01';
const DEFAULT_MAX_TOKENS = 4096;

/** Errors that come in a stream have no status of their own. */
const STATUS_BY_TYPE = {
  invalid_request_error: 400,
  authentication_error: 401,
  billing_error: 402,
  permission_error: 403,
  not_found_error: 404,
  request_too_large: 413,
  rate_limit_error: 429,
  api_error: 500,
  timeout_error: 504,
  overloaded_error: 529,
};

export const anthropicOptions = z.strictObject({
  ...httpOptions,
  apiKey: apiKeyOption,
  baseUrl: baseUrlOption.default(DEFAULT_BASE_URL),
  version: headerText.describe("an API version such as '2023-06-01'").default(DEFAULT_VERSION),
  beta: headerText.describe('names of beta features, joined by commas without spaces').optional(),
  maxTokens: z.int().min(1).describe('an integer of 1 or more').default(DEFAULT_MAX_TOKENS),
});

/** Anthropic's Messages API. */
export class AnthropicBackend implements Backend {
  readonly #http: HttpClient;
  readonly #target: AnthropicTarget;

  /** @throws {ConfigurationError} */
  constructor({ name, ...given }: BackendOptions) {
    const options = parseOptions(anthropicOptions, given, `addModel('${name}')`);
    const { apiKey, headers } = options;
    this.#target = { label: name, model: options.model, maxTokens: options.maxTokens };
    this.#http = new HttpClient({
      model: name,
      baseUrl: options.baseUrl,
      headers: mergeHeaders(
        { 'x-api-key': apiKey, 'anthropic-version': options.version, 'anthropic-beta': options.beta },
        headers,
      ),
      secrets: Object.values(mergeHeaders({ key: apiKey }, headers)),
      dispatcher: options.dispatcher,
      connectTimeoutMs: options.connectTimeoutMs,
      statusByCode: STATUS_BY_TYPE,
    });
  }

  async generate(request: LLMRequest, { signal }: BackendContext): Promise<LLMResponse> {
    const answer = await this.#ask(request, signal, false);
    return parseMessage(await answer.json(), answer);
  }

  async *stream(request: LLMRequest, { signal }: BackendContext): AsyncGenerator<BackendChunk> {
    const answer = await this.#ask(request, signal, true);
    try {
      if (answer.isNoStream) yield* chunksOf(parseMessage(await answer.json(), answer));
      else yield* readMessageStream(answer);
    } finally {
      answer.destroy();
    }
  }

  async healthCheck({ signal }: { readonly signal: AbortSignal }): Promise<void> {
    const answer = await this.#http.call({ path: '/v1/models', signal });
    await answer.json();
  }

  close(): Promise<void> {
    return this.#http.close();
  }

  #ask(request: LLMRequest, signal: AbortSignal, stream: boolean): Promise<HttpAnswer> {
    const body = anthropicBody(request, this.#target, stream);
    return this.#http.call({ path: '/v1/messages', signal, body, request });
  }
}

import { z } from 'zod';
import { parseOptions } from '../options.ts';
import type { BackendOptions } from './backend.ts';
import { ChatCompletions } from './chat-completions.ts';
import { apiKeyOption, baseUrlOption, headerText, httpOptions, mergeHeaders } from './http-options.ts';

const DEFAULT_BASE_URL = 'https://api.openai.com/v1';

export const openaiOptions = z.strictObject({
  ...httpOptions,
  apiKey: apiKeyOption,
  baseUrl: baseUrlOption.default(DEFAULT_BASE_URL),
  organization: headerText.describe('an organization id').optional(),
  project: headerText.describe('a project id').optional(),
});

/** OpenAI's chat completions, and the many servers that speak them. */
export class OpenAIBackend extends ChatCompletions {
  /** @throws {ConfigurationError} */
  constructor({ name, ...given }: BackendOptions) {
    const options = parseOptions(openaiOptions, given, `addModel('${name}')`);
    const { apiKey, baseUrl, model } = options;
    const ownHeaders = {
      authorization: apiKey === undefined ? undefined : `Bearer ${apiKey}`,
      'openai-organization': options.organization,
      'openai-project': options.project,
    };
    super({
      http: {
        model: name,
        baseUrl,
        headers: mergeHeaders(ownHeaders, options.headers),
        secrets: Object.values(mergeHeaders({ key: apiKey }, ownHeaders, options.headers)),
        dispatcher: options.dispatcher,
        connectTimeoutMs: options.connectTimeoutMs,
      },
      target: {
        label: name,
        model,
        maxTokensField: new URL(baseUrl).hostname === 'api.openai.com' ? 'max_completion_tokens' : 'max_tokens',
      },
      paths: { completions: '/chat/completions', embeddings: '/embeddings', models: '/models' },
    });
  }
}

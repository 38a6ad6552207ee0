import { z } from 'zod';
import { parseOptions } from '../options.ts';
import type { BackendOptions } from './backend.ts';
import { ChatCompletions, type ChatCompletionsSettings } from './chat-completions.ts';
import { apiKeyOption, baseUrlOption, httpOptions, mergeHeaders } from './http-options.ts';

export const azureOpenAIOptions = z.strictObject({
  ...httpOptions,
  model: z.string().min(1).describe("the deployment's name"),
  apiKey: apiKeyOption,
  baseUrl: baseUrlOption
    .refine((url) => !URL.canParse(url) || !/\/openai(\/|$)/.test(new URL(url).pathname))
    .describe(
      "the resource's endpoint, for example https://my-resource.openai.azure.com, without /openai and what follows",
    ),
  apiVersion: z
    .string()
    .regex(/^[\w.-]+$/)
    .describe("an API version such as '2024-10-21'")
    .optional(),
});

type Paths = ChatCompletionsSettings['paths'];

/** A deployment of Azure OpenAI: the API without versions, or with `apiVersion` the dated one. */
export class AzureOpenAIBackend extends ChatCompletions {
  /** @throws {ConfigurationError} */
  constructor({ name, ...given }: BackendOptions) {
    const { model, baseUrl, apiKey, apiVersion, headers, dispatcher, connectTimeoutMs } = parseOptions(
      azureOpenAIOptions,
      given,
      `addModel('${name}')`,
    );
    const ownHeaders = { 'api-key': apiKey };
    super({
      http: {
        model: name,
        baseUrl,
        headers: mergeHeaders(ownHeaders, headers),
        secrets: Object.values(mergeHeaders({ key: apiKey }, headers)),
        dispatcher,
        connectTimeoutMs,
      },
      target: {
        label: name,
        model,
        // The dated versions that are not previews know only the old name.
        maxTokensField: apiVersion === undefined ? 'max_completion_tokens' : 'max_tokens',
      },
      paths: apiVersion === undefined ? V1_PATHS : datedPaths(model, apiVersion),
    });
  }
}

const V1_PATHS: Paths = {
  completions: '/openai/v1/chat/completions',
  embeddings: '/openai/v1/embeddings',
  models: '/openai/v1/models',
};

function datedPaths(deployment: string, apiVersion: string): Paths {
  const query = `?api-version=${apiVersion}`;
  const base = `/openai/deployments/${encodeURIComponent(deployment)}`;
  return {
    completions: `${base}/chat/completions${query}`,
    embeddings: `${base}/embeddings${query}`,
    models: `/openai/models${query}`,
  };
}

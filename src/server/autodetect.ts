import type { ModelOptions } from '../model-options.ts';
import { checkName } from '../names.ts';
import type { PriorityClass } from '../queue/priority.ts';
import type { Router } from '../router.ts';
import type { RuleMatch } from '../routing/match.ts';
import type { RouteOptions } from '../routing-options.ts';

/** What is there to answer with. */
export interface Surroundings {
  /** Where Ollama was looked for. */
  readonly ollamaUrl: string;
  /** The chat models it has, the one used last first; null when nothing answered there. */
  readonly ollamaModels: readonly string[] | null;
  readonly openAIKey: string | undefined;
  readonly openAIBaseUrl: string | undefined;
}

/** Which models to run and how to route over them. */
export interface Plan {
  readonly models: Readonly<Record<string, ModelOptions>>;
  readonly routes: readonly (readonly [PriorityClass | RuleMatch, RouteOptions])[];
  readonly isSimulated: boolean;
  /** For the operator, in one line: who answers, and how to change that. */
  readonly notice: string;
  /** Models of Ollama that are left out. */
  readonly leftOut: readonly string[];
}

/** The variables that are looked at. */
interface Environment {
  readonly OLLAMA_HOST?: string | undefined;
  readonly OPENAI_API_KEY?: string | undefined;
  readonly OPENAI_BASE_URL?: string | undefined;
}

const PROBE_TIMEOUT_MS = 500;
const MOST_MODELS = 8;
const OPENAI_MODEL = 'gpt-4o-mini';

/** Looks for Ollama (at `OLLAMA_HOST`, else 127.0.0.1:11434) and for `OPENAI_API_KEY`, `OPENAI_BASE_URL`. */
export async function lookAround(environment: Environment): Promise<Surroundings> {
  const ollamaUrl = ollamaUrlOf(environment.OLLAMA_HOST);
  return {
    ollamaUrl,
    ollamaModels: await listOllamaModels(ollamaUrl),
    openAIKey: environment.OPENAI_API_KEY?.trim() || undefined,
    openAIBaseUrl: environment.OPENAI_BASE_URL?.trim() || undefined,
  };
}

/** `OLLAMA_HOST` is also what Ollama itself listens on: scheme and port may be missing, the address be a wildcard. */
export function ollamaUrlOf(host: string | undefined): string {
  const given = host?.trim() || '127.0.0.1';
  const text = given.includes('://') ? given : `http://${given}`;
  if (!URL.canParse(text)) return ollamaUrlOf(undefined);
  const url = new URL(text);
  // Of `host:80` the URL keeps no port either, because it is the scheme's own.
  if (!given.includes('://') && !/:\d+$/.test(given)) url.port = '11434';
  if (url.hostname === '0.0.0.0') url.hostname = '127.0.0.1';
  return url.origin;
}

async function listOllamaModels(baseUrl: string): Promise<string[] | null> {
  try {
    const response = await fetch(`${baseUrl}/api/tags`, { signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) });
    const { models } = (await response.json()) as { readonly models?: unknown };
    return response.ok && Array.isArray(models) ? models.filter(isChatModel).map(({ name }) => name) : null;
  } catch {
    return null;
  }
}

/** Models that only embed would refuse every request. */
function isChatModel(model: unknown): model is { readonly name: string } {
  const { name, details } = (model ?? {}) as {
    readonly name?: unknown;
    readonly details?: { readonly family?: unknown };
  };
  return typeof name === 'string' && !/embed/i.test(name) && !/bert/i.test(String(details?.family));
}

/** Ollama's models first, OpenAI's as their fallback; simulated ones when neither is there. */
export function planFor({ ollamaUrl, ollamaModels, openAIKey, openAIBaseUrl }: Surroundings): Plan {
  const usable = (ollamaModels ?? []).filter(isName);
  const local = usable.slice(0, MOST_MODELS);
  const remote = openAIKey === undefined ? [] : [OPENAI_MODEL];
  const leftOut = (ollamaModels ?? []).filter((name) => !local.includes(name));
  const host = new URL(ollamaUrl).host;
  if (local.length + remote.length === 0) {
    const found =
      ollamaModels === null
        ? `neither Ollama at ${host} nor OPENAI_API_KEY was found`
        : `Ollama at ${host} has no chat model and OPENAI_API_KEY is not set`;
    return {
      ...simulated,
      leftOut,
      notice: `Answers are SIMULATED: ${found}. For real ones run 'ollama pull llama3.2' beside a running Ollama, or set OPENAI_API_KEY, and start again.`,
    };
  }
  const sources = [
    ...(local.length > 0 ? [`Ollama at ${host} (${local.join(', ')})`] : []),
    ...remote.map((name) => `${name} at ${openAIBaseUrl === undefined ? 'OpenAI' : hostOf(openAIBaseUrl)}`),
  ];
  return {
    models: {
      ...Object.fromEntries(local.map((name) => [name, { provider: 'ollama', model: name, baseUrl: ollamaUrl }])),
      ...Object.fromEntries(
        remote.map((name) => [name, { provider: 'openai', model: name, apiKey: openAIKey, baseUrl: openAIBaseUrl }]),
      ),
    },
    routes: [[{}, local.length > 0 ? { targets: local, fallback: remote } : { targets: remote }]],
    isSimulated: false,
    notice: `Answers come from ${sources.join(', then ')}.`,
    leftOut,
  };
}

const simulated: Pick<Plan, 'models' | 'routes' | 'isSimulated'> = {
  models: {
    'sim-fast': { provider: 'simulated', latencyMs: { min: 40, max: 120 } },
    'sim-good': { provider: 'simulated', latencyMs: { min: 300, max: 900 } },
    'sim-flaky': { provider: 'simulated', latencyMs: { min: 40, max: 120 }, failureRate: 0.3 },
  },
  routes: [
    ['critical', { targets: ['sim-good'], fallback: ['sim-fast'] }],
    ['high', { targets: ['sim-good'], fallback: ['sim-fast'] }],
    ['normal', { targets: ['sim-fast'], fallback: ['sim-good'] }],
    ['low', { targets: ['sim-flaky'], fallback: ['sim-fast'] }],
  ],
  isSimulated: true,
};

/** @throws {ConfigurationError} for example when the key is none */
export function carryOut({ models, routes }: Plan, router: Router): void {
  for (const [name, options] of Object.entries(models)) router.addModel(name, options);
  for (const [match, options] of routes) router.addRoute(match, options);
}

const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).host : 'OPENAI_BASE_URL');

function isName(name: string): boolean {
  try {
    checkName(name, 'Ollama');
    return true;
  } catch {
    return false;
  }
}

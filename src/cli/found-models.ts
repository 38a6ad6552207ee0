import { planFor, type Surroundings } from '../server/autodetect.ts';

/** A model of a file to be written: keys and values as they stand there. */
export interface FoundModel {
  readonly name: string;
  /** Where it was found, for a reader. */
  readonly source: string;
  readonly options: Readonly<Record<string, unknown>>;
}

export interface Found {
  readonly models: readonly FoundModel[];
  readonly isSimulated: boolean;
  /** What was found and is not among the models. */
  readonly leftOut: readonly string[];
}

type Environment = Readonly<Record<string, string | undefined>>;

/** With more, those before the last one may take all the time that a request has. */
const MOST_MODELS = 3;
/** A model that is not in memory takes its time for the first token. */
const LOCAL_FIRST_TOKEN_MS = 30_000;
const REMOTE_FIRST_TOKEN_MS = 20_000;

/** The models that a file can name here: Ollama's first, then those whose keys are in the environment; else simulated ones. */
export function foundModels(surroundings: Surroundings, environment: Environment): Found {
  const remote = REMOTE_MODELS.flatMap((model) => remoteModel(model, environment) ?? []);
  const plan = planFor({ ...surroundings, openAIKey: undefined });
  const own = Object.entries(plan.models).map(([name, options]) => ({
    name,
    source: plan.isSimulated ? 'simulated' : `Ollama at ${new URL(surroundings.ollamaUrl).host}`,
    options: { ...options, firstTokenTimeoutMs: plan.isSimulated ? REMOTE_FIRST_TOKEN_MS : LOCAL_FIRST_TOKEN_MS },
  }));
  if (plan.isSimulated && remote.length === 0) return { models: own, isSimulated: true, leftOut: plan.leftOut };
  const local = plan.isSimulated ? [] : own;
  const room = Math.max(1, MOST_MODELS - remote.length);
  const all = [...local.slice(0, room), ...remote];
  const leftOut = [...local.slice(room), ...all.slice(MOST_MODELS)].map(({ name }) => name);
  return { models: all.slice(0, MOST_MODELS), isSimulated: false, leftOut: [...leftOut, ...plan.leftOut] };
}

interface RemoteModel {
  readonly name: string;
  readonly options: Readonly<Record<string, string>>;
  /** Options by the variables that they are taken from: without all of these there is no model. */
  readonly needs: Readonly<Record<string, string>>;
  readonly takes: Readonly<Record<string, string>>;
}

const REMOTE_MODELS: readonly RemoteModel[] = [
  {
    name: 'gpt-4o-mini',
    options: { provider: 'openai', model: 'gpt-4o-mini' },
    needs: { apiKey: 'OPENAI_API_KEY' },
    takes: { baseUrl: 'OPENAI_BASE_URL' },
  },
  {
    name: 'claude',
    options: { provider: 'anthropic', model: 'claude-sonnet-4-5' },
    needs: { apiKey: 'ANTHROPIC_API_KEY' },
    takes: {},
  },
  {
    name: 'azure',
    options: { provider: 'azure-openai' },
    needs: {
      apiKey: 'AZURE_OPENAI_API_KEY',
      baseUrl: 'AZURE_OPENAI_ENDPOINT',
      model: 'AZURE_OPENAI_DEPLOYMENT',
    },
    takes: { apiVersion: 'AZURE_OPENAI_API_VERSION' },
  },
];

/** What a variable holds never enters the file: it is referred to. */
function remoteModel({ name, options, needs, takes }: RemoteModel, environment: Environment): FoundModel | null {
  const isSet = (variable: string): boolean => Boolean(environment[variable]?.trim());
  if (!Object.values(needs).every(isSet)) return null;
  const given = Object.entries({ ...needs, ...takes }).filter(([, variable]) => isSet(variable));
  return {
    name,
    source: Object.values(needs).join(', '),
    options: {
      ...options,
      ...Object.fromEntries(given.map(([option, variable]) => [option, `\${${variable}}`])),
      firstTokenTimeoutMs: REMOTE_FIRST_TOKEN_MS,
    },
  };
}

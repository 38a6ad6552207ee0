import { ConfigError } from '../config/config-error.ts';
import { loadConfig } from '../config/load.ts';
import { quoted } from '../options.ts';
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
  const refused: string[] = [];
  const isUsable = ({ name, options }: Pick<FoundModel, 'name' | 'options'>): boolean => {
    const reason = refusalOf(name, options, environment);
    if (reason !== null) refused.push(`${quoted(name)} (${reason})`);
    return reason === null;
  };
  const remote = REMOTE_MODELS.flatMap((model) => remoteModel(model, environment) ?? []).filter(isUsable);
  const ollamaModels =
    surroundings.ollamaModels?.filter((name) => {
      if (!remote.some((other) => other.name === name)) return isUsable({ name, options: { provider: 'simulated' } });
      refused.push(`${quoted(name)} (of Ollama: another model has its name)`);
      return false;
    }) ?? null;
  const plan = planFor({ ...surroundings, ollamaModels, openAIKey: undefined });
  const own = Object.entries(plan.models).map(([name, options]) => ({
    name,
    source: plan.isSimulated ? 'simulated' : `Ollama at ${new URL(surroundings.ollamaUrl).host}`,
    options: { ...options, firstTokenTimeoutMs: plan.isSimulated ? REMOTE_FIRST_TOKEN_MS : LOCAL_FIRST_TOKEN_MS },
  }));
  if (plan.isSimulated && remote.length === 0) {
    return { models: own, isSimulated: true, leftOut: [...refused, ...plan.leftOut] };
  }
  const local = plan.isSimulated ? [] : own;
  const room = Math.max(1, MOST_MODELS - remote.length);
  const all = [...local.slice(0, room), ...remote];
  const leftOut = [...local.slice(room), ...all.slice(MOST_MODELS)].map(({ name }) => name);
  return { models: all.slice(0, MOST_MODELS), isSimulated: false, leftOut: [...leftOut, ...refused, ...plan.leftOut] };
}

/** The names of the rules of the file, which no model can have. */
export const RULE_NAMES = ['interactive', 'background'] as const;

/** What is against a model in a file of this environment. */
function refusalOf(name: string, options: object, environment: Environment): string | null {
  const rules = RULE_NAMES.map((rule) => ({ name: rule, targets: [name] }));
  try {
    loadConfig({ models: { [name]: options }, rules }, { environment });
    return null;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.mistakes.map(({ path, message }) => `${path}: ${message}`).join('; ');
  }
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

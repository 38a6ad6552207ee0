import { DEFAULT_BREAKER } from '../breaker/options.ts';
import { DEFAULT_BOOSTS } from '../queue/priority.ts';
import { DEFAULT_RETRIES } from '../router-options.ts';
import { MAX_ATTEMPTS } from '../routing/slip.ts';
import { type Found, type FoundModel, RULE_NAMES } from './found-models.ts';

const SCHEMA = './node_modules/llm-router/docs/reference/config.schema.json';

/** A configuration file over the models that were found, with what else can be set in comments. */
export function configTemplate({ models, isSimulated }: Found): string {
  const [interactive, background] = RULE_NAMES;
  const names = models.map(({ name }) => name);
  return `# yaml-language-server: $schema=${SCHEMA}
# A router's configuration. \${NAME} is taken from the environment, \${NAME:-value} has a default.
${isSimulated ? '# No model was found: these are SIMULATED ones. Replace them by models of your own.\n' : ''}
models:
${models.map(modelText).join('\n')}
# The first rule that matches a request takes it. Targets are asked in their order, then the fallbacks.
rules:
  - name: ${interactive}
    match: { priority: [critical, high] }
${candidates(names)}${names.length > 1 ? '' : '\n    whenUnavailable: wait # there is no other model'}
  - name: ${background}
${candidates(names)}
    whenUnavailable: wait # until a model comes back, within its time; default: fail
    # strategy: ordered # or round-robin, weighted, least-busy, latency, cost
    # timeoutMs: 120000 # default: the router's, below
    # maxRetries: 1 # default: the router's, below

# Time of a request that names none.
# timeoutMs: 120000
# How long the reader of a stream may take nothing.
# readerTimeoutMs: 60000

# Further calls of the same model after a failure that may be passing, before the next one is asked.
retries:
  maxRetries: 1 # default ${DEFAULT_RETRIES.maxRetries}; a request makes at most ${MAX_ATTEMPTS} calls in all
  # baseMs: ${DEFAULT_RETRIES.baseMs}
  # maxMs: ${DEFAULT_RETRIES.maxMs}

# Of every model that has no breaker of its own.
# breaker:
#   policy: ${DEFAULT_BREAKER.policy} # or count, time
#   failureThreshold: ${DEFAULT_BREAKER.failureThreshold}
#   successThreshold: ${DEFAULT_BREAKER.successThreshold}
#   recoveryTimeoutMs: ${DEFAULT_BREAKER.recoveryTimeoutMs}
#   maxOpenMs: ${DEFAULT_BREAKER.maxOpenMs}

# Of every model that says nothing else.
# queue:
#   maxQueueDepth: 100
#   maxParked: 1000
#   boostMs: { ${Object.entries(DEFAULT_BOOSTS)
    .map(([name, ms]) => `${name}: ${ms}`)
    .join(', ')} }

# Answers of requests with a temperature of at most 0.3 are served again. false: none.
cache:
  embedder: false # the same prompt only; leave it out for similar prompts too
  # ttlHours: 24
  # maxEntries: 10000
  # path: answers.sqlite # keeps them over a restart

# What 'llm-router serve' listens on.
# server:
#   host: 127.0.0.1
#   port: 8000
#   adminKey: \${LLM_ROUTER_ADMIN_KEY}

# Of everything random. Default: drawn at the start.
# seed: 1
`;
}

const modelText = ({ name, source, options }: FoundModel): string =>
  [
    `  ${keyText(name)}: # ${source}`,
    ...Object.entries(options).flatMap(([key, value]) => (value === undefined ? [] : `    ${key}: ${flow(value)}`)),
    '',
  ].join('\n');

const candidates = ([target, ...fallback]: readonly string[]): string =>
  [`    targets: ${flow([target])}`, ...(fallback.length === 0 ? [] : [`    fallback: ${flow(fallback)}`])].join('\n');

/** JSON is YAML; a word that YAML takes for itself goes without quotes. */
function flow(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flow).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    return `{ ${Object.entries(value)
      .map(([key, part]) => `${key}: ${flow(part)}`)
      .join(', ')} }`;
  }
  return typeof value === 'string' ? keyText(value) : JSON.stringify(value);
}

const isPlainWord = (text: string): boolean => /^[a-z][\w.-]*$/i.test(text) && !/^(true|false|null)$/i.test(text);
const isReference = (text: string): boolean => /^\$\{\w+\}$/.test(text);

const keyText = (text: string): string => (isPlainWord(text) || isReference(text) ? text : JSON.stringify(text));

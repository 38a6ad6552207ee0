import { ConfigurationError } from '../errors.ts';
import { type BreakerSettings, breakerOptions, resolveModelOptions } from '../model-options.ts';
import { checkName } from '../names.ts';
import { isSecretLike, quoted } from '../options.ts';
import { resolveRouterOptions } from '../router-options.ts';
import { describeMatch, type RuleMatch } from '../routing/match.ts';
import { candidateMistakes, knownModels, routingRule, unknownModelText } from '../routing-options.ts';
import { type Fault, PathSet } from './fault.ts';
import { modelOptionsOf } from './model-defaults.ts';
import type { Path } from './place.ts';
import type { CacheConfig, ModelConfig, QueueConfig, RouterConfig, RuleConfig } from './router-config.ts';

// What no single option is wrong with, but several together.

/**
 * Of those parts of a configuration that are well formed.
 * @param written the same with references as they are written, which is how names are told
 */
export function semanticFaults(config: RouterConfig, written: RouterConfig, shape: readonly Fault[]): readonly Fault[] {
  const faulty = new PathSet(shape.map(({ path }) => path));
  const whereSound = (path: Path, look: () => readonly Fault[]): readonly Fault[] =>
    faulty.touches(path) ? [] : look();
  return [
    ...whereSound(['breaker'], () => breakerFaults(config.breaker, ['breaker'])),
    ...whereSound(['queue'], () => queueFaults(config)),
    ...whereSound(['retries'], () =>
      caught(['retries'], 'new LLMRouter().retries', () => resolveRouterOptions({ retries: config.retries })),
    ),
    ...modelsOf(config).flatMap(([name, model]) => [
      ...nameFaults(name),
      ...whereSound(['models', name], () => modelFaults(faulty.touches(['queue']) ? {} : config.queue, name, model)),
    ]),
    ...whereSound(['models'], () => servingFaults(config)),
    ...whereSound(['cache'], () => cacheFaults(config, written)),
    ...ruleFaults(config, written, faulty),
  ];
}

/** Candidates of rules that are no models which answer requests, or stand there twice. */
export function candidateFaults(
  config: RouterConfig,
  written: RouterConfig,
  shape: readonly Fault[],
): readonly Fault[] {
  const faulty = new PathSet(shape.map(({ path }) => path));
  const known = knownModels(chatModels(config), 'there is none');
  return rulesOf(config).flatMap(([rule, path], index) =>
    faulty.touches([...path, 'targets']) || faulty.touches([...path, 'fallback'])
      ? []
      : candidateMistakes(candidatesOf(rule), known, candidatesOf(written.rules![index]!)).map(
          ({ option, index: at, text }) => ({ path: [...path, option, at], text }),
        ),
  );
}

const candidatesOf = ({ targets, fallback = [] }: RuleConfig) => ({ targets, fallback });

/** Names of the models that answer requests, in order. */
export const chatModels = (config: RouterConfig): readonly string[] =>
  modelsOf(config)
    .filter(([, model]) => model?.serves !== 'embeddings')
    .map(([name]) => name);

const modelsOf = ({ models }: RouterConfig): readonly (readonly [string, ModelConfig])[] =>
  typeof models === 'object' && models !== null && !Array.isArray(models) ? Object.entries(models) : [];

const rulesOf = ({ rules }: RouterConfig): readonly (readonly [RuleConfig, Path])[] =>
  Array.isArray(rules) ? rules.map((rule: RuleConfig, index) => [rule, ['rules', index]] as const) : [];

function nameFaults(name: string): readonly Fault[] {
  const path = ['models', name];
  // An object has such keys first, wherever they are written: the order of registration would be another.
  if (/^(?:0|[1-9]\d*)$/.test(name))
    return [{ path, text: 'given a name of digits only; accepted: one with a letter' }];
  return caught(path, 'models', () => checkName(name, 'models')).map((fault) => named(fault, quoted(name)));
}

function servingFaults(config: RouterConfig): readonly Fault[] {
  if (chatModels(config).length > 0) return [];
  return [
    { path: ['models'], text: 'none that answers requests; accepted: at least one whose serves is chat, the default' },
  ];
}

function modelFaults(queue: QueueConfig | undefined, name: string, model: ModelConfig): readonly Fault[] {
  const path = ['models', name];
  const { breaker, ...rest } = model;
  return [
    ...breakerFaults(breaker, [...path, 'breaker']),
    ...caught(path, '', () => resolveModelOptions(modelOptionsOf(rest, queue), '')),
  ];
}

const breakerFaults = (breaker: BreakerSettings | false | undefined, path: Path): readonly Fault[] =>
  caught(path, '', () => breakerOptions(breaker ?? {}, ''));

function queueFaults({ queue = {} }: RouterConfig): readonly Fault[] {
  const { maxQueueDepth, maxConcurrency } = queue;
  if (maxQueueDepth === undefined || maxConcurrency === undefined || maxConcurrency <= maxQueueDepth) return [];
  const text = `given ${maxConcurrency}; accepted: at most maxQueueDepth (${maxQueueDepth})`;
  return [{ path: ['queue', 'maxConcurrency'], text }];
}

function cacheFaults(config: RouterConfig, written: RouterConfig): readonly Fault[] {
  const judge = cacheOf(config).verify?.model;
  const embedder = embedderOf(config);
  const faults: Fault[] = [];
  const look = (name: string, shown: string, models: readonly string[], accepted: string, path: Path): void => {
    const known = knownModels(models, 'there is none');
    if (!known.has(name)) faults.push({ path, text: unknownModelText(name, shown, known, accepted) });
  };
  if (judge !== undefined) {
    const shown = cacheOf(written).verify!.model;
    look(judge, shown, chatModels(config), 'a model that answers requests', ['cache', 'verify', 'model']);
  }
  if (embedder?.provider === 'router') {
    const models = modelsOf(config).flatMap(([name, model]) => (model?.serves === 'embeddings' ? [name] : []));
    const path = ['cache', 'embedder', 'model'];
    look(embedder.model!, embedderOf(written)!.model!, models, 'a model that serves embeddings', path);
  }
  return faults;
}

const cacheOf = ({ cache }: RouterConfig): CacheConfig => cache || {};

const embedderOf = (config: RouterConfig) =>
  (cacheOf(config).embedder || undefined) as { readonly provider?: string; readonly model?: string } | undefined;

function ruleFaults(config: RouterConfig, written: RouterConfig, faulty: PathSet): readonly Fault[] {
  const models = new Set(modelsOf(config).map(([name]) => name));
  const holders = new Map<string, number>();
  return rulesOf(config).flatMap(([rule, path], index) => {
    if (faulty.touches(path)) return [];
    const { match = {}, expectedRps: _, ...options } = rule;
    const isNamed = rule.name !== undefined;
    const at = isNamed ? [...path, 'name'] : path;
    const shown = quoted(isNamed ? written.rules![index]!.name! : nameAfter(written.rules![index]!.match));
    const isUnset = rule.name?.includes('${') === true && rule.name === written.rules![index]!.name;
    let name = '';
    const wrong = caught(at, typeof match === 'string' ? `addRoute('${match}')` : 'addRoute()', () => {
      name = routingRule(match, options).name;
    });
    if (wrong.length > 0)
      return wrong.map((fault) => named(fault, isUnset ? `${shown}, whose variable is not set` : shown));
    const by = isNamed ? `given ${shown}` : `is called ${shown} after its match`;
    if (models.has(name)) return [{ path: at, text: `${by}; accepted: a name that no model has` }];
    const holder = holders.get(name);
    if (holder !== undefined) return [{ path: at, text: `${by}, as rules[${holder}] is; accepted: a name of its own` }];
    holders.set(name, index);
    return [];
  });
}

/** The name of a rule that has none of its own, from a match of which nothing looks like a key. */
function nameAfter(match: RuleConfig['match'] = {}): string {
  const name = describeMatch(typeof match === 'string' ? { priority: match } : (match as RuleMatch));
  // The match is asked and not the name: what stands behind other words, or has letters replaced, looks like no key.
  return JSON.stringify(match).split('"').some(isSecretLike) ? '[redacted]' : name;
}

/** With the name as it may be shown in place of what a check of names says was given. */
function named(fault: Fault, shown: string): Fault {
  if (!fault.text.startsWith('given the name ')) return fault;
  const accepted = fault.text.slice(fault.text.lastIndexOf('; accepted: '));
  return { ...fault, text: `given the name ${shown}${accepted}` };
}

/** What `act` has against options: its own words, at the option that it names. */
function caught(path: Path, where: string, act: () => unknown): readonly Fault[] {
  try {
    act();
    return [];
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    const [, steps = '', text] = /^((?:\.\w+)*): (.*)$/s.exec(error.message.slice(where.length)) ?? [];
    return [{ path: [...path, ...steps.split('.').filter(Boolean)], text: text ?? error.message }];
  }
}

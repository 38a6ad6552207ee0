import { ConfigurationError } from '../errors.ts';
import { type BreakerSettings, breakerOptions, resolveModelOptions } from '../model-options.ts';
import { checkName } from '../names.ts';
import { resolveRouterOptions } from '../router-options.ts';
import { candidateMistakes, routingRule } from '../routing-options.ts';
import { type Fault, PathSet } from './fault.ts';
import { modelOptionsOf } from './model-defaults.ts';
import type { Path } from './place.ts';
import type { ModelConfig, RouterConfig, RuleConfig } from './router-config.ts';

// What no single option is wrong with, but several together.

/** Of those parts of a configuration that are well formed. */
export function semanticFaults(config: RouterConfig, shape: readonly Fault[]): readonly Fault[] {
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
      ...whereSound(['models', name], () => modelFaults(config, name, model)),
    ]),
    ...whereSound(['cache'], () => cacheFaults(config)),
    ...ruleFaults(config, faulty),
  ];
}

/** Candidates of rules that are no models which answer requests, or stand there twice. */
export function candidateFaults(config: RouterConfig, shape: readonly Fault[]): readonly Fault[] {
  const faulty = new PathSet(shape.map(({ path }) => path));
  const models = chatModels(config);
  return rulesOf(config).flatMap(([rule, path]) =>
    faulty.touches([...path, 'targets']) || faulty.touches([...path, 'fallback'])
      ? []
      : candidateMistakes({ targets: rule.targets, fallback: rule.fallback ?? [] }, models).map(
          ({ option, index, text }) => ({ path: [...path, option, index], text }),
        ),
  );
}

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
  return caught(path, 'models', () => checkName(name, 'models'));
}

function modelFaults({ queue }: RouterConfig, name: string, model: ModelConfig): readonly Fault[] {
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

function cacheFaults(config: RouterConfig): readonly Fault[] {
  const cache = config.cache || {};
  const judge = cache.verify?.model;
  const embedder = cache.embedder as { readonly provider?: string; readonly model?: string } | false | undefined;
  const faults: Fault[] = [];
  const chat = chatModels(config);
  if (judge !== undefined && !chat.includes(judge)) {
    const text = `given '${judge}'; accepted: a model that answers requests (${chat.join(', ') || 'there is none'})`;
    faults.push({ path: ['cache', 'verify', 'model'], text });
  }
  if (embedder && embedder.provider === 'router' && config.models[embedder.model!]?.serves !== 'embeddings') {
    const text = `given '${embedder.model}'; accepted: a model that serves embeddings`;
    faults.push({ path: ['cache', 'embedder', 'model'], text });
  }
  return faults;
}

function ruleFaults(config: RouterConfig, faulty: PathSet): readonly Fault[] {
  const models = modelsOf(config).map(([name]) => name);
  const holders = new Map<string, number>();
  return rulesOf(config).flatMap(([rule, path], index) => {
    if (faulty.touches(path)) return [];
    const { match = {}, expectedRps: _, ...options } = rule;
    const at = rule.name === undefined ? path : [...path, 'name'];
    let name = '';
    const wrong = caught(at, typeof match === 'string' ? `addRoute('${match}')` : 'addRoute()', () => {
      name = routingRule(match, options).name;
    });
    if (wrong.length > 0) return wrong;
    const by = rule.name === undefined ? `is called '${name}' after its match` : `given '${name}'`;
    if (models.includes(name)) return [{ path: at, text: `${by}; accepted: a name that no model has` }];
    const holder = holders.get(name);
    if (holder !== undefined) return [{ path: at, text: `${by}, as rules[${holder}] is; accepted: a name of its own` }];
    holders.set(name, index);
    return [];
  });
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

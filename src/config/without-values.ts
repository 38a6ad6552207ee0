import { describeMatch, type RuleMatch } from '../routing/match.ts';
import type { LoadedConfig } from './load.ts';
import type { RouterConfig, RuleConfig } from './router-config.ts';
import { withoutSecrets } from './without-secrets.ts';

/**
 * The same for a report that is shown, without keys: where a name, an upstream or a candidate that is no model refers to
 * a variable, the text of the file stands for what the variable holds; of one that several write differently the same
 * text for all, so that they stay one. What a policy does depends on nothing that is replaced. Conditions on metadata
 * stay resolved: see `shownEvents`.
 */
export function withoutValues(loaded: LoadedConfig): LoadedConfig {
  const { config } = loaded;
  const written = withoutSecrets(loaded.written);
  const upstreams = shownUpstreams(config, written);
  const models = Object.entries(config.models).map(([name, model]) => {
    const { upstream } = model;
    return [name, upstream === undefined ? model : { ...model, upstream: upstreams.get(upstream)! }] as const;
  });
  const rules = config.rules?.map((rule, index) => shownRule(rule, written.rules![index]!, index, config));
  return { ...loaded, written, config: { ...config, models: Object.fromEntries(models), ...(rules && { rules }) } };
}

/** By what it is, the text of each upstream: a reference where some model has one. */
function shownUpstreams(config: RouterConfig, written: RouterConfig): ReadonlyMap<string, string> {
  const shown = new Map<string, string>();
  for (const [name, { upstream }] of Object.entries(config.models)) {
    if (upstream === undefined) continue;
    const text = written.models[name]!.upstream!;
    if (text !== upstream || !shown.has(upstream)) shown.set(upstream, text);
  }
  return shown;
}

function shownRule(rule: RuleConfig, written: RuleConfig, index: number, { models }: RouterConfig): RuleConfig {
  const candidates = (names: readonly string[], shown: readonly string[]): readonly string[] =>
    names.map((name, place) => (Object.hasOwn(models, name) ? name : shown[place]!));
  return {
    ...rule,
    name: shownName(rule, written, index),
    targets: candidates(rule.targets, written.targets),
    ...(rule.fallback && { fallback: candidates(rule.fallback, written.fallback!) }),
  };
}

/** Its own, without the letters of a reference that no name can have; or, as the router does it, made from the match. */
function shownName({ name, match = {} }: RuleConfig, written: RuleConfig, index: number): string {
  if (name === undefined) {
    if (typeof match === 'string') return describeMatch({ priority: match });
    return describeMatch({ ...match, ...(match.metadata && { metadata: (written.match as RuleMatch).metadata! }) });
  }
  return name === written.name ? name : `rule-${index}:${written.name!.replaceAll(/[^\w.:/-]/g, '').slice(0, 80)}`;
}

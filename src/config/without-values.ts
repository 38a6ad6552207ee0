import type { LoadedConfig } from './load.ts';
import type { RouterConfig, RuleConfig } from './router-config.ts';
import { withoutSecrets } from './without-secrets.ts';

/**
 * The same for a report that is shown, without keys: where a name, a condition on metadata, an upstream or a candidate that is no
 * model refers to a variable, the text of the file stands for what the variable holds. Numbers and words of a few, such
 * as classes, stay resolved, because what a policy does depends on them.
 */
export function withoutValues(loaded: LoadedConfig): LoadedConfig {
  const { config } = loaded;
  const written = withoutSecrets(loaded.written);
  const models = Object.entries(config.models).map(([name, model]) => {
    const upstream = written.models[name]!.upstream;
    return [name, upstream === undefined ? model : { ...model, upstream }] as const;
  });
  const rules = config.rules?.map((rule, index) => shownRule(rule, written.rules![index]!, index, config));
  return { ...loaded, written, config: { ...config, models: Object.fromEntries(models), ...(rules && { rules }) } };
}

function shownRule(rule: RuleConfig, written: RuleConfig, index: number, { models }: RouterConfig): RuleConfig {
  const candidates = (names: readonly string[], shown: readonly string[]): readonly string[] =>
    names.map((name, place) => (Object.hasOwn(models, name) ? name : shown[place]!));
  const { match } = rule;
  const metadata = (written.match as { readonly metadata?: object } | undefined)?.metadata;
  return {
    ...rule,
    targets: candidates(rule.targets, written.targets),
    ...(rule.fallback && { fallback: candidates(rule.fallback, written.fallback!) }),
    ...(rule.name !== written.name && { name: nameOf(written.name!, index) }),
    ...(typeof match === 'object' && metadata !== undefined && { match: { ...match, metadata } as typeof match }),
  };
}

/** A name that a rule can have: a reference has letters that it cannot. */
const nameOf = (written: string, index: number): string =>
  `rule-${index}:${written.replaceAll(/[^\w.:/-]/g, '').slice(0, 80)}`;

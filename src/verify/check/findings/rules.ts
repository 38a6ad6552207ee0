import { pathText } from '../../../config/place.ts';
import type { RouterConfig } from '../../../config/router-config.ts';
import { candidatesOf } from '../routes.ts';
import { finding, inApostrophes, type Judge, whereOf } from '../subject.ts';

/** Rules that never have their turn. */
export const hiddenRuleFindings: Judge = (subject) => {
  const { policy, routing } = subject.space;
  return [...routing.hidden].map(([rule, hiders]) => {
    const names = inApostrophes(hiders.map(({ name }) => name));
    return finding(subject, 'rule_hidden', {
      where: `rules[${policy.rules.indexOf(rule)}]`,
      message: `Rule '${rule.name}' never has its turn: every request that it matches is taken by ${names}, which ${hiders.length === 1 ? 'stands' : 'stand'} before it.`,
      remedy: `Put it before ${names}, or take it out.`,
      rule: rule.name,
      path: [],
    });
  });
};

/**
 * Models that no request ever goes to, and candidates that their rule never chooses.
 * @param chosen where requests go, by rule, where all was looked at
 * @param config with its references resolved
 */
export const unchosenFindings =
  (chosen: ReadonlyMap<string | null, ReadonlySet<string>>, { cache }: Pick<RouterConfig, 'cache'>): Judge =>
  (subject) => {
    const { space } = subject;
    const { routes, hidden, unsettled } = space.routing;
    const candidates = new Set(routes.flatMap(candidatesOf));
    for (const { rule } of unsettled) for (const name of candidatesOf(rule)) candidates.add(name);
    // The cache asks what judges its answers.
    if (cache && cache.verify !== undefined) candidates.add(cache.verify.model);
    const idle = space.policy.models
      .filter(({ name }) => !candidates.has(name))
      .map(({ name }) => {
        const isNamed = [...hidden.keys()].some((rule) => candidatesOf(rule).includes(name));
        const rule = isNamed ? 'rule that has its turn' : 'rule';
        return finding(subject, 'target_never_chosen', {
          where: pathText(['models', name]),
          message: `No request ever goes to '${name}' by itself: every class is taken by a rule, and no ${rule} names it.`,
          remedy: `Name it in a ${rule}, or take it out; only requests with a model of their own go there.`,
          models: [name],
          path: [],
        });
      });
    const unused = space.policy.rules.flatMap((rule, index) => {
      const own = routes.filter((route) => route.rule === rule);
      return [...new Set(own.flatMap(candidatesOf))]
        .filter((name) => chosen.get(rule.name)?.has(name) === false)
        .map((name) =>
          finding(subject, 'target_never_chosen', {
            where: whereOf(subject, index, name),
            message: `Rule '${rule.name}' never chooses '${name}', in no state of its candidates.`,
            remedy: `Take it out of the rule.`,
            rule: rule.name,
            models: [name],
            path: [],
          }),
        );
    });
    return [...idle, ...unused];
  };

import type { Finding } from '../finding.ts';
import { candidatesOf, classesOf, hiderOf } from '../routes.ts';
import { finding, type Judge, quoted, whereOf } from '../subject.ts';

/** Rules that never have their turn. */
export const hiddenRuleFindings: Judge = (subject) => {
  const { rules } = subject.space.policy;
  return rules.flatMap((rule, index): Finding[] => {
    const classes = classesOf(rule.match);
    const hiders = classes.map((priority) => hiderOf(rules, index, priority));
    if (hiders.includes(null)) return [];
    const names = [...new Set(hiders.map((hider) => hider!.name))];
    return [
      finding(subject, 'rule_hidden', {
        where: `rules[${index}]`,
        message: `Rule '${rule.name}' never has its turn: every request that it matches is taken by ${quoted(names)}, which ${names.length === 1 ? 'stands' : 'stand'} before it.`,
        remedy: `Put it before ${quoted(names)}, or take it out.`,
        rule: rule.name,
        path: [],
      }),
    ];
  });
};

/** Models that no request ever goes to; `chosen`: where requests go, by rule, where all was looked at. */
export const unchosenFindings =
  (chosen: ReadonlyMap<string | null, ReadonlySet<string>>): Judge =>
  (subject) => {
    const { space } = subject;
    const inSomeRule = new Set(space.policy.rules.flatMap(({ targets, fallback }) => [...targets, ...fallback]));
    const isChosen = (model: string): boolean => [...chosen.values()].some((models) => models.has(model));
    const isKnown = chosen.has(null) || space.routes.every(({ rule }) => rule !== null);
    const models = space.policy.models.filter(({ name }) => isKnown && !inSomeRule.has(name) && !isChosen(name));
    const idle = models.map(({ name }) =>
      finding(subject, 'target_never_chosen', {
        where: `models.${name}`,
        message: `No request ever goes to '${name}' by itself: every class is taken by a rule, and no rule names it.`,
        remedy: `Name it in a rule, or take it out; only a request that asks for it by name goes there.`,
        models: [name],
        path: [],
      }),
    );
    const unused = space.policy.rules.flatMap((rule, index) => {
      const routes = space.routes.filter((route) => route.rule === rule);
      const candidates = new Set(routes.flatMap(candidatesOf));
      return [...candidates]
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

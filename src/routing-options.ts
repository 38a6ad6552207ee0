import { z } from 'zod';
import { ConfigurationError } from './errors.ts';
import { checkName } from './names.ts';
import { parseOptions } from './options.ts';
import { PRIORITY_CLASSES, type PriorityClass } from './queue/priority.ts';
import type { RoutingRule, RuleMatch } from './routing/rule.ts';

/** Where requests go that a rule matches. */
export interface RouteOptions {
  /** A request's `model` may name it. Default: `priority:<class>`, or `any` for a rule that matches all. */
  readonly name?: string | undefined;
  /** Models, in order of preference; at least one. */
  readonly targets: readonly string[];
  /** Models that are asked when no target serves the request. */
  readonly fallback?: readonly string[] | undefined;
}

const priority = z.enum(PRIORITY_CLASSES as [PriorityClass, ...PriorityClass[]]).describe(PRIORITY_CLASSES.join(', '));
const matchSchema = z.strictObject({ priority: priority.optional() });
const names = z.array(z.string()).describe('an array of model names');
const routeSchema = z.strictObject({
  name: z.string().describe('a string').optional(),
  targets: names.min(1).describe('an array of at least one model name'),
  fallback: names.optional(),
});

/** Checks a rule. @throws {ConfigurationError} */
export function resolveRule(
  match: PriorityClass | RuleMatch,
  options: RouteOptions,
  models: readonly string[],
): RoutingRule {
  const where = `addRoute(${typeof match === 'string' ? `'${match}'` : JSON.stringify(match)})`;
  const parsedMatch = parseOptions(matchSchema, typeof match === 'string' ? { priority: match } : match, where);
  const { targets, fallback = [], name } = parseOptions(routeSchema, options, where);
  const ownName = name ?? (parsedMatch.priority === undefined ? 'any' : `priority:${parsedMatch.priority}`);
  checkName(ownName, where);
  if (models.includes(ownName)) {
    throw new ConfigurationError('name', `${where}.name: given '${ownName}'; accepted: a name that no model has`);
  }
  for (const [option, list] of [
    ['targets', targets],
    ['fallback', fallback],
  ] as const) {
    for (const model of list) {
      if (models.includes(model)) continue;
      const known = models.length === 0 ? 'none is added yet' : models.join(', ');
      throw new ConfigurationError(option, `${where}.${option}: given '${model}'; accepted: a model (${known})`);
    }
  }
  const candidates = [...targets, ...fallback];
  const twice = candidates.find((model, index) => candidates.indexOf(model) !== index);
  if (twice !== undefined) {
    const option = fallback.includes(twice) ? 'fallback' : 'targets';
    throw new ConfigurationError(
      option,
      `${where}.${option}: given '${twice}' twice among its targets and fallbacks; accepted: each model once`,
    );
  }
  return {
    name: ownName,
    match: parsedMatch.priority === undefined ? {} : { priority: parsedMatch.priority },
    targets,
    fallback,
  };
}

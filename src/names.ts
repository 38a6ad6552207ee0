import type { RouterContext } from '../machines/router/events.ts';
import { ConfigurationError, UnknownModelError } from './errors.ts';
import { nearest } from './nearest.ts';
import { show } from './request-fields.ts';

const NAME = /^[A-Za-z0-9][\w.:/-]{0,99}$/;

/** Names of models and rules share one namespace. @throws {ConfigurationError} */
export function checkName(name: unknown, where: string): asserts name is string {
  // A record that is asked for `constructor` finds what every object inherits.
  if (typeof name === 'string' && NAME.test(name) && name !== 'auto' && !(name in Object.prototype)) return;
  throw new ConfigurationError(
    'name',
    `${where}: given the name ${show(name)}; accepted: a letter or digit, then up to 99 of letters, digits, _ . : / - (reserved: auto, and what every object has, such as constructor)`,
  );
}

/** What a router's façade knows of its models. */
export interface KnownModels {
  readonly names: readonly string[];
  readonly isLeaving: (name: string) => boolean;
}

/** @throws {ConfigurationError} when a new model cannot have the name */
export function checkFree(name: string, { rules }: RouterContext, models: KnownModels): void {
  const holder = models.names.includes(name)
    ? 'a model'
    : models.isLeaving(name)
      ? 'a model that is being removed'
      : rules.some((rule) => rule.name === name)
        ? 'a rule'
        : null;
  if (holder === null) return;
  throw new ConfigurationError('name', `addModel('${name}'): given a name that ${holder} has; accepted: a free name`);
}

/** @throws {ConfigurationError} when there is no such model */
export function checkKnown(name: string, models: readonly string[], where: string): void {
  if (models.includes(name)) return;
  throw new ConfigurationError('name', `${where}: given ${show(name)}; accepted: a model (${listed(models)})`);
}

/** @throws {ConfigurationError} when the model is not there, or a rule would have no target left */
export function checkRemovable(name: string, models: readonly string[], { rules }: RouterContext): void {
  if (!models.includes(name)) {
    throw new ConfigurationError('name', `removeModel('${name}'): no such model; accepted: ${listed(models)}`);
  }
  const stranded = rules.find(({ targets }) => targets.every((target) => target === name || !models.includes(target)));
  if (stranded === undefined) return;
  throw new ConfigurationError(
    'name',
    `removeModel('${name}'): rule '${stranded.name}' would have no target left; change or remove the rule first`,
  );
}

/** @throws {ConfigurationError} when there is no such rule */
export function checkRule(name: string, { rules }: RouterContext): void {
  if (rules.some((rule) => rule.name === name)) return;
  const known = rules.map((rule) => rule.name).join(', ') || 'there is none';
  throw new ConfigurationError('name', `removeRoute('${name}'): no such rule; accepted: ${known}`);
}

export function unknownModel(name: string, known: readonly string[]): UnknownModelError {
  const near = nearest(name, known);
  const hint = near === undefined ? '' : `; did you mean '${near}'?`;
  return new UnknownModelError(
    `model: given '${name}', which is no model and no rule${hint} Known: ${known.join(', ') || 'none'}`,
  );
}

const listed = (names: readonly string[]): string => names.join(', ') || 'there is none';

const DEFAULT_GRACE_MS = 10_000;

/** How long what runs may finish. @throws {ConfigurationError} */
export function checkGrace(graceMs: number | undefined, where: string): number {
  if (graceMs === undefined) return DEFAULT_GRACE_MS;
  if (typeof graceMs === 'number' && graceMs >= 0) return graceMs;
  throw new ConfigurationError(
    'graceMs',
    `${where}.graceMs: given ${show(graceMs)}; accepted: milliseconds, 0 or more`,
  );
}

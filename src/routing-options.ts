import { z } from 'zod';
import { ConfigurationError } from './errors.ts';
import { checkName } from './names.ts';
import { nearest } from './nearest.ts';
import { listed, parseOptions, positiveMilliseconds, quoted, wholeBetween } from './options.ts';
import { PRIORITY_CLASSES, type PriorityClass } from './queue/priority.ts';
import { describeMatch, type RuleMatch } from './routing/match.ts';
import type { RoutingRule } from './routing/rule.ts';
import {
  MAX_RETRIES,
  ON_STREAM_FAILURE,
  type OnStreamFailure,
  WHEN_UNAVAILABLE,
  type WhenUnavailable,
} from './routing/slip.ts';
import { STRATEGIES, type Strategy } from './routing/strategy.ts';

/** Where requests go that a rule matches. */
export interface RouteOptions {
  /**
   * A request's `model` may name it. Default: made from the match, such as `priority:high`, `metadata.tenant:acme`, or
   * `any` for a rule that matches all.
   */
  readonly name?: string | undefined;
  /** Models, in order of preference; at least one. */
  readonly targets: readonly string[];
  /** Models that are asked when no target serves the request. */
  readonly fallback?: readonly string[] | undefined;
  /**
   * In which order the targets are asked: `ordered` (as declared), `round-robin`, `weighted`, `least-busy`, `latency` or
   * `cost`. Default `ordered`.
   */
  readonly strategy?: Strategy | undefined;
  /** The own time of its requests in milliseconds, when they name none. Default: the router's. */
  readonly timeoutMs?: number | undefined;
  /** `wait`: a request that no candidate takes now waits until one comes back, if that is in time. Default `fail`. */
  readonly whenUnavailable?: WhenUnavailable | undefined;
  /** Further calls of the same model after a failure that may be passing, 0 to 5. Default: the router's. */
  readonly maxRetries?: number | undefined;
  /**
   * What becomes of a stream that breaks after its first content: `fail` throws, `restart` goes on with the next
   * candidate's stream from its beginning, behind a `restart` chunk. Default `fail`.
   */
  readonly onStreamFailure?: OnStreamFailure | undefined;
}

const CLASSES = PRIORITY_CLASSES.join(', ');
// Within an array, the error says what is accepted.
export const prioritySchema = z
  .enum(PRIORITY_CLASSES as [PriorityClass, ...PriorityClass[]], { error: CLASSES })
  .describe(CLASSES);
const scalar = z.union([z.string(), z.number(), z.boolean()]);
const condition = z
  .union([scalar, z.array(scalar).min(1), z.strictObject({ prefix: z.string() })])
  .describe('a string, number or boolean, an array of them, or { prefix }');
export const matchSchema = z.strictObject({
  priority: z.union([prioritySchema, z.array(prioritySchema).min(1).describe('an array of them')]).optional(),
  metadata: z.record(z.string(), condition).describe('an object of conditions by key').optional(),
});
const names = z.array(z.string()).describe('an array of model names');
const oneOf = <Word extends string>(words: readonly Word[]) =>
  z.enum(words as [Word, ...Word[]]).describe(words.join(', '));
export const routeSchema = z.strictObject({
  name: z.string().describe('a string').optional(),
  targets: names.min(1).describe('an array of at least one model name'),
  fallback: names.optional(),
  strategy: oneOf(STRATEGIES).optional(),
  timeoutMs: positiveMilliseconds.optional(),
  whenUnavailable: oneOf(WHEN_UNAVAILABLE).optional(),
  maxRetries: wholeBetween(0, MAX_RETRIES).optional(),
  onStreamFailure: oneOf(ON_STREAM_FAILURE).optional(),
});

/** Checks a rule against the models that are there. @throws {ConfigurationError} */
export function resolveRule(
  match: PriorityClass | RuleMatch,
  options: RouteOptions,
  models: readonly string[],
): RoutingRule {
  const where = whereOf(match);
  const rule = routingRule(match, options);
  if (models.includes(rule.name)) {
    throw new ConfigurationError(
      'name',
      `${where}.name: given ${quoted(rule.name)}; accepted: a name that no model has`,
    );
  }
  const [mistake] = candidateMistakes(rule, knownModels(models));
  if (mistake !== undefined) {
    throw new ConfigurationError(mistake.option, `${where}.${mistake.option}: ${mistake.text}`);
  }
  return rule;
}

/** A rule with every default filled in, whatever models there are. @throws {ConfigurationError} */
export function routingRule(match: PriorityClass | RuleMatch, options: RouteOptions): RoutingRule {
  const where = whereOf(match);
  if (hasKey((match as RuleMatch | undefined)?.metadata, '__proto__')) {
    // Left out in silence, the rule would match everything.
    throw new ConfigurationError(
      'metadata',
      `${where}.metadata: given a condition on __proto__; accepted: conditions on other keys`,
    );
  }
  const parsedMatch = definedOf(
    parseOptions(matchSchema, typeof match === 'string' ? { priority: match } : match, where),
  );
  const { targets, fallback = [], name, ...rest } = parseOptions(routeSchema, options, where);
  const ownName = name ?? describeMatch(parsedMatch);
  checkName(ownName, where);
  return {
    name: ownName,
    match: parsedMatch,
    targets,
    fallback,
    strategy: rest.strategy ?? 'ordered',
    timeoutMs: rest.timeoutMs ?? null,
    whenUnavailable: rest.whenUnavailable ?? 'fail',
    maxRetries: rest.maxRetries ?? null,
    onStreamFailure: rest.onStreamFailure ?? 'fail',
  };
}

export interface CandidateMistake {
  readonly option: 'targets' | 'fallback';
  readonly index: number;
  readonly text: string;
}

/** Models as candidates are looked up among them. */
export interface KnownModels {
  has(name: string): boolean;
  nearest(name: string): string | undefined;
  readonly text: string;
}

/** What is likely meant is looked for so often, among so many: the time that it takes grows with both. */
const MOST_HINTS = 50;
const MOST_COMPARED = 200;
const NAME = /^[\w.:/-]{1,100}$/;

/** @param none what is said where there is none */
export function knownModels(models: readonly string[], none = 'none is added yet'): KnownModels {
  const names = new Set(models);
  const compared = models.slice(0, MOST_COMPARED).filter((name) => NAME.test(name));
  let left = MOST_HINTS;
  return {
    text: listed(models) ?? none,
    has: (name) => names.has(name),
    nearest: (name) => (NAME.test(name) && left-- > 0 ? nearest(name, compared) : undefined),
  };
}

/** @param written the same name as a file has it; undefined: it is of no file */
export function unknownModelText(
  name: string,
  written: string | undefined,
  known: KnownModels,
  accepted: string,
): string {
  const isUnset = name === written && name.includes('${');
  // What is near to a variable's text would tell of it.
  const near = written === undefined || name === written ? known.nearest(name) : undefined;
  const given = `given ${quoted(written ?? name)}${isUnset ? ', whose variable is not set' : ''}`;
  return `${given};${near === undefined ? '' : ` did you mean ${near}?`} accepted: ${accepted} (${known.text})`;
}

type Candidates = Pick<RoutingRule, 'targets' | 'fallback'>;

/**
 * Candidates that are no models, then those that stand there twice.
 * @param written the same candidates as a file has them, which is how they are told
 */
export function candidateMistakes(
  { targets, fallback }: Candidates,
  known: KnownModels,
  written?: Candidates,
): readonly CandidateMistake[] {
  const unknown: CandidateMistake[] = [];
  const twice: CandidateMistake[] = [];
  const seen = new Set<string>();
  for (const [option, names] of Object.entries({ targets, fallback }) as ['targets' | 'fallback', string[]][]) {
    names.forEach((model, index) => {
      const shown = written?.[option][index];
      if (!known.has(model)) {
        unknown.push({ option, index, text: unknownModelText(model, shown, known, 'a model') });
      }
      if (seen.has(model)) {
        const text = `given ${quoted(shown ?? model)} twice among its targets and fallbacks; accepted: each model once`;
        twice.push({ option, index, text });
      }
      seen.add(model);
    });
  }
  return [...unknown, ...twice];
}

const whereOf = (match: PriorityClass | RuleMatch): string =>
  typeof match === 'string' ? `addRoute('${match}')` : 'addRoute()';

const hasKey = (value: unknown, key: string): boolean =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, key);

const definedOf = (match: object): RuleMatch =>
  Object.fromEntries(Object.entries(match).filter(([, value]) => value !== undefined));

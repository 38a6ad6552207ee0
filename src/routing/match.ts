import type { PriorityClass } from '../queue/priority.ts';
import { hashSeed } from '../random.ts';

export type Scalar = string | number | boolean;

/** What a value must be: this one, one of these, or a string that begins so. */
export type MetadataMatch = Scalar | readonly Scalar[] | { readonly prefix: string };

/** Which requests a rule is for: those that meet every condition; empty: all. */
export interface RuleMatch {
  /** A class, or any one of several. */
  readonly priority?: PriorityClass | readonly PriorityClass[];
  /** Conditions by key of the request's metadata. */
  readonly metadata?: Readonly<Record<string, MetadataMatch>>;
}

/** What a match looks at in a request. */
export interface MatchedRequest {
  readonly priority: PriorityClass;
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
}

/** Whether the request meets every condition. Values are compared strictly: `'1'` is not `1`. */
export function matches(match: RuleMatch, { priority, metadata = {} }: MatchedRequest): boolean {
  if (match.priority !== undefined && !accepts(match.priority, priority)) return false;
  return Object.entries(match.metadata ?? {}).every(
    // What metadata inherits was not said by the caller.
    ([key, wanted]) => Object.hasOwn(metadata, key) && accepts(wanted, metadata[key]),
  );
}

function accepts(wanted: MetadataMatch, value: unknown): boolean {
  if (typeof wanted !== 'object') return value === wanted;
  if ('prefix' in wanted) return typeof value === 'string' && value.startsWith(wanted.prefix);
  return wanted.some((one) => one === value);
}

/** The longest name that a rule can have. */
const MAX_LENGTH = 100;

/**
 * A match in a few words that are also a valid name of a rule: `any`, `priority:high`,
 * `priority:critical/high::metadata.tenant:acme`, `metadata.path:prefix:v1`. Does not depend on the order of the keys.
 * What the letters of a name cannot tell apart (spaces, `'1'` and `1`, great length) is told apart by a hash at the end.
 */
export function describeMatch({ priority, metadata = {} }: RuleMatch): string {
  const conditions: [name: string, wanted: MetadataMatch][] = priority === undefined ? [] : [['priority', priority]];
  // By code unit, which is the same in every locale.
  const keys = Object.keys(metadata).sort();
  for (const key of keys) conditions.push([`metadata.${key}`, metadata[key]!]);
  if (conditions.length === 0) return 'any';
  const text = conditions.map(([name, wanted]) => `${name}:${describeWanted(wanted)}`).join('::');
  const isExact = conditions.every(([name, wanted]) => [name, ...wordsOf(wanted)].every(isPlain));
  if (isExact && text.length <= MAX_LENGTH) return text;
  const suffix = `-${(hashSeed(JSON.stringify(conditions)) >>> 0).toString(36)}`;
  return text.replaceAll(/[^\w.:/-]/g, '_').slice(0, MAX_LENGTH - suffix.length) + suffix;
}

function describeWanted(wanted: MetadataMatch): string {
  if (typeof wanted !== 'object') return String(wanted);
  return 'prefix' in wanted ? `prefix:${wanted.prefix}` : wanted.join('/');
}

const wordsOf = (wanted: MetadataMatch): readonly Scalar[] => {
  if (typeof wanted !== 'object') return [wanted];
  return 'prefix' in wanted ? [wanted.prefix] : wanted;
};

/** Can be read back from a description: holds none of its separators, and no string looks like a number or boolean. */
const isPlain = (word: Scalar): boolean =>
  typeof word === 'string'
    ? /^(?!(?:true|false|Infinity|NaN)$)[A-Za-z][\w.-]*$/.test(word)
    : /^[\w.-]+$/.test(`${word}`);

import { type MetadataMatch, matches, type RuleMatch, type Scalar } from '../../routing/match.ts';
import type { Policy } from '../policy.ts';
import { type Metadata, valuesAmong } from './example.ts';
import type { Route } from './routes.ts';

export interface RequestKinds {
  /** The route's own example first. */
  readonly kinds: readonly Metadata[];
  /** These are all. */
  readonly isComplete: boolean;
}

/**
 * All metadata that requests of a route can have, as far as any rule tells metadata apart: what a later rule asks for
 * may stand in a request that an earlier one takes.
 * @param max at most so many combinations of values are tried
 */
export function requestKinds({ rules }: Policy, { rule, class: priority, metadata }: Route, max: number): RequestKinds {
  const takes = (kind: Metadata): boolean =>
    (rules.find(({ match }) => matches(match, { priority, metadata: kind })) ?? null) === rule;
  const own = JSON.stringify(Object.entries(metadata).sort());
  const kinds: Metadata[] = [metadata];
  let tried = 0;
  for (const kind of combinationsOf(namedValues(rules.map(({ match }) => match)))) {
    if (tried++ >= max) return { kinds, isComplete: false };
    if (takes(kind) && JSON.stringify(Object.entries(kind).sort()) !== own) kinds.push(kind);
  }
  return { kinds, isComplete: true };
}

/** By key, every value that some rule asks for, and of each prefix one that no rule names. */
function namedValues(matches: readonly RuleMatch[]): readonly (readonly [key: string, values: readonly Scalar[]])[] {
  const asked = new Map<string, MetadataMatch[]>();
  for (const { metadata = {} } of matches) {
    for (const [key, wanted] of Object.entries(metadata)) asked.set(key, [...(asked.get(key) ?? []), wanted]);
  }
  return [...asked].map(([key, all]) => [key, [...new Set(all.flatMap((wanted) => valuesAmong(wanted, all)))]]);
}

/** Each key with each of its values, and without it. */
function* combinationsOf(named: ReturnType<typeof namedValues>): Generator<Metadata> {
  const [first, ...others] = named;
  if (first === undefined) return void (yield {});
  const [key, values] = first;
  for (const rest of combinationsOf(others)) {
    yield rest;
    for (const value of values) yield { [key]: value, ...rest };
  }
}

import { PRIORITY_CLASSES, type PriorityClass } from '../../queue/priority.ts';
import { type MetadataMatch, matches, type RuleMatch, type Scalar } from '../../routing/match.ts';
import type { WhenUnavailable } from '../../routing/slip.ts';
import type { Policy, PolicyRule } from '../policy.ts';

export type Metadata = Readonly<Record<string, Scalar>>;

/** The requests of one class that one rule takes, or that none does. */
export interface Route {
  /** null: no rule matches. */
  readonly rule: PolicyRule | null;
  readonly class: PriorityClass;
  /** As they are declared: targets, then fallbacks; only those that are there, each once. */
  readonly targets: readonly string[];
  readonly fallback: readonly string[];
  readonly timeoutMs: number;
  readonly maxRetries: number;
  readonly whenUnavailable: WhenUnavailable;
  /** What tells its requests from those of other rules. */
  readonly metadata: Metadata;
}

/** Every rule with every class that reaches it, in order, then the classes that no rule takes. */
export function routesOf(policy: Policy): readonly Route[] {
  const { rules, models, timeoutMs, maxRetries } = policy;
  const known = models.map(({ name }) => name);
  const routes: Route[] = [];
  rules.forEach((rule, index) => {
    const there = [...new Set([...rule.targets, ...rule.fallback])].filter((name) => known.includes(name));
    for (const priority of classesOf(rule.match)) {
      const metadata = exampleOf(rules, index, priority);
      if (metadata === null || there.length === 0) continue;
      routes.push({
        rule,
        class: priority,
        targets: there.filter((name) => rule.targets.includes(name)),
        fallback: there.filter((name) => !rule.targets.includes(name)),
        timeoutMs: rule.timeoutMs ?? timeoutMs,
        maxRetries: rule.maxRetries ?? maxRetries,
        whenUnavailable: rule.whenUnavailable,
        metadata,
      });
    }
  });
  for (const priority of PRIORITY_CLASSES) {
    const isTaken = rules.some(({ match }) => covers(match, { priority }));
    if (isTaken || known.length === 0) continue;
    const common = { class: priority, timeoutMs, maxRetries, whenUnavailable: 'fail', metadata: {} } as const;
    routes.push({ rule: null, targets: known, fallback: [], ...common });
  }
  return routes;
}

export const candidatesOf = ({ targets, fallback }: Route): readonly string[] => [...targets, ...fallback];

export const classesOf = ({ priority = PRIORITY_CLASSES }: RuleMatch): readonly PriorityClass[] =>
  typeof priority === 'string' ? [priority] : priority;

/** The earlier rule that takes every request of that class which this rule matches; null: none does. */
export function hiderOf(rules: readonly PolicyRule[], index: number, priority: PriorityClass): PolicyRule | null {
  const { metadata } = rules[index]!.match;
  const match: RuleMatch = metadata === undefined ? { priority } : { priority, metadata };
  return rules.slice(0, index).find((earlier) => covers(earlier.match, match)) ?? null;
}

/** Whether whatever meets the second match meets the first. */
function covers(wide: RuleMatch, narrow: RuleMatch): boolean {
  const { metadata: needed = {} } = wide;
  const { metadata: given = {} } = narrow;
  return (
    classesOf(narrow).every((priority) => classesOf(wide).includes(priority)) &&
    Object.entries(needed).every(([key, wanted]) => Object.hasOwn(given, key) && implies(given[key]!, wanted))
  );
}

function implies(given: MetadataMatch, wanted: MetadataMatch): boolean {
  if (isPrefix(given)) return isPrefix(wanted) && given.prefix.startsWith(wanted.prefix);
  const values = valuesOf(given);
  if (!isPrefix(wanted)) return values.every((value) => valuesOf(wanted).includes(value));
  return values.every((value) => typeof value === 'string' && value.startsWith(wanted.prefix));
}

const isPrefix = (match: MetadataMatch): match is { readonly prefix: string } =>
  typeof match === 'object' && 'prefix' in match;

/** Values that meet a condition. */
export const valuesOf = (match: MetadataMatch): readonly Scalar[] =>
  typeof match !== 'object' ? [match] : isPrefix(match) ? [match.prefix] : match;

/** Metadata by which a rule, and none before it, takes a request of that class; null: there are none. */
function exampleOf(rules: readonly PolicyRule[], index: number, priority: PriorityClass): Metadata | null {
  for (const metadata of examplesOf(Object.entries(rules[index]!.match.metadata ?? {}))) {
    const taker = rules.findIndex(({ match }) => matches(match, { priority, metadata }));
    if (taker === index) return metadata;
  }
  return null;
}

/** By key one of the values that are wanted; of a prefix also something longer, which no other rule names. */
function* examplesOf(wanted: readonly (readonly [key: string, match: MetadataMatch])[]): Generator<Metadata> {
  const [first, ...others] = wanted;
  if (first === undefined) return void (yield {});
  const [key, match] = first;
  const values = isPrefix(match) ? [match.prefix, `${match.prefix}~`] : valuesOf(match);
  for (const value of values) for (const rest of examplesOf(others)) yield { [key]: value, ...rest };
}

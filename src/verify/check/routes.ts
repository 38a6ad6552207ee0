import { PRIORITY_CLASSES, type PriorityClass } from '../../queue/priority.ts';
import type { MetadataMatch, RuleMatch, Scalar } from '../../routing/match.ts';
import type { WhenUnavailable } from '../../routing/slip.ts';
import type { Policy, PolicyRule } from '../policy.ts';

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
  readonly metadata: Readonly<Record<string, Scalar>>;
}

/** Every rule with every class that reaches it, in order, then the classes that no rule takes. */
export function routesOf(policy: Policy): readonly Route[] {
  const { rules, models, timeoutMs, maxRetries } = policy;
  const known = models.map(({ name }) => name);
  const routes: Route[] = [];
  rules.forEach((rule, index) => {
    const there = [...new Set([...rule.targets, ...rule.fallback])].filter((name) => known.includes(name));
    for (const priority of classesOf(rule.match)) {
      if (hiderOf(rules, index, priority) !== null || there.length === 0) continue;
      routes.push({
        rule,
        class: priority,
        targets: there.filter((name) => rule.targets.includes(name)),
        fallback: there.filter((name) => !rule.targets.includes(name)),
        timeoutMs: rule.timeoutMs ?? timeoutMs,
        maxRetries: rule.maxRetries ?? maxRetries,
        whenUnavailable: rule.whenUnavailable,
        metadata: exampleOf(rule.match),
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

/** Metadata that meet a match. */
const exampleOf = ({ metadata = {} }: RuleMatch): Record<string, Scalar> =>
  Object.fromEntries(Object.entries(metadata).map(([key, wanted]) => [key, valuesOf(wanted)[0]!]));

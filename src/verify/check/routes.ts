import { PRIORITY_CLASSES, type PriorityClass } from '../../queue/priority.ts';
import type { RuleMatch } from '../../routing/match.ts';
import type { WhenUnavailable } from '../../routing/slip.ts';
import type { Policy, PolicyRule } from '../policy.ts';
import { exampleOf, type Metadata, MOST_STEPS } from './example.ts';

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

export interface Routing {
  /** Every rule with every class that reaches it, in order, then the classes that no rule takes. */
  readonly routes: readonly Route[];
  /** The rules that never have their turn, each with those that take all of its requests. */
  readonly hidden: ReadonlyMap<PolicyRule, readonly PolicyRule[]>;
  /** The rules of which it was not found out whether requests of some class reach them. */
  readonly unsettled: readonly UnsettledRoute[];
}

export type UnsettledRoute = Pick<Route, 'class'> & { readonly rule: PolicyRule };

/** Which requests go by which rule. */
export function routingOf({ rules, models, timeoutMs, maxRetries }: Policy): Routing {
  const known = models.map(({ name }) => name);
  const routes: Route[] = [];
  const hidden = new Map<PolicyRule, readonly PolicyRule[]>();
  const unsettled: UnsettledRoute[] = [];
  const earlier: Readonly<Record<PriorityClass, PolicyRule[]>> = { critical: [], high: [], normal: [], low: [] };
  for (const rule of rules) {
    const there = [...new Set(candidatesOf(rule))].filter((name) => known.includes(name));
    const hiders = new Set<PolicyRule>();
    let isHidden = true;
    for (const priority of classesOf(rule.match)) {
      const example = exampleOf(earlier[priority], rule.match);
      if (example.type === 'hidden') for (const hider of example.hiders) hiders.add(hider);
      else isHidden = false;
      if (example.type === 'unsettled') unsettled.push({ rule, class: priority });
      if (example.type === 'found' && there.length > 0) {
        routes.push({
          rule,
          class: priority,
          targets: there.filter((name) => rule.targets.includes(name)),
          fallback: there.filter((name) => !rule.targets.includes(name)),
          timeoutMs: rule.timeoutMs ?? timeoutMs,
          maxRetries: rule.maxRetries ?? maxRetries,
          whenUnavailable: rule.whenUnavailable,
          metadata: example.metadata,
        });
      }
    }
    if (isHidden) hidden.set(rule, [...hiders]);
    for (const priority of classesOf(rule.match)) earlier[priority].push(rule);
  }
  for (const priority of PRIORITY_CLASSES) {
    const isTaken = exampleOf(earlier[priority], {}).type !== 'found';
    if (isTaken || known.length === 0) continue;
    const common = { class: priority, timeoutMs, maxRetries, whenUnavailable: 'fail', metadata: {} } as const;
    routes.push({ rule: null, targets: known, fallback: [], ...common });
  }
  return { routes, hidden, unsettled };
}

export const candidatesOf = ({ targets, fallback }: Pick<Route, 'targets' | 'fallback'>): readonly string[] => [
  ...targets,
  ...fallback,
];

export const classesOf = ({ priority = PRIORITY_CLASSES }: RuleMatch): readonly PriorityClass[] =>
  typeof priority === 'string' ? [priority] : priority;

/** What a report says of it. */
export const unsettledText = ({ rule, class: priority }: UnsettledRoute): string =>
  `whether ${priority} requests reach rule ${rule.name} was not found out in ${MOST_STEPS.toLocaleString('en-US')} steps`;

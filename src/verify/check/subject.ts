import type { RouterConfig } from '../../config/router-config.ts';
import { ERROR_CODES, type Finding, type FindingCode } from './finding.ts';
import type { PolicySpace } from './policy-space.ts';
import type { Route } from './routes.ts';

/** What is judged, and all that a judge may ask. */
export interface Subject {
  readonly space: PolicySpace;
  /** As it is written. */
  readonly config: RouterConfig;
  /** Line of a place in the file, such as `rules[1].targets[0]`. */
  readonly lineOf: (where: string) => number | undefined;
  /** Calls that a request may make. */
  readonly maxAttempts: number;
}

/** Looks for one kind of mistake, or a few that are told from the same facts. */
export type Judge = (subject: Subject) => readonly Finding[];

/** A finding with its severity, and its line where there is a file. */
export function finding(
  { lineOf }: Subject,
  code: FindingCode,
  facts: Omit<Finding, 'code' | 'severity' | 'line'>,
): Finding {
  const line = lineOf(facts.where);
  const severity = (ERROR_CODES as readonly string[]).includes(code) ? 'error' : 'warning';
  return { code, severity, ...facts, ...(line !== undefined && { line }) };
}

/** Where a candidate of the n-th rule stands. */
export function whereOf({ space }: Subject, rule: number, model: string): string {
  const { targets, fallback } = space.policy.rules[rule]!;
  const place = fallback.indexOf(model);
  return place >= 0 ? `rules[${rule}].fallback[${place}]` : `rules[${rule}].targets[${targets.indexOf(model)}]`;
}

/** One route of each rule, and one of what no rule takes: for what does not depend on the class. */
export function routeOfEachRule({ space }: Subject): readonly Route[] {
  const seen = new Set<string | null>();
  return space.routes.filter(({ rule }) => {
    const name = rule?.name ?? null;
    return !seen.has(name) && seen.add(name);
  });
}

/** Where a route's rule stands. */
export function whereOfRule({ space }: Subject, { rule }: Route): string {
  return rule === null ? 'models' : `rules[${space.policy.rules.indexOf(rule)}]`;
}

export const nameOf = ({ rule }: Route): string => (rule === null ? 'what no rule matches' : `rule '${rule.name}'`);

/** For a finding about a route: the rule's name, where it has a rule. */
export const ruleOf = ({ rule }: Route): { readonly rule?: string } => (rule === null ? {} : { rule: rule.name });

export const inApostrophes = (names: readonly string[]): string => names.map((name) => `'${name}'`).join(', ');

export const inMs = (ms: number): string => `${ms.toLocaleString('en-US')} ms`;

import type { PriorityClass } from '../../queue/priority.ts';
import type { PolicyEvent } from '../policy-events.ts';

/** What is wrong with a policy, in the order in which findings are told. */
export const ERROR_CODES = [
  /** A model stands twice among a rule's candidates. */
  'duplicate_candidate',
  /** A candidate that is no model. */
  'unknown_target',
  /** A candidate that can never take a request of the rule. */
  'unreachable_target',
  /** A request neither settles nor waits. */
  'request_lost',
  /** A probe's permit is taken, and nothing will give it back. */
  'probe_stranded',
  /** A waiting request can be passed over for longer than the difference of the boosts. */
  'overtaking_unbounded',
  /** Retries times fallbacks are more calls than a request may make. */
  'attempts_exceed_bound',
  /** The candidates before the last one may take all the time that a request has. */
  'latency_exceeds_deadline',
] as const;

export const WARNING_CODES = [
  /** One open breaker, and every request of a class is rejected. */
  'single_point_of_failure',
  /** A fallback fails with its target. */
  'shared_upstream',
  /** A model that no request ever goes to. */
  'target_never_chosen',
  /** `critical` is served no better than `low`. */
  'priority_without_effect',
  /** The fallbacks take less than the rule is expected to have. */
  'fallback_capacity_short',
  /** An earlier rule takes all of its requests. */
  'rule_hidden',
  /** A breaker stays open for longer than any request waits. */
  'open_longer_than_deadlines',
  /** A request's time is over before its model can be blamed for silence. */
  'deadline_below_first_token',
  /** A boost is more than half of the time that a rule's requests have. */
  'boost_above_half_deadline',
] as const;

/** The code of a finding: `ERROR_CODES`, which make a policy wrong, or `WARNING_CODES`, which may be meant. */
export type FindingCode = (typeof ERROR_CODES)[number] | (typeof WARNING_CODES)[number];

/** One thing that is wrong, or may be. */
export interface Finding {
  readonly code: FindingCode;
  readonly severity: 'error' | 'warning';
  /** What happens, in one or two sentences. */
  readonly message: string;
  /** What to change. */
  readonly remedy: string;
  /** Where in the configuration, such as `rules[1].fallback[0]`. */
  readonly where: string;
  /** Line of the file, from 1; absent when it was no file. */
  readonly line?: number;
  readonly rule?: string;
  readonly class?: PriorityClass;
  readonly models?: readonly string[];
  /** The shortest sequence of events after which it is so, from a router that has just begun; empty: it always is. */
  readonly path: readonly PolicyEvent[];
}

/** What becomes of the requests of one class under one rule, over all states that its candidates can be in. */
export interface ClassFigures {
  /** null: the requests that no rule matches. */
  readonly rule: string | null;
  readonly class: PriorityClass;
  /** Combinations of its candidates' states. */
  readonly combinations: number;
  /** In how many of them it is taken at once, waits, waits in a less important one's place, … */
  readonly outcomes: Readonly<Record<DecisionOutcome, number>>;
  /** In how many of them a request of this class that waits can lose its place to a newcomer at once. */
  readonly displaceable: number;
}

/**
 * What becomes of a request first: a model takes it at once; it waits there; it waits there in the place of a less
 * important one; it waits there for the end of a rate limit; it waits outside every model; it fails.
 */
export type DecisionOutcome = 'admit' | 'queue' | 'displace' | 'wait_for_limit' | 'park' | 'fail';

/** How one model's chart was explored. */
export interface ModelFigures {
  readonly model: string;
  /** Of its chart, at the size below. */
  readonly states: number;
  readonly transitions: number;
  /** What routing can tell apart of them. */
  readonly routingStates: number;
  /** The size at which the chart was explored: its own, or a smaller one when that would have been too many states. */
  readonly size: { readonly maxConcurrency: number; readonly maxQueueDepth: number; readonly failureThreshold: number };
  /** It was explored at its own size, and wholly. */
  readonly isExhaustive: boolean;
}

/** What a checker found, and what it looked at. */
export interface PolicyReport {
  /** No error was found. */
  readonly ok: boolean;
  /** Errors first. */
  readonly findings: readonly Finding[];
  /** Everything that can be reached was looked at, each chart at its own size; else `bounds` says what was not. */
  readonly isExhaustive: boolean;
  /**
   * Every combination of states that routing can tell apart was decided: whatever `bounds` names is of the charts, each
   * by itself.
   */
  readonly isDecided: boolean;
  readonly bounds: readonly string[];
  readonly models: readonly ModelFigures[];
  readonly classes: readonly ClassFigures[];
  /** Combinations of states that were decided: a decision counts for each that it holds for. */
  readonly decisions: number;
}

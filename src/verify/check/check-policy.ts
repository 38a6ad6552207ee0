import { z } from 'zod';
import { modelMachine } from '../../../machines/model/model.machine.ts';
import { withoutValues } from '../../config/without-values.ts';
import { parseOptions, wholeBetween, wholeFrom } from '../../options.ts';
import { MAX_ATTEMPTS } from '../../routing/slip.ts';
import { type PolicyModel, policyOf } from '../policy.ts';
import { loadedFrom, type PolicySource } from '../policy-source.ts';
import { shownEvents } from '../shown-events.ts';
import { clipped, MOST_COUNTED } from './clipped.ts';
import { combinationsOf } from './combinations.ts';
import { boundOf, exploreChart, figuresOf } from './explored-charts.ts';
import {
  type ClassFigures,
  type DecisionOutcome,
  ERROR_CODES,
  type Finding,
  type PolicyReport,
  WARNING_CODES,
} from './finding.ts';
import { amplificationFindings } from './findings/amplification.ts';
import { candidateFindings } from './findings/candidates.ts';
import { chartFindings } from './findings/charts.ts';
import { priorityFindings } from './findings/priorities.ts';
import { hiddenRuleFindings, unchosenFindings } from './findings/rules.ts';
import { blamelessFindings, boostFindings, latencyFindings, openTimeFindings } from './findings/times.ts';
import { capacityFindings, sharedUpstreamFindings, singlePointFindings } from './findings/upstreams.ts';
import { PolicySpace } from './policy-space.ts';
import { candidatesOf, type Route, unsettledText } from './routes.ts';
import type { Subject } from './subject.ts';

/** How far `checkPolicy` goes, and what it counts as too much. */
export interface CheckOptions {
  /**
   * So many states of each chart are explored, and so many decisions made for each class under a rule; a decision holds
   * for all states of the candidates that it does not depend on. Default: 10,000 states, 20,000,000 decisions.
   */
  readonly maxStates?: number;
  /** Calls that a request may make, 1 to the router's own 6. Default 6. */
  readonly maxAttempts?: number;
  /** The chart that runs as each model. Default: the router's own. */
  readonly machine?: typeof modelMachine;
  /** Told after each piece of work. */
  readonly onProgress?: (progress: CheckProgress) => void;
}

/** How far a check is. */
export interface CheckProgress {
  /** Pieces of work, of `total`. */
  readonly done: number;
  readonly total: number;
  /** What has just been done. */
  readonly what: string;
}

const isMachine = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'getInitialSnapshot' in value && 'transition' in value;

const optionsSchema = z.strictObject({
  maxStates: wholeFrom(1).optional(),
  maxAttempts: wholeBetween(1, MAX_ATTEMPTS).optional(),
  machine: z.custom<typeof modelMachine>(isMachine).describe('a machine of XState').optional(),
  onProgress: z
    .custom<(progress: CheckProgress) => void>((value) => typeof value === 'function')
    .describe('a function')
    .optional(),
});

const MOST_CHART_STATES = 10_000;
const MOST_DECISIONS = 20_000_000;

/**
 * Asks of a policy what it does in every state that its models can reach, by the charts that run and the function that
 * selects, and what is wrong with it. Nothing is called, and no key is needed. What refers to a variable is judged by
 * what that holds, and stands in the report as it is written.
 * @param source a configuration; one that is loaded already is loaded with `semantics: 'keep'`
 * @throws {ConfigError} when it is no configuration
 * @throws {ConfigurationError} when an option is wrong
 */
export function checkPolicy(source: PolicySource, options: CheckOptions = {}): PolicyReport {
  const given = parseOptions(optionsSchema, options, 'checkPolicy()');
  const { maxStates, maxAttempts = MAX_ATTEMPTS, machine = modelMachine, onProgress } = given;
  const resolved = loadedFrom(source, 'keep');
  const loaded = withoutValues(resolved);
  const shown = shownEvents(resolved.config, loaded.written);
  const policy = policyOf(loaded.config);
  const space = new PolicySpace(policy, machine);
  const subject: Subject = { space, config: loaded.written, lineOf: (where) => loaded.lineOf(where), maxAttempts };
  const total = policy.models.length + space.routes.length;
  const most = maxStates ?? MOST_DECISIONS;
  let done = 0;
  const tell = (what: string): void => onProgress?.({ done: ++done, total, what });

  const explored = policy.models.map((model) => {
    const chart = exploreChart(space, model, maxStates ?? MOST_CHART_STATES);
    tell(`the chart of ${model.name}`);
    return chart;
  });
  const chosen = new Map<string | null, Set<string>>();
  /** Rules of which not every combination was looked at. */
  const partly = new Set<string | null>();
  const classes: ClassFigures[] = [];
  const chartBounds = explored.flatMap((chart) => boundOf(chart) ?? []);
  const bounds = policy.models.flatMap(clippedBound);
  for (const unsettled of space.routing.unsettled) {
    partly.add(unsettled.rule.name);
    bounds.push(unsettledText(unsettled));
  }
  let decisions = 0;
  for (const route of space.routes) {
    const { figures, models, isComplete } = judgeRoute(space, route, most);
    const name = route.rule?.name ?? null;
    classes.push(figures);
    decisions += figures.combinations;
    for (const model of models) chosen.set(name, (chosen.get(name) ?? new Set()).add(model));
    if (!isComplete) {
      partly.add(name);
      bounds.push(decisionsBound(route, most));
    }
    tell(`${route.class} requests of ${name ?? 'no rule'}`);
  }

  for (const name of partly) chosen.delete(name);
  const judges = [
    candidateFindings,
    chartFindings(explored),
    amplificationFindings,
    latencyFindings,
    singlePointFindings,
    sharedUpstreamFindings,
    unchosenFindings(chosen, loaded.config),
    priorityFindings,
    capacityFindings,
    hiddenRuleFindings,
    openTimeFindings,
    blamelessFindings,
    boostFindings,
  ];
  const findings = judges
    .flatMap((judge) => judge(subject))
    .map((finding) => ({ ...finding, path: shown(finding.path) }))
    .toSorted((a, b) => rankOf(a) - rankOf(b));
  return {
    ok: findings.every(({ severity }) => severity !== 'error'),
    findings,
    isExhaustive: bounds.length === 0 && chartBounds.length === 0,
    isDecided: bounds.length === 0,
    bounds: [...chartBounds, ...bounds],
    models: explored.map((chart) => figuresOf(space, chart)),
    classes,
    decisions,
  };
}

const RANKS: readonly string[] = [...ERROR_CODES, ...WARNING_CODES];
const rankOf = ({ code }: Finding): number => RANKS.indexOf(code);

function judgeRoute(space: PolicySpace, route: Route, max: number) {
  const outcomes: Record<DecisionOutcome, number> = {
    admit: 0,
    queue: 0,
    displace: 0,
    wait_for_limit: 0,
    park: 0,
    fail: 0,
  };
  const models = new Set<string>();
  let combinations = 0;
  const { isComplete } = combinationsOf(space, route, { max }, ({ order, count, decision }) => {
    outcomes[decision.outcome] += count;
    combinations += count;
    if (decision.candidate !== null) models.add(order[decision.candidate]!);
  });
  const displaceable = Math.round(combinations * displaceableShare(space, route));
  const figures: ClassFigures = {
    rule: route.rule?.name ?? null,
    class: route.class,
    combinations,
    outcomes,
    displaceable,
  };
  return { figures, models, isComplete };
}

/** Of the combinations of its candidates' states, those in which one of its class waits somewhere and can lose its place. */
function displaceableShare(space: PolicySpace, route: Route): number {
  const safe = candidatesOf(route).map((name) => {
    const states = space.statesOf(name, route);
    const lost = states.filter(({ state }) => state.last?.class === route.class && state.displacedBy.length > 0);
    return 1 - lost.length / states.length;
  });
  return 1 - safe.reduce((product, share) => product * share, 1);
}

/** Its sequences are shorter than they would be on a router. */
const clippedBound = (model: PolicyModel): string[] =>
  JSON.stringify(clipped(model)) === JSON.stringify(model)
    ? []
    : [`the states of ${model.name} were reached with counts of at most ${MOST_COUNTED}: its sequences are shortened`];

const decisionsBound = ({ class: priority, rule }: Route, max: number): string =>
  `of ${priority} requests of ${rule === null ? 'no rule' : `rule ${rule.name}`}, ${max.toLocaleString('en-US')} decisions were made and others were not`;

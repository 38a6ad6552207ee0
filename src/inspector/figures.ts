import type { SnapshotFrom } from 'xstate';
import { depthOf } from '../../machines/model/context.ts';
import type { modelMachine } from '../../machines/model/model.machine.ts';
import type { RouterContext } from '../../machines/router/events.ts';
import { failureCount } from '../breaker/memory.ts';
import type { BreakerState } from '../breaker/state.ts';
import { sizeOf } from '../queue/ordered-tree.ts';
import { describeMatch } from '../routing/match.ts';
import type { RoutingRule } from '../routing/rule.ts';
import type { ModelStatus } from '../status.ts';
import type { ModelFigures, RuleInfo } from './protocol.ts';

type About = Pick<ModelStatus, 'provider' | 'model'>;

export interface Times {
  readonly now: number;
  /** Turns a time of the router's clock into one of the wall. */
  readonly wallTimeOf: (at: number) => number;
}

/** What a model's card shows, straight from its snapshot. */
export function figuresOf(
  { context, value }: SnapshotFrom<typeof modelMachine>,
  { provider, model }: About,
  minute: ModelFigures['minute'],
  { now, wallTimeOf }: Times,
): ModelFigures {
  const { breaker, load, limits, rateLimit } = context;
  const { options } = breaker;
  const state = value.breaker as BreakerState;
  const isOpen = state === 'open';
  return {
    provider,
    model,
    breaker: {
      state,
      until: isOpen ? wallTimeOf(breaker.openUntil) : null,
      openForMs: isOpen ? Math.round(breaker.openUntil - breaker.timerFrom) : null,
      failures: failureCount(breaker, now),
      threshold: options?.policy === 'consecutive' ? options.failureThreshold : null,
      successes: breaker.successes,
      successThreshold: options?.successThreshold ?? null,
      probes: breaker.probes,
      maxProbes: options?.halfOpenMaxProbes ?? null,
      opens: breaker.opens,
    },
    control: value.control,
    queueState: value.queue,
    waiting: {
      critical: sizeOf(load.waiting.critical),
      high: sizeOf(load.waiting.high),
      normal: sizeOf(load.waiting.normal),
      low: sizeOf(load.waiting.low),
    },
    backingOff: load.retries.count,
    depth: depthOf(context),
    maxQueueDepth: limits.maxQueueDepth,
    running: load.running,
    lingering: load.lingering,
    runningLimit: load.runningLimit,
    maxConcurrency: limits.maxConcurrency,
    busySlots: load.calls.flatMap((call, slot) => (call === null ? [] : [slot])),
    limitedUntil: rateLimit.until === null ? null : wallTimeOf(rateLimit.until),
    minute,
  };
}

const ruleInfos = new WeakMap<RouterContext['rules'], readonly RuleInfo[]>();

/** Kept with the list that they are of, which is replaced whenever a rule changes. */
export function ruleInfosOf(rules: RouterContext['rules']): readonly RuleInfo[] {
  const known = ruleInfos.get(rules);
  if (known !== undefined) return known;
  const infos = rules.map(ruleInfo);
  ruleInfos.set(rules, infos);
  return infos;
}

function ruleInfo({ name, match, targets, fallback, strategy }: RoutingRule): RuleInfo {
  const { priority, metadata } = match;
  const isBare = metadata === undefined || Object.keys(metadata).length === 0;
  return {
    name,
    priority: isBare && typeof priority === 'string' ? priority : null,
    match: describeMatch(match),
    targets,
    fallback,
    strategy,
  };
}

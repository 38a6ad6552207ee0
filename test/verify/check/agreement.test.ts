import { describe, expect, it } from 'vitest';
import { modelMachine } from '../../../machines/model/model.machine.ts';
import { snapshotView } from '../../../machines/router/outcome.ts';
import type { ModelConfig, RouterConfig, RuleConfig } from '../../../src/config/router-config.ts';
import { LLMRouter } from '../../../src/llm-router.ts';
import { PRIORITY_CLASSES } from '../../../src/queue/priority.ts';
import { hashSeed, nextRandom } from '../../../src/random.ts';
import { STRATEGIES } from '../../../src/routing/strategy.ts';
import { decide } from '../../../src/verify/check/decide.ts';
import { isPossibleIn, ordersOf } from '../../../src/verify/check/orders.ts';
import { PolicySpace } from '../../../src/verify/check/policy-space.ts';
import type { Route } from '../../../src/verify/check/routes.ts';
import { type RoutingState, routingStateOf, viewOfState } from '../../../src/verify/check/routing-state.ts';
import { stanceOf } from '../../../src/verify/check/stance.ts';
import { policyOf } from '../../../src/verify/policy.ts';
import type { PolicyEvent } from '../../../src/verify/policy-events.ts';
import { PolicyDriver } from '../../../src/verify/testing/policy-driver.ts';

/** Whole numbers below a bound, always the same ones for a seed. */
function dice(seed: number) {
  let state = hashSeed(seed, 'agreement');
  const below = (bound: number): number => {
    const draw = nextRandom(state);
    state = draw.seed;
    return Math.floor(draw.value * bound);
  };
  return { below, oneOf: <One>(list: readonly One[]): One => list[below(list.length)]! };
}

type Dice = ReturnType<typeof dice>;

const NAMES = ['a', 'b', 'c', 'd'];

function anyConfig({ below, oneOf }: Dice): RouterConfig {
  const names = NAMES.slice(0, 1 + below(NAMES.length));
  const model = (): ModelConfig => {
    const maxQueueDepth = 1 + below(4);
    return {
      provider: 'simulated',
      upstreamStreaming: false,
      maxQueueDepth,
      maxConcurrency: 1 + below(Math.min(3, maxQueueDepth)),
      weight: 1 + below(3),
      ...(below(3) > 0 && { pricing: { inputPerMillion: below(4), outputPerMillion: below(4) } }),
      breaker: below(6) > 0 && {
        failureThreshold: 1 + below(2),
        successThreshold: 1,
        openJitter: 0,
        recoveryTimeoutMs: oneOf([1_000, 50_000, 400_000]),
      },
    };
  };
  const rule = (index: number): RuleConfig => {
    const shuffled = names.toSorted(() => below(3) - 1);
    const targets = shuffled.slice(0, 1 + below(shuffled.length));
    return {
      name: `rule-${index}`,
      match: oneOf([{}, { priority: oneOf(PRIORITY_CLASSES) }, { metadata: { tenant: oneOf(['acme', 'zeta']) } }]),
      targets,
      fallback: shuffled.slice(targets.length),
      strategy: oneOf(STRATEGIES),
      timeoutMs: oneOf([30_000, 300_000]),
      whenUnavailable: oneOf(['wait', 'fail']),
      maxRetries: below(2),
    };
  };
  return {
    models: Object.fromEntries(names.map((name) => [name, model()])),
    rules: Array.from({ length: below(4) }, (_, index) => rule(index)),
  };
}

/** Something that can happen there. */
function anyEvent({ below, oneOf }: Dice, driver: PolicyDriver): PolicyEvent {
  const { models } = driver.observe();
  const calls = Object.entries(models).flatMap(([model, { running }]) =>
    running.map((request) => ({ model, request })),
  );
  const kind = below(12);
  if (kind >= 4 && kind < 9 && calls.length > 0) {
    const call = oneOf(calls);
    const hint = below(2) === 0 ? {} : { retryAfterMs: oneOf([2_000, 600_000]) };
    return oneOf<PolicyEvent>([
      { type: 'call.succeeded', ...call },
      { type: 'call.refused', ...call },
      { type: 'call.failed', ...call, ...hint },
      { type: 'call.rate_limited', ...call, ...hint },
    ]);
  }
  if (kind === 9) return { type: 'time.passed', ms: oneOf([500, 1_500, 60_000]) };
  if (kind === 10) {
    const type = oneOf(['pause', 'resume', 'resume', 'drain', 'breaker.force_open', 'breaker.reset'] as const);
    return { type, model: oneOf(Object.keys(models)) };
  }
  const pinned = below(2) === 0 ? { model: oneOf(Object.keys(models)) } : {};
  return {
    type: 'request',
    priority: oneOf(PRIORITY_CLASSES),
    metadata: { tenant: oneOf(['acme', 'none']) },
    ...pinned,
  };
}

/** A request comes, to one model or wherever the strategy sends it; a call succeeds; time passes. */
function comeOrGo({ below, oneOf }: Dice, driver: PolicyDriver): PolicyEvent {
  const [model, { running }] = oneOf(Object.entries(driver.observe().models));
  const [request] = running;
  const kind = below(5);
  if (kind === 0) return { type: 'time.passed', ms: oneOf([1, 10, 100]) };
  if (kind < 3 && request !== undefined) return { type: 'call.succeeded', request, model };
  return { type: 'request', priority: 'normal', ...(kind < 4 && { model }) };
}

/** What the checker makes of the state that the router is in, for a request that takes that route. */
function judged(space: PolicySpace, router: LLMRouter, now: number, route: Route, order: readonly string[]) {
  const { timeoutMs, whenUnavailable, class: priority } = route;
  const stateOf = (name: string): RoutingState =>
    routingStateOf(snapshotView(router.actor.getSnapshot().context, name)!, now, timeoutMs);
  const stances = order.map((name) =>
    stanceOf(viewOfState(stateOf(name), timeoutMs, space.policy.boosts), priority, route),
  );
  const { outcome, candidate, code } = decide({ timeoutMs, whenUnavailable, canPark: true }, priority, stances);
  return {
    stateOf,
    /** The candidates that stand to the request as the checker has not found that they could. */
    unreached: () =>
      order.filter(
        (name, place) =>
          !space.statesOf(name, route).some(({ stances: of }) => of[priority].key === stances[place]!.key),
      ),
    decision: { outcome, model: candidate === null ? null : order[candidate]!, ...(code !== undefined && { code }) },
    reasons: stances.map(({ verdict, reason }) => (verdict === 'skip' ? reason : verdict)),
  };
}

const PAIRS = 10_000;
const PER_ROUTER = 40;
/** Of so many routers one is asked also whether the checker knows of its states. */
const EVERY = 25;

describe('the checker and the router', () => {
  it(`agree on ${PAIRS.toLocaleString('en-US')} pairs of a state and a request, of random configurations`, async () => {
    const met = { outcomes: new Set<string>(), reasons: new Set<string>(), strategies: new Set<string>() };
    const unknown: string[] = [];
    const surprises: object[] = [];
    const differences: object[] = [];
    for (let pairs = 0, seed = 1; pairs < PAIRS; seed++) {
      const roll = dice(seed);
      const config = anyConfig(roll);
      const policy = policyOf(config);
      const space = new PolicySpace(policy, modelMachine);
      const driver = new PolicyDriver(config, policy, ({ clock, backendOf }) =>
        LLMRouter.fromConfig(config, { clock, backendOf, seed }),
      );
      for (let step = 0; step < PER_ROUTER && pairs < PAIRS; step++) {
        await driver.apply(anyEvent(roll, driver));
        const route = roll.oneOf(space.routes);
        pairs++;
        const { candidates, outcome, model, code, rule } = driver.router.explain('x', {
          priority: route.class,
          metadata: { ...route.metadata },
        });
        const order = candidates.map((candidate) => candidate.model);
        const { decision, reasons, stateOf, unreached } = judged(
          space,
          driver.router,
          driver.clock.now(),
          route,
          order,
        );
        const explained = { outcome, model, ...(code !== undefined && { code }) };
        const told = candidates.map(({ verdict, reason }) => (verdict === 'skip' ? reason : verdict));
        if (
          rule !== (route.rule?.name ?? null) ||
          JSON.stringify([explained, told]) !== JSON.stringify([decision, reasons])
        ) {
          differences.push({ seed, step, route: route.rule?.name, explained, told, decision, reasons });
        }
        // Which states there are takes ten times as long to find out as all the rest.
        for (const name of seed % EVERY === 0 ? unreached() : []) {
          surprises.push({ seed, step, route, name, state: stateOf(name), reason: reasons[order.indexOf(name)] });
        }
        if (!isConsidered(space, route, order, stateOf)) unknown.push(`seed ${seed}, step ${step}: ${order.join(' ')}`);
        met.outcomes.add(outcome);
        for (const reason of told) met.reasons.add(`${reason}`);
        met.strategies.add(route.rule?.strategy ?? 'none');
      }
      await driver.stop();
    }

    expect(differences.slice(0, 3)).toEqual([]);
    expect(unknown.slice(0, 3)).toEqual([]);
    expect(surprises.slice(0, 3)).toEqual([]);
    // The random states were no dull ones.
    expect([...met.outcomes].sort()).toEqual(['admit', 'displace', 'fail', 'park', 'queue', 'wait_for_limit']);
    expect([...met.strategies].sort()).toEqual([...STRATEGIES, 'none'].sort());
    for (const reason of ['circuit_open', 'half_open', 'queue_full', 'rate_limited', 'paused', 'draining']) {
      expect(met.reasons).toContain(reason);
    }
  });

  it.each(STRATEGIES)('consider no order of the targets that %s cannot give', async (strategy) => {
    const roll = dice(hashSeed(strategy));
    const prices = [
      { inputPerMillion: 1, outputPerMillion: 9 },
      { inputPerMillion: 4, outputPerMillion: 4 },
      { inputPerMillion: 9, outputPerMillion: 1 },
    ];
    const targets = ['a', 'b', 'c'];
    const models = targets.map((name, index): [string, ModelConfig] => [
      name,
      { provider: 'simulated', maxConcurrency: 1, maxQueueDepth: 2, breaker: false, pricing: prices[index] },
    ]);
    const config = { models: Object.fromEntries(models), rules: [{ targets, strategy }], retries: { maxRetries: 0 } };
    const policy = policyOf(config);
    const space = new PolicySpace(policy, modelMachine);
    const driver = new PolicyDriver(config, policy, ({ clock, backendOf }) =>
      LLMRouter.fromConfig(config, { clock, backendOf, seed: 1 }),
    );
    const given = new Set<string>();
    const possible = new Set<string>();

    for (let step = 0; step < 500; step++) {
      await driver.apply(comeOrGo(roll, driver));
      const words = 'word '.repeat(1 + roll.below(40));
      const { candidates } = driver.router.explain(words, { maxTokens: 1 + roll.below(40) });
      given.add(candidates.map(({ model }) => model).join());
      const { stateOf } = judged(space, driver.router, driver.clock.now(), space.routes[0]!, targets);
      for (const order of ordersOf(policy.rules[0]!, (name) => space.modelOf(name))) {
        if (isConsidered(space, space.routes[0]!, order, stateOf)) possible.add(order.join());
      }
    }

    expect([...possible].sort()).toEqual([...given].sort());
    await driver.stop();
  });
});

function isConsidered(
  space: PolicySpace,
  { rule, targets, fallback }: Route,
  order: readonly string[],
  stateOf: (name: string) => RoutingState,
): boolean {
  const modelOf = (name: string) => space.modelOf(name);
  const orders = rule === null ? [targets] : [...ordersOf({ ...rule, targets }, modelOf)];
  const inTurn = order.slice(0, targets.length);
  const isKnown = orders.some((one) => [...one, ...fallback].join() === order.join());
  return isKnown && (rule?.strategy !== 'least-busy' || isPossibleIn(inTurn, targets, stateOf, modelOf));
}

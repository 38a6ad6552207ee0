import { describe, expect, it } from 'vitest';
import { assign, createActor, sendTo } from 'xstate';
import type { CallEvent } from '../../../machines/events.ts';
import type { ModelContext } from '../../../machines/model/context.ts';
import { handedOver } from '../../../machines/model/load.ts';
import { permitFor, startOf } from '../../../machines/model/lookup.ts';
import { modelMachine } from '../../../machines/model/model.machine.ts';
import type { routerMachine } from '../../../machines/router.machine.ts';
import { applyConfig } from '../../../src/config/apply.ts';
import type { RouterConfig } from '../../../src/config/router-config.ts';
import { LLMRouter } from '../../../src/llm-router.ts';
import { tail } from '../../../src/queue/waiting.ts';
import { checkPolicy } from '../../../src/verify/check/check-policy.ts';
import type { CreateRouter } from '../../../src/verify/testing/policy-driver.ts';
import { type Replayed, replay } from './replay.ts';

type Actions = NonNullable<Parameters<typeof modelMachine.provide>[0]['actions']>;
interface Args {
  readonly context: ModelContext;
  readonly event: { readonly type: string };
}

const slotOf = ({ event }: Args): number => (event as CallEvent).slot;
const lastOf = ({ context: { load, limits } }: Args) => tail(load.waiting, limits.boosts)!;
const timeOf = ({ event }: Args): number => (event as CallEvent).at;

/** The queue forgets who comes to wait. */
const FORGETS = { enqueue: assign({}) } as unknown as Actions;
/** A probe that decides nothing keeps its permit. */
const KEEPS = { releaseProbe: assign({}) } as unknown as Actions;
/** The slot that is free takes who came last. */
const LAST_COME_FIRST = {
  dispatchHead: sendTo(
    (args: Args) => args.context.slots[slotOf(args)]!,
    (args: Args) => startOf(args.context, lastOf(args), timeOf(args), false),
  ),
  handOver: assign((args: Args) => ({
    load: handedOver(args.context.load, slotOf(args), lastOf(args), permitFor(args.context, false), timeOf(args)),
  })),
} as unknown as Actions;

const CONFIG: RouterConfig = {
  models: {
    a: {
      provider: 'simulated',
      maxConcurrency: 1,
      maxQueueDepth: 3,
      breaker: { failureThreshold: 2, successThreshold: 2, recoveryTimeoutMs: 30_000, openJitter: 0 },
    },
  },
  retries: { maxRetries: 0 },
  rules: [{ targets: ['a'], whenUnavailable: 'wait', timeoutMs: 300_000 }],
};

/** A router whose models run the chart with these actions in place of its own. */
const routerWith =
  (actions: Actions): CreateRouter =>
  ({ config, clock, backendOf }) => {
    const spawn = (logic: typeof routerMachine) => {
      const bound = logic.implementations.actors['model'] as typeof modelMachine;
      return createActor(logic.provide({ actors: { model: bound.provide({ actions }) } } as never), {
        clock: { setTimeout: clock.setTimeout, clearTimeout: clock.clearTimeout },
      });
    };
    const router = new LLMRouter({ clock, spawn: spawn as never, seed: 1 });
    applyConfig(router, config, { backendOf });
    return router;
  };

const planted = (actions: Actions) => checkPolicy(CONFIG, { machine: modelMachine.provide({ actions }) });

describe('checkPolicy finds in a chart', () => {
  it.each([
    {
      title: 'a request that is lost: nobody waits any more, and nobody has been answered',
      actions: FORGETS,
      code: 'request_lost',
      // One that runs, and one that would wait.
      events: ['request', 'time.passed', 'request'],
      isSo({ last }: Replayed) {
        expect(last.settled).toEqual({});
        expect(last.models['a']).toMatchObject({ running: ['r1'], waiting: { critical: 0 } });
      },
    },
    {
      title: 'a probe that is stranded: nobody probes, and nobody may',
      actions: KEEPS,
      code: 'probe_stranded',
      // Two requests fail, time passes, and a third one is the caller's own fault.
      events: [
        ...['request', 'time.passed', 'request', 'time.passed', 'call.failed', 'time.passed', 'call.failed'],
        ...['time.passed', 'request', 'time.passed', 'call.ignored'],
      ],
      isSo({ last, driver }: Replayed) {
        expect(last.models['a']).toMatchObject({ breaker: 'half_open', running: [] });
        expect(driver.router.explain('x', { model: 'a' }).candidates).toMatchObject([{ reason: 'half_open' }]);
      },
    },
    {
      title: 'a request that is passed over by one that came later than the boosts allow',
      actions: LAST_COME_FIRST,
      code: 'overtaking_unbounded',
      events: ['request', 'time.passed', 'request', 'time.passed', 'request', 'time.passed', 'call.succeeded'],
      isSo({ last }: Replayed) {
        expect(last.models['a']!.running).toEqual(['r3']);
        expect(Object.values(last.models['a']!.waiting)).toContain(1);
      },
    },
  ])('$title', async ({ actions, code, events, isSo }) => {
    const report = planted(actions);

    const found = report.findings.filter(({ severity }) => severity === 'error');
    expect(found.map((finding) => finding.code)).toContain(code);
    const { path, where } = found.find((finding) => finding.code === code)!;
    expect(where).toBe('models.a');
    expect(path.map(({ type }) => type)).toEqual(events);
    await replay(CONFIG, path, isSo, routerWith(actions));
  });

  it.each([
    ['starts no call', ['dispatch'], 'request_lost'],
    ['hands the slot over and starts no call', ['dispatchHead'], 'request_lost'],
    ['takes a permit and starts no probe', ['dispatchProbe'], 'request_lost'],
    ['tells nobody that a request backs off', ['reportRetry'], 'request_lost'],
    ['leaves a request that has backed off where it is', ['rejoin'], 'request_lost'],
    ['tells nobody when a limit ends', ['reportLimited'], 'request_lost'],
    ['does not end a limit', ['endLimit'], 'request_lost'],
  ])('what it has written down and done nothing about: it %s', (_, names, code) => {
    const actions = Object.fromEntries(names.map((name) => [name, assign({})])) as unknown as Actions;
    const config = { ...CONFIG, retries: { maxRetries: 1 } };

    const report = checkPolicy(config, { machine: modelMachine.provide({ actions }) });

    expect(report.findings.map((finding) => finding.code)).toContain(code);
  });

  it('nothing when it is the router’s own, at the size at which that one is explored wholly', () => {
    const report = checkPolicy(CONFIG);

    expect(report.findings.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(report.isExhaustive).toBe(true);
    expect(report.models[0]!.states).toBeGreaterThan(100);
  });

  it('less than all when it may not look at more states', () => {
    const report = checkPolicy(CONFIG, { maxStates: 50 });

    expect(report.isExhaustive).toBe(false);
    expect(report.bounds[0]).toMatch(/of the chart of a, .* 50 states were looked at/);
  });

  it('every decision, and charts that are smaller than the models', () => {
    const report = checkPolicy({ models: { a: { provider: 'simulated' } } });

    expect([report.isExhaustive, report.isDecided]).toEqual([false, true]);
    expect(report.bounds).toEqual([expect.stringMatching(/^the chart of a was explored with 1 of 32 slots, /)]);
  });
});

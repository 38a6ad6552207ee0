import fc from 'fast-check';
import { expect } from 'vitest';
import { BackendError } from '../../src/errors.ts';
import type { GenerateOptions } from '../../src/generate-options.ts';
import { PRIORITY_CLASSES } from '../../src/queue/priority.ts';
import { inServingOrder } from '../../src/queue/waiting.ts';
import type { Explanation } from '../../src/routing/explain.ts';
import type { Slip } from '../../src/routing/slip.ts';
import { STRATEGIES } from '../../src/routing/strategy.ts';
import { createRig, type Rig } from '../support/rig.ts';
import { settled } from '../support/virtual-clock.ts';

export type Name = 'a' | 'b' | 'c';
export const NAMES: readonly Name[] = ['a', 'b', 'c'];
const breaker = { failureThreshold: 2, successThreshold: 2, recoveryTimeoutMs: 5_000 };

/** Three unlike models, and a rule for each strategy whose targets are the first two, or all three. */
export function newRig(): Rig<Name> {
  const rig = createRig(
    {
      a: { maxConcurrency: 1, maxQueueDepth: 2, breaker, pricing: { inputPerMillion: 2, outputPerMillion: 2 } },
      b: {
        maxConcurrency: 2,
        maxQueueDepth: 3,
        weight: 3,
        breaker: { ...breaker, policy: 'time', minimumCalls: 2, halfOpenMaxProbes: 2 },
        pricing: { inputPerMillion: 1, outputPerMillion: 9 },
      },
      c: { maxConcurrency: 1, maxQueueDepth: 1, breaker: false },
    },
    { maxParked: 2 },
  );
  for (const strategy of STRATEGIES) {
    const some = { name: `${strategy}:some`, targets: ['a', 'b'], fallback: ['c'], strategy };
    rig.router.addRoute({ metadata: { rule: strategy } }, some);
    const all = { name: `${strategy}:all`, targets: NAMES, strategy, whenUnavailable: 'wait' } as const;
    rig.router.addRoute({ metadata: { rule: `${strategy} all` } }, all);
  }
  return rig;
}

export interface Fate extends Pick<Explanation, 'outcome' | 'model' | 'code'> {
  /** What it was told by those that did not take it. */
  readonly skips: readonly object[];
}

const skipOf = ({ model, reason, retryAfterMs, predictedWaitMs }: Told): object => ({
  model,
  reason,
  ...(retryAfterMs !== undefined && { retryAfterMs }),
  ...(predictedWaitMs !== undefined && { predictedWaitMs }),
});
type Told = { model: string; reason?: string; retryAfterMs?: number; predictedWaitMs?: number };

/** Sends the request that was explained, and looks where it is the moment after. */
export async function fateOf({ ask, router }: Rig<string>, options: GenerateOptions): Promise<Fate> {
  const before = router.getStats().totalRequests;
  let displaced = false;
  let held: { slip: Slip; outcome: Fate['outcome']; model: string | null } | undefined;
  const onDisplaced = (): void => {
    displaced = true;
  };
  router.on('request.displaced', onDisplaced);
  const known = new Set(allSlips(router).map(({ slip }) => slip.id));
  const asked = ask(options);
  router.off('request.displaced', onDisplaced);
  held = allSlips(router).find(({ slip }) => !known.has(slip.id));
  await settled();
  if (held !== undefined) {
    const outcome = held.outcome === 'queue' && displaced ? 'displace' : held.outcome;
    return { outcome, model: held.model, skips: held.slip.skipped.map(skipOf) };
  }
  expect(asked.isSettled).toBe(true);
  expect(router.getStats().totalRequests).toBeGreaterThan(before);
  const { code, trace } = asked.error as { code: NonNullable<Fate['code']>; trace: { candidates: Told[] } };
  return { outcome: 'fail', model: null, code, skips: trace.candidates.map(skipOf) };
}

/** Every request that is somewhere, and what that comes to. */
function allSlips(router: Rig<string>['router']) {
  const { models, parked } = router.actor.getSnapshot().context;
  const boosts = { critical: 0, high: 0, normal: 0, low: 0 };
  return [
    ...Object.entries(models).flatMap(([model, ref]) => {
      const { load, rateLimit } = ref.getSnapshot().context;
      const outcome = rateLimit.until === null ? ('queue' as const) : ('wait_for_limit' as const);
      return [
        ...load.calls.flatMap((call) => (call === null ? [] : [{ slip: call.slip, outcome: 'admit' as const, model }])),
        ...inServingOrder(load.waiting, boosts).map((slip) => ({ slip, outcome, model })),
      ];
    }),
    ...inServingOrder(parked.all, boosts).map((slip) => ({ slip, outcome: 'park' as const, model: null })),
  ];
}

/** The fate that an explanation foretells. */
export function foretold({ outcome, model, code, candidates }: Explanation): Fate {
  const reached =
    outcome === 'wait_for_limit'
      ? candidates.filter((candidate) => candidate.model !== model)
      : candidates.slice(
          0,
          model === null ? undefined : candidates.findIndex((candidate) => candidate.model === model),
        );
  return { outcome, model, ...(code !== undefined && { code }), skips: reached.map(skipOf) };
}

const COMMANDS = ['pause', 'resume', 'resume', 'drain', 'forceOpen', 'forceClosed', 'reset', 'reset'] as const;
const STATUS = { fail: 500, refuse: 400, limit: 429 } as const;

const requestOptions = fc.record({
  priority: fc.constantFrom(...PRIORITY_CLASSES),
  timeoutMs: fc.constantFrom(150, 900, 6_000, 100_000),
  model: fc.constantFrom('auto', ...NAMES, ...STRATEGIES.flatMap((name) => [`${name}:some`, `${name}:all`])),
  whenUnavailable: fc.constantFrom(undefined, 'wait' as const, 'fail' as const),
});
export const step = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('ask' as const), options: requestOptions }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constantFrom('finish' as const, 'finish' as const, 'fail' as const, 'refuse' as const, 'limit' as const),
      nth: fc.nat(20),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('command' as const),
      command: fc.constantFrom(...COMMANDS),
      model: fc.constantFrom(...NAMES),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('train' as const), model: fc.constantFrom(...NAMES) }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.constantFrom(1, 100, 1_000, 5_000) }),
  },
);
export type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

export async function take(rig: Rig<Name>, given: Exclude<Step, { kind: 'ask' }>): Promise<void> {
  switch (given.kind) {
    case 'wait':
      await rig.clock.advance(given.ms);
      break;
    case 'command':
      rig.router[given.command](given.model);
      break;
    case 'train':
      // Enough calls of half a second to predict a wait by.
      for (let call = 0; call < 5; call++) {
        const before = rig.backends[given.model].calls.length;
        rig.ask({ model: given.model, timeoutMs: 600 });
        await rig.clock.advance(500);
        rig.backends[given.model].calls[before]?.succeed();
        await settled();
      }
      break;
    default: {
      const calls = NAMES.flatMap((name) => rig.backends[name].calls);
      const call = calls.at(-1 - (given.nth % Math.max(1, calls.length)));
      if (given.kind === 'finish') call?.succeed();
      else call?.fail(new BackendError('no', { status: STATUS[given.kind], retryAfterMs: 3_000 }));
    }
  }
  await settled();
}

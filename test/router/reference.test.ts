import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BackendError, type LLMRouterError } from '../../src/errors.ts';
import { LLMRouter } from '../../src/llm-router.ts';
import { PRIORITY_CLASSES, type PriorityClass } from '../../src/queue/priority.ts';
import { observe } from '../support/observe.ts';
import { type Observation, type ReferenceConfig, ReferenceRouter } from '../support/reference-router.ts';
import { ScriptedBackend } from '../support/scripted-backend.ts';
import { settled, VirtualClock } from '../support/virtual-clock.ts';

// The reference was written from the design alone, without the implementation in sight. Both are given the same
// commands, and everything a caller or an operator can see is compared after each.

type Outcome = 'success' | 'failure' | 'ignored' | 'rate_limited' | 'refused_key';

const ERRORS: Readonly<Record<Exclude<Outcome, 'success'>, (retryAfterMs?: number) => BackendError>> = {
  failure: (retryAfterMs) => new BackendError('down', { status: 503, ...(retryAfterMs && { retryAfterMs }) }),
  ignored: () => new BackendError('no', { status: 400 }),
  refused_key: (retryAfterMs) => new BackendError('key', { status: 401, ...(retryAfterMs && { retryAfterMs }) }),
  rate_limited: (retryAfterMs) => new BackendError('slow down', { status: 429, ...(retryAfterMs && { retryAfterMs }) }),
};

class Real {
  readonly clock = new VirtualClock();
  readonly router: LLMRouter;
  readonly backends = new Map<string, ScriptedBackend>();
  readonly results: Observation['settled'] = {};
  readonly #controllers = new Map<string, AbortController>();

  constructor(config: ReferenceConfig) {
    const { maxParked, retries } = config;
    const waits = { maxRetries: 0, ...(retries && { maxRetries: 2, ...retries }), baseMs: 0 };
    this.router = new LLMRouter({ clock: this.clock, seed: 1, maxParked, retries: waits });
    for (const { name, breaker, ...limits } of config.models) {
      const backend = new ScriptedBackend();
      this.backends.set(name, backend);
      this.router.addModel(name, {
        backend,
        ...limits,
        breaker: breaker && { ...breaker, openJitter: 0, silenceFactor: null },
      });
    }
    for (const { priority, ...rule } of config.rules) this.router.addRoute(priority, rule);
  }

  submit(
    id: string,
    options: {
      priority: PriorityClass;
      timeoutMs: number;
      model?: string;
      fallback?: boolean;
      whenUnavailable?: 'wait' | 'fail';
      maxRetries?: number;
    },
  ): void {
    const controller = new AbortController();
    this.#controllers.set(id, controller);
    this.router.generate(id, { ...options, signal: controller.signal }).then(
      ({ modelUsed }) => {
        this.results[id] = { result: 'served', model: modelUsed };
      },
      (error) => {
        this.results[id] =
          error === 'left' ? { result: 'aborted' } : { result: 'error', code: (error as LLMRouterError).code };
      },
    );
  }

  abort(id: string): void {
    this.#controllers.get(id)!.abort('left');
  }

  /** Of several open calls of one request at one model, the oldest ends, as in the reference. */
  finish(id: string, model: string, open: number, outcome: Outcome, retryAfterMs?: number): void {
    const call = this.backends
      .get(model)!
      .calls.filter(({ context }) => context.requestId === id)
      .at(-open)!;
    if (outcome === 'success') call.succeed();
    else call.fail(ERRORS[outcome](retryAfterMs));
  }
}

const policy = fc.oneof(
  { weight: 3, arbitrary: fc.constant({}) },
  {
    weight: 2,
    arbitrary: fc.record({
      policy: fc.constant('count' as const),
      windowSize: fc.integer({ min: 2, max: 5 }),
      minimumCalls: fc.integer({ min: 1, max: 2 }),
      failureRate: fc.constantFrom(0.5, 0.75, 1),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      policy: fc.constant('time' as const),
      windowMs: fc.constantFrom(1_280, 10_240),
      minimumCalls: fc.integer({ min: 1, max: 3 }),
      failureRate: fc.constantFrom(0.5, 0.75, 1),
      slowCallMs: fc.constantFrom(45, 405),
      slowCallRate: fc.constantFrom(0.5, 1),
    }),
  },
);

const breaker = fc.oneof(
  {
    weight: 9,
    arbitrary: fc
      .tuple(
        policy,
        fc.option(fc.constant({ observe: true }), { nil: {}, freq: 8 }),
        fc.record({
          failureThreshold: fc.integer({ min: 1, max: 3 }),
          successThreshold: fc.integer({ min: 1, max: 3 }),
          recoveryTimeoutMs: fc.constantFrom(1_009, 4_001),
          maxOpenMs: fc.constantFrom(5_003, 20_011),
          halfOpenMaxProbes: fc.integer({ min: 1, max: 2 }),
          probeTimeoutMs: fc.constantFrom(401, 30_011),
        }),
      )
      .map((parts) => Object.assign({}, ...parts) as (typeof parts)[2]),
  },
  { weight: 1, arbitrary: fc.constant(false as const) },
);

const model = fc
  .record({
    maxQueueDepth: fc.integer({ min: 1, max: 5 }),
    maxConcurrency: fc.integer({ min: 1, max: 3 }),
    attemptTimeoutMs: fc.constantFrom(701, 59_999),
    abortGraceMs: fc.constantFrom(97, 1_013),
    breaker,
  })
  .map((options) => ({ ...options, maxConcurrency: Math.min(options.maxConcurrency, options.maxQueueDepth) }));

const NAMES = ['a', 'b', 'c'];

const rule = fc.record({
  order: fc.shuffledSubarray(NAMES, { minLength: 1, maxLength: 3 }),
  targets: fc.integer({ min: 1, max: 3 }),
  whenUnavailable: fc.constantFrom<'wait' | 'fail'>('wait', 'fail'),
  retries: fc.constantFrom<{ maxRetries?: number }>({}, {}, { maxRetries: 0 }, { maxRetries: 1 }, { maxRetries: 5 }),
});

const config: fc.Arbitrary<ReferenceConfig> = fc
  .record({
    models: fc.tuple(model, model, model),
    rules: fc.record({ critical: rule, high: rule, normal: rule }, { requiredKeys: [] }),
    maxParked: fc.constantFrom(0, 1, 2, 1_000),
    retries: fc.option(
      fc.record(
        { maxRetries: fc.integer({ min: 0, max: 5 }), maxMs: fc.constantFrom(1_001, 2_001) },
        { requiredKeys: [] },
      ),
      { nil: undefined, freq: 3 },
    ),
  })
  .map(({ models, rules, maxParked, retries }) => ({
    maxParked,
    ...(retries !== undefined && { retries }),
    models: models.map((options, index) => ({ name: NAMES[index]!, ...options })),
    rules: Object.entries(rules).map(([priority, { order, targets, whenUnavailable, retries: own }]) => ({
      whenUnavailable,
      ...own,
      priority: priority as PriorityClass,
      targets: order.slice(0, targets),
      fallback: order.slice(targets),
    })),
  }));

const COMMANDS = ['pause', 'resume', 'resume', 'drain', 'forceOpen', 'forceClosed', 'reset', 'reset'] as const;

const command = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('submit' as const),
      priority: fc.constantFrom(...PRIORITY_CLASSES),
      timeoutMs: fc.constantFrom(503, 3_001, 120_007),
      model: fc.option(fc.constantFrom(...NAMES), { nil: undefined, freq: 5 }),
      fallback: fc.option(fc.constant(false), { nil: undefined, freq: 5 }),
      whenUnavailable: fc.option(fc.constantFrom<'wait' | 'fail'>('wait', 'fail'), { nil: undefined, freq: 3 }),
      maxRetries: fc.option(fc.integer({ min: 0, max: 5 }), { nil: undefined, freq: 2 }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('finish' as const),
      call: fc.nat(),
      outcome: fc.constantFrom<Outcome>(
        'success',
        'success',
        'failure',
        'failure',
        'failure',
        'ignored',
        'rate_limited',
        'refused_key',
      ),
      limitMs: fc.option(fc.constantFrom(2_003, 9_000_011), { nil: undefined, freq: 8 }),
      retryAfterMs: fc.option(fc.constantFrom(997, 2_003, 9_000_011), { nil: undefined, freq: 3 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('abort' as const), request: fc.nat() }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('operate' as const),
      command: fc.constantFrom(...COMMANDS),
      model: fc.constantFrom(...NAMES),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('advance' as const),
      ms: fc.constantFrom(1, 50, 409, 1_100, 5_100, 16_000, 61_000),
    }),
  },
);

async function compare(
  given: ReferenceConfig,
  commands: readonly (typeof command extends fc.Arbitrary<infer T> ? T : never)[],
) {
  const real = new Real(given);
  const reference = new ReferenceRouter(given);
  const ids: string[] = [];
  for (const step of commands) {
    // A little time passes before each command, a binary fraction so that sums stay exact: nothing coincides by chance.
    reference.advance(1 / 256);
    await real.clock.advance(1 / 256);
    switch (step.kind) {
      case 'submit': {
        const id = `req-${ids.length + 1}`;
        ids.push(id);
        const options = {
          priority: step.priority,
          timeoutMs: step.timeoutMs + ids.length / 4_096,
          ...(step.model !== undefined && { model: step.model }),
          ...(step.fallback !== undefined && { fallback: step.fallback }),
          ...(step.whenUnavailable !== undefined && { whenUnavailable: step.whenUnavailable }),
          ...(step.maxRetries !== undefined && { maxRetries: step.maxRetries }),
        };
        reference.submit({ id, ...options });
        real.submit(id, options);
        break;
      }
      case 'finish': {
        const calls = reference.openCalls();
        if (calls.length === 0) break;
        const { id, model: name } = calls[step.call % calls.length]!;
        const open = calls.filter((call) => call.id === id && call.model === name).length;
        // A limit sends all that wait on at once, whose time limits then end at once too: in whose order, nobody says.
        const hintMs = step.outcome === 'rate_limited' ? step.limitMs : step.retryAfterMs;
        reference.finish(id, name, step.outcome, hintMs === undefined ? {} : { retryAfterMs: hintMs });
        real.finish(id, name, open, step.outcome, hintMs);
        break;
      }
      case 'operate':
        reference[step.command](step.model);
        real.router[step.command](step.model);
        break;
      case 'abort': {
        if (ids.length === 0) break;
        const id = ids[step.request % ids.length]!;
        reference.abort(id);
        real.abort(id);
        break;
      }
      default:
        reference.advance(step.ms);
        await real.clock.advance(step.ms);
    }
    await settled();
    expect(observe(real.router, real.clock, real.results)).toEqual(reference.observe());
  }
  await real.clock.advance(10_000_000);
  await real.router.stop({ graceMs: 0 });
  expect(Object.keys(real.results).sort()).toEqual(ids.sort());
  expect(real.clock.pending).toBe(0);
}

describe('the router and a naive reference written from the design alone', () => {
  it('agree after every step of a thousand random runs', async () => {
    await fc.assert(
      fc.asyncProperty(config, fc.array(command, { minLength: 5, maxLength: 60, size: 'max' }), compare),
      {
        numRuns: Number(process.env['REFERENCE_RUNS'] ?? 1_000),
        seed: Number(process.env['REFERENCE_SEED'] ?? 20_261_124),
      },
    );
  }, 120_000);
});

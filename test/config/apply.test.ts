import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { DEFAULT_BREAKER } from '../../src/breaker/options.ts';
import { applyConfig } from '../../src/config/apply.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { RouterConfig } from '../../src/config/router-config.ts';
import { ConfigurationError } from '../../src/errors.ts';
import { LLMRouter } from '../../src/llm-router.ts';
import { policyOf } from '../../src/verify/policy.ts';
import { ScriptedBackend } from '../support/scripted-backend.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

const routers: LLMRouter[] = [];
afterEach(async () => {
  await Promise.all(routers.splice(0).map((router) => router.stop({ graceMs: 0 })));
});
const kept = (router: LLMRouter): LLMRouter => {
  routers.push(router);
  return router;
};

const BREAKER = {
  policy: 'count',
  failureThreshold: 3,
  windowSize: 30,
  windowMs: 5_000,
  failureRate: 0.4,
  minimumCalls: 7,
  slowCallMs: 900,
  slowCallRate: 0.6,
  silenceFloorMs: 100,
  silenceFactor: 3,
  observe: true,
  successThreshold: 2,
  recoveryTimeoutMs: 4_000,
  maxOpenMs: 8_000,
  openJitter: 0.1,
  halfOpenMaxProbes: 2,
  probeTimeoutMs: 3_000,
  maxHintMs: 70_000,
} as const;
const OF_MODEL = {
  maxQueueDepth: 12,
  maxConcurrency: 5,
  attemptTimeoutMs: 11_000,
  firstTokenTimeoutMs: 12_000,
  idleTimeoutMs: 13_000,
  minTokensPerSecond: 2,
  upstreamStreaming: false,
  abortGraceMs: 400,
  weight: 3,
  pricing: { inputPerMillion: 1, outputPerMillion: 2 },
  contextWindow: 8_000,
  upstream: 'gpu-1',
  options: { x: 1 },
  breaker: BREAKER,
} as const;
const RULE = {
  name: 'urgent',
  targets: ['full'],
  fallback: ['plain'],
  strategy: 'cost',
  timeoutMs: 9_000,
  whenUnavailable: 'wait',
  maxRetries: 1,
  onStreamFailure: 'restart',
} as const;
const MATCH = { priority: ['high', 'critical'], metadata: { tenant: 'acme' } } as const;
const OF_ROUTER = {
  breaker: { failureThreshold: 9 },
  retries: { maxRetries: 4, baseMs: 50, maxMs: 700 },
  timeoutMs: 33_000,
  readerTimeoutMs: 44_000,
  seed: 5,
};
const BOOSTS = { critical: 4, high: 3, normal: 2, low: 1 };

const CONFIG: RouterConfig = {
  models: {
    full: { provider: 'simulated', latencyMs: 3, ...OF_MODEL, expectedLatencyMs: 250 },
    plain: { provider: 'simulated' },
    local: { provider: 'ollama', model: 'llama3' },
    vectors: { provider: 'simulated', serves: 'embeddings' },
  },
  rules: [
    { match: MATCH, ...RULE, expectedRps: 2 },
    { match: 'low', targets: ['plain'] },
  ],
  ...OF_ROUTER,
  queue: { maxQueueDepth: 20, maxConcurrency: 16, maxParked: 77, boostMs: BOOSTS },
  cache: { maxEntries: 50, embedder: false, ttlHours: 2 },
};

/** The same by hand. */
function handmade(clock: VirtualClock): LLMRouter {
  const usual = { maxQueueDepth: 20, maxConcurrency: 10 };
  return kept(new LLMRouter({ ...OF_ROUTER, maxParked: 77, boostMs: BOOSTS, clock }))
    .addModel('full', { provider: 'simulated', latencyMs: 3, ...OF_MODEL })
    .addModel('plain', { provider: 'simulated', ...usual })
    .addModel('local', { provider: 'ollama', model: 'llama3', ...usual })
    .addModel('vectors', { provider: 'simulated', serves: 'embeddings', ...usual })
    .addRoute(MATCH, RULE)
    .addRoute('low', { targets: ['plain'] })
    .enableCache({ maxEntries: 50, embedder: false, ttlHours: 2 }) as LLMRouter;
}

/** All that a router's charts know, and what it shows. */
function inside(router: LLMRouter): unknown {
  const { models, rules, maxParked, boosts, strategies, chatModels } = router.actor.getSnapshot().context;
  return {
    models: Object.entries(models)
      .map(([name, ref]) => [name, ref.getSnapshot().context])
      .map(([name, context]) => {
        const { limits, profile, breaker, seed } = context as never as Record<string, unknown>;
        return { name, limits, profile, breaker, seed };
      }),
    rules,
    maxParked,
    boosts,
    strategies,
    chatModels,
    status: router.getModelStatus(),
    cache: router.getStats().cache,
    plan: router.explain('hi', { priority: 'high', metadata: { tenant: 'acme' } }),
  };
}

describe('a router of a configuration', () => {
  it('is the one that is made by hand with the same options', () => {
    const clock = new VirtualClock();
    expect(inside(kept(LLMRouter.fromConfig(CONFIG, { clock })))).toEqual(inside(handmade(clock)));
  });

  it('is the same from YAML and from JSON', () => {
    const folder = mkdtempSync(join(tmpdir(), 'llm-router-config-'));
    try {
      writeFileSync(join(folder, 'a.json'), JSON.stringify(CONFIG));
      writeFileSync(join(folder, 'a.yaml'), YAML);
      const clock = new VirtualClock();
      const [json, yaml] = ['a.json', 'a.yaml'].map((name) =>
        inside(kept(LLMRouter.fromConfig(join(folder, name), { clock, environment: { DEPTH: '20', RETRIES: '4' } }))),
      );
      expect(yaml).toEqual(json);
      expect(json).toEqual(inside(handmade(clock)));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('answers', async () => {
    const models = { a: { provider: 'simulated', latencyMs: 0, answer: 'from a' } };
    const router = kept(LLMRouter.fromConfig({ models }));
    expect((await router.generate('hi')).content).toBe('from a');
  });

  it('takes its clock, seed and id from its maker, who comes before the file', async () => {
    const clock = new VirtualClock();
    const router = kept(LLMRouter.fromConfig(CONFIG, { clock, seed: 6, id: 'x' }));
    const other = kept(new LLMRouter({ clock, seed: 6 }));
    expect(router.actor.getSnapshot().context.strategies.seed).toBe(other.actor.getSnapshot().context.strategies.seed);
    const answer = router.generate('hi', { model: 'plain' });
    await clock.advance(10_000);
    expect((await answer).requestId).toBe('x-1');
  });

  it('takes backends in place of providers, whose options are checked all the same', async () => {
    const backend = new ScriptedBackend();
    const config = { models: { a: { provider: 'openai', model: 'm', weight: 2 } } };
    const router = kept(LLMRouter.fromConfig(config, { backendOf: (name) => (name === 'a' ? backend : undefined) }));
    const answer = router.generate('hi');
    backend.last.succeed({ content: 'scripted' });
    expect((await answer).content).toBe('scripted');
    const wrong = { models: { a: { provider: 'openai', model: 'm', zzz: 2 } } };
    expect(() => LLMRouter.fromConfig(wrong, { backendOf: () => backend })).toThrow('models.a.zzz: no such option');
  });

  it('is stopped when its provider cannot be made, and its maker gets the error', () => {
    let stopped = 0;
    const inspect = (event: { readonly type: string; readonly event?: { readonly type: string } }): void => {
      if (event.type === '@xstate.event' && event.event?.type === 'end') stopped++;
    };
    const backendOf = (): never => {
      throw new Error('no backend today');
    };
    expect(() => LLMRouter.fromConfig(CONFIG, { backendOf, inspect })).toThrow('no backend today');
    expect(stopped).toBe(1);
  });

  it('has the defaults of all models, where they leave a queue', () => {
    const { config } = loadConfig({
      models: {
        a: { provider: 'ollama', model: 'm' },
        b: { provider: 'simulated', maxQueueDepth: 5 },
        c: { provider: 'simulated', maxQueueDepth: 5, maxConcurrency: 5 },
      },
      queue: { maxConcurrency: 8 },
    });
    const limits = policyOf(config).models.map(({ maxQueueDepth, maxConcurrency }) => [maxQueueDepth, maxConcurrency]);
    expect(limits).toEqual([
      [100, 8],
      [5, 3],
      [5, 5],
    ]);
  });

  it.each<[object, string]>([
    [{ enviroment: {} }, 'LLMRouter.fromConfig().enviroment: no such option; did you mean environment? accepted: '],
    [{ timeoutMs: 5 }, 'LLMRouter.fromConfig().timeoutMs: no such option; accepted: environment, '],
    [
      { backendOf: {} },
      'LLMRouter.fromConfig().backendOf: given an object; accepted: a function of the name of a model',
    ],
  ])('is not made with wrong options: %j', (options, message) => {
    const make = () => LLMRouter.fromConfig({ models: { a: { provider: 'simulated' } } }, options);
    expect(make).toThrow(ConfigurationError);
    expect(make).toThrow(message);
  });

  it('keeps what it had when a configuration is added to it', () => {
    const router = kept(new LLMRouter()).addModel('own', { provider: 'simulated' }) as LLMRouter;
    applyConfig(router, { models: { a: { provider: 'simulated' } }, rules: [{ targets: ['a', 'own'] }] });
    expect(Object.keys(router.getModelStatus())).toEqual(['own', 'a']);
    expect(() => applyConfig(router, { models: { own: { provider: 'simulated' } } })).toThrow('a free name');
  });
});

describe('the policy of a configuration', () => {
  it('has every figure that its router has', () => {
    const clock = new VirtualClock();
    const { context } = handmade(clock).actor.getSnapshot();
    const policy = policyOf(loadConfig(CONFIG).config);
    expect(policy.boosts).toEqual(context.boosts);
    expect(policy.maxParked).toBe(context.maxParked);
    expect(policy.rules.map(({ expectedRps: _, ...rule }) => rule)).toEqual(context.rules);
    expect(policy.rules.map(({ expectedRps }) => expectedRps)).toEqual([2, null]);
    expect(policy.models.map(({ name }) => name)).toEqual(context.chatModels);
    for (const model of policy.models) {
      const { limits, profile, breaker } = context.models[model.name]!.getSnapshot().context;
      const { name: _, isStreamed, upstream, expectedLatencyMs, breaker: own, ...figures } = model;
      expect(own).toEqual(breaker.options);
      expect({ ...limits, ...profile }).toMatchObject(figures);
      expect(isStreamed).toBe(model.name !== 'full');
      expect([upstream, expectedLatencyMs]).toEqual(model.name === 'full' ? ['gpu-1', 250] : [null, 1_000]);
    }
    expect([policy.timeoutMs, policy.maxRetries, policy.backoff]).toEqual([33_000, 4, { baseMs: 50, maxMs: 700 }]);
  });

  it('has the defaults of everything that is not said', () => {
    const { models, ...rest } = policyOf({ models: { a: { provider: 'ollama', model: 'm' } } });
    expect(models).toEqual([
      expect.objectContaining({ maxConcurrency: 1, breaker: DEFAULT_BREAKER, isStreamed: true }),
    ]);
    expect(rest).toEqual({
      rules: [],
      boosts: { critical: 60_000, high: 45_000, normal: 5_000, low: 0 },
      maxParked: 1_000,
      timeoutMs: 120_000,
      maxRetries: 2,
      backoff: { baseMs: 500, maxMs: 8_000 },
    });
    expect(policyOf({ models: { a: { provider: 'simulated' } }, breaker: false }).models[0]!.breaker).toBeNull();
  });

  it('leaves candidates as they are written', () => {
    const rules = [{ targets: ['nobody', 'a', 'a'], fallback: ['a'] }];
    const { config } = loadConfig({ models: { a: { provider: 'simulated' } }, rules }, { semantics: 'keep' });
    expect(policyOf(config).rules[0]).toMatchObject({ name: 'any', targets: ['nobody', 'a', 'a'], fallback: ['a'] });
  });
});

/** The same as CONFIG, as people write it. */
const YAML = `# A router.
models:
  full:
    provider: simulated
    latencyMs: 3
    maxQueueDepth: 12
    maxConcurrency: 5
    attemptTimeoutMs: 11000
    firstTokenTimeoutMs: 12000
    idleTimeoutMs: 13000
    minTokensPerSecond: 2
    upstreamStreaming: false
    abortGraceMs: 400
    weight: 3
    pricing: { inputPerMillion: 1, outputPerMillion: 2 }
    contextWindow: 8000
    upstream: gpu-1
    options:
      x: 1
    breaker:
      policy: count
      failureThreshold: 3
      windowSize: 30
      windowMs: 5e3
      failureRate: 0.4
      minimumCalls: 7
      slowCallMs: 900
      slowCallRate: .6
      silenceFloorMs: 100
      silenceFactor: 3
      observe: true
      successThreshold: 2
      recoveryTimeoutMs: 4000
      maxOpenMs: 8000
      openJitter: 0.1
      halfOpenMaxProbes: 2
      probeTimeoutMs: 3000
      maxHintMs: 70000
    expectedLatencyMs: 250
  plain: { provider: simulated }
  local: { provider: ollama, model: llama3 }
  vectors: { provider: simulated, serves: embeddings }
rules:
  - match:
      priority: [high, critical]
      metadata: { tenant: acme }
    name: urgent
    targets: [full]
    fallback: [plain]
    strategy: cost
    timeoutMs: 9000
    whenUnavailable: wait
    maxRetries: 1
    onStreamFailure: restart
    expectedRps: 2
  - match: low
    targets:
      - plain
breaker: { failureThreshold: 9 }
retries: { maxRetries: "\${RETRIES}", baseMs: 50, maxMs: 700 }
timeoutMs: 33000
readerTimeoutMs: 44000
seed: 5
queue:
  maxQueueDepth: \${DEPTH}
  maxConcurrency: 16
  maxParked: 77
  boostMs: { critical: 4, high: 3, normal: 2, low: 1 }
cache: { maxEntries: 50, embedder: false, ttlHours: 2 }
`;

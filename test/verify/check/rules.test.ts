import { describe, expect, it } from 'vitest';
import { createMachine } from 'xstate';
import { modelMachine } from '../../../machines/model/model.machine.ts';
import type { RouterConfig, RuleConfig } from '../../../src/config/router-config.ts';
import { LLMRouter } from '../../../src/llm-router.ts';
import { hashSeed, nextRandom } from '../../../src/random.ts';
import { type MetadataMatch, matches, type RuleMatch, type Scalar } from '../../../src/routing/match.ts';
import { assertPolicy } from '../../../src/verify/check/assert-policy.ts';
import { checkPolicy } from '../../../src/verify/check/check-policy.ts';
import { exampleOf, type Metadata } from '../../../src/verify/check/example.ts';
import { requestKinds } from '../../../src/verify/check/request-kinds.ts';
import { routingOf } from '../../../src/verify/check/routes.ts';
import { policyOf } from '../../../src/verify/policy.ts';

const small = {
  provider: 'simulated',
  maxConcurrency: 1,
  maxQueueDepth: 2,
  breaker: { failureThreshold: 1, successThreshold: 2 },
} as const;
const models = { a: small, b: small };
const rule = (name: string, metadata: RuleMatch['metadata'], given: Partial<RuleConfig> = {}): RuleConfig => ({
  name,
  ...(metadata && { match: { metadata } }),
  targets: ['a'],
  fallback: ['b'],
  ...given,
});
const findingsOf = (config: RouterConfig, code: string, options = {}) =>
  checkPolicy(config, options).findings.filter((finding) => finding.code === code);

/** Which rule takes it, by the router itself. */
async function ruleOf(config: RouterConfig, metadata: Metadata): Promise<string | null> {
  const router = LLMRouter.fromConfig(config);
  const { rule: taker } = router.explain('x', { metadata });
  await router.stop();
  return taker;
}

/** Of pairs of keys, one of which two rules share: all `count + 1` of them cannot have one of `count` values each. */
function pigeonholes(count: number): readonly RuleConfig[] {
  const holes = Array.from({ length: count }, (_, hole) => hole);
  const keys = [...holes, count].map((pigeon) => `p${pigeon}`);
  const pairs = keys.flatMap((one, index) => keys.slice(0, index).map((other) => [one, other] as const));
  const low = (name: string, metadata: RuleMatch['metadata'], target: string): RuleConfig => ({
    name,
    match: { priority: 'low', ...(metadata && { metadata }) },
    targets: [target],
  });
  return [
    ...holes.flatMap((hole) =>
      pairs.map(([one, other]) => low(`${one}-${other}-${hole}`, { [one]: hole, [other]: hole }, 'a')),
    ),
    low('last', Object.fromEntries(keys.map((key) => [key, holes])), 'c'),
  ];
}

describe('a rule that requests reach', () => {
  const config = {
    models,
    retries: { maxRetries: 0 },
    rules: [
      rule('p0', { k: 'a' }),
      rule('p1', { k: { prefix: 'a~' } }),
      rule('p2', { k: { prefix: 'a' } }, { targets: ['b'], fallback: [] }),
      rule('rest', undefined),
    ],
  };

  it('is looked at where earlier ones name its prefix, and longer texts', async () => {
    const { classes, isExhaustive } = checkPolicy(config);
    const route = routingOf(policyOf(config)).routes.find((one) => one.rule?.name === 'p2')!;

    expect(isExhaustive).toBe(true);
    expect(classes.map((figures) => figures.rule)).toContain('p2');
    expect(await ruleOf(config, route.metadata)).toBe('p2');
    expect(findingsOf(config, 'single_point_of_failure')).toMatchObject([{ rule: 'p2' }]);
  });

  it('is seen by a property', () => {
    const rules = new Set<string | null>();
    assertPolicy(config, ({ rule: taker }) => rules.add(taker));

    expect([...rules]).toEqual(['p0', 'p1', 'p2', 'rest']);
  });

  it('has what its requests would have by a later rule in the requests of an earlier one', () => {
    const policy = policyOf({ models, rules: [rule('urgent', undefined, { match: 'critical' }), ...config.rules] });
    const urgent = routingOf(policy).routes[0]!;

    expect(requestKinds(policy, urgent, 100).kinds).toEqual([{}, { k: 'a' }, { k: 'a~' }, { k: 'a0' }]);
  });
});

describe('a rule that none reaches', () => {
  it('is hidden where several leave it nothing only together', async () => {
    const config = { models, rules: [rule('x', { t: 'x' }), rule('y', { t: 'y' }), rule('both', { t: ['x', 'y'] })] };

    expect(findingsOf(config, 'rule_hidden')).toMatchObject([
      { rule: 'both', where: 'rules[2]', message: expect.stringContaining("taken by 'x', 'y', which stand before it") },
    ]);
    expect([await ruleOf(config, { t: 'x' }), await ruleOf(config, { t: 'y' })]).toEqual(['x', 'y']);
  });

  it('is found at once, however many values it names', () => {
    const wide = Object.fromEntries('abcdefgh'.split('').map((key) => [key, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]]));
    const config = {
      models,
      rules: [rule('low', { a: [0, 1, 2, 3, 4] }), rule('up', { a: [5, 6, 7, 8, 9] }), rule('w', wide)],
    };

    expect(findingsOf(config, 'rule_hidden')).toMatchObject([{ rule: 'w' }]);
    expect(findingsOf({ models, rules: [rule('all', undefined), rule('w', wide)] }, 'rule_hidden')).toHaveLength(1);
  });

  it('is left open where that would take too long, and the report says so', () => {
    const open: RouterConfig = {
      models: { ...models, c: small },
      retries: { maxRetries: 0 },
      rules: [...pigeonholes(8), rule('rest', undefined)],
    };
    const report = checkPolicy(open);

    expect([report.isExhaustive, report.isDecided]).toEqual([false, false]);
    expect(report.bounds).toEqual(['whether low requests reach rule last was not found out in 100,000 steps']);
    expect(report.findings.map(({ code }) => code)).not.toContain('rule_hidden');
    expect(report.findings.map(({ code }) => code)).not.toContain('target_never_chosen');
    expect(() => assertPolicy(open, () => true, { maxCombinations: 10 })).toThrow(
      'whether low requests reach rule last was not found out',
    );
  });
});

describe('an example', () => {
  const TEXTS = ['', 'a', 'ab', 'b'];
  const VALUES: readonly Scalar[] = [...TEXTS, 'a0', 'a1', 'b0', 'ab0', '0', 1, true];

  it('is found where there is one, and else the rules that leave none', () => {
    let state = hashSeed(1, 'examples');
    const below = (bound: number): number => {
      const draw = nextRandom(state);
      state = draw.seed;
      return Math.floor(draw.value * bound);
    };
    const condition = (): MetadataMatch =>
      [{ prefix: TEXTS[below(4)]! }, VALUES[1 + below(2)]!, ['a', 'ab', VALUES[below(11)]!].slice(below(2))][below(3)]!;
    const match = (): RuleMatch => ({
      metadata: Object.fromEntries(['k', 'l'].filter(() => below(4) > 0).map((key) => [key, condition()])),
    });
    const kinds: Metadata[] = [undefined, ...VALUES].flatMap((k) =>
      [undefined, ...VALUES].map((l) => ({ ...(k !== undefined && { k }), ...(l !== undefined && { l }) })),
    );
    const takes = ({ match: wanted }: { readonly match: RuleMatch }, metadata: Metadata) =>
      matches(wanted, { priority: 'low', metadata });
    const met = { found: 0, hidden: 0, together: 0 };
    for (let turn = 0; turn < 1_500; turn++) {
      const earlier = Array.from({ length: below(9) }, () => ({ match: match() }));
      const own = { match: match() };
      const example = exampleOf(earlier, own.match);
      if (example.type === 'found') {
        expect(takes(own, example.metadata)).toBe(true);
        expect(earlier.some((one) => takes(one, example.metadata))).toBe(false);
        met.found++;
      } else {
        const hiders = example.type === 'hidden' ? example.hiders : [];
        expect(kinds.filter((kind) => takes(own, kind) && !hiders.some((one) => takes(one, kind)))).toEqual([]);
        met.hidden++;
        if (hiders.length > 1) met.together++;
      }
    }
    expect(Math.min(...Object.values(met))).toBeGreaterThan(5);
  });

  it('is not looked for in more than so many steps', () => {
    const rules = pigeonholes(4).map(({ match }) => ({ match: match as RuleMatch }));

    expect(exampleOf(rules.slice(0, -1), rules.at(-1)!.match, 10)).toEqual({ type: 'unsettled' });
    expect(exampleOf(rules.slice(0, -1), rules.at(-1)!.match).type).toBe('hidden');
  });
});

describe('a model that no request goes to', () => {
  it('is not the one that judges what the cache answers', () => {
    const config: RouterConfig = {
      models: { ...models, judge: small, idle: small },
      cache: { verify: { model: 'judge' } },
      rules: [rule('all', undefined)],
    };

    expect(findingsOf(config, 'target_never_chosen')).toMatchObject([{ models: ['idle'] }]);
  });

  it('is one that only a hidden rule names', async () => {
    const config = {
      models: { ...models, 'c.1': small },
      rules: [rule('all', undefined), rule('late', { t: 'x' }, { targets: ['c.1'] })],
    };

    expect(findingsOf(config, 'target_never_chosen')).toMatchObject([
      { where: 'models["c.1"]', message: expect.stringContaining('and no rule that has its turn names it') },
    ]);
    expect(await ruleOf(config, { t: 'x' })).toBe('all');
  });

  it('is a fallback behind a chart that never refuses', () => {
    const still = (state: string) => ({ initial: state, states: { [state]: {} } });
    const machine = createMachine(
      {
        ...modelMachine.config,
        states: { breaker: still('closed'), queue: still('accepting'), control: still('active') },
      } as never,
      modelMachine.implementations as never,
    ) as unknown as typeof modelMachine;

    expect(findingsOf({ models, rules: [rule('all', undefined)] }, 'target_never_chosen', { machine })).toMatchObject([
      { rule: 'all', where: 'rules[0].fallback[0]', models: ['b'] },
    ]);
  });
});

it('has the nearest spelling of a model that answers requests', () => {
  const config: RouterConfig = {
    models: { ...models, cloud: small, vectors: { provider: 'simulated', serves: 'embeddings' } },
    rules: [rule('all', undefined, { fallback: ['clowd', 'vector'] })],
  };

  expect(findingsOf(config, 'unknown_target').map(({ remedy }) => remedy)).toEqual([
    "Did you mean 'cloud'? Name one of a, b, cloud, or add 'clowd' to the models.",
    "Name one of a, b, cloud, or add 'vector' to the models.",
  ]);
});

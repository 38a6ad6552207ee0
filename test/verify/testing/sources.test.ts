import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { ConfigError } from '../../../src/config/config-error.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { LLMRouter } from '../../../src/llm-router.ts';
import {
  assertPolicy,
  checkPolicy,
  PolicyDriver,
  type PolicySource,
  policyCommands,
  policyOf,
  policyPaths,
  runWorkload,
  smallPolicy,
  testablePolicy,
  testPolicy,
} from '../../../src/verify/testing/index.ts';
import { CALLS } from './policies.ts';

/** What a file may write so, and a router is not told so. */
const TEXT = `{
  "models": { "a": { "provider": "simulated", "maxQueueDepth": "\${PLACES_THAT_NOBODY_SETS:-3}" } },
  "rules": [{ "match": "CRITICAL", "targets": ["a"] }],
  "breaker": { "openJitter": 0 },
  "retries": { "baseMs": 0 }
}`;
const folder = mkdtempSync(join(tmpdir(), 'policy-sources-'));
const file = join(folder, 'router.json');
writeFileSync(file, TEXT);
afterAll(() => rmSync(folder, { recursive: true }));

const POLICY = policyOf({ models: { a: { provider: 'simulated' } } });
const FEW = { alphabet: CALLS, maxStates: 3 } as const;

/** Everything that takes a configuration, and what can be told of its work. */
const FUNCTIONS: Readonly<Record<string, (source: PolicySource) => unknown>> = {
  policyOf,
  smallPolicy,
  testablePolicy,
  policyPaths: (source) => policyPaths(source, { ...FEW, coverage: 'states' }),
  testPolicy: (source) => testPolicy(source, { ...FEW, walks: 2, stepsPerWalk: 3 }),
  runWorkload: (source) => runWorkload(source, [{ kind: 'request', pick: 0, ms: null }]),
  policyCommands: (source) => policyCommands(fc, source).commands.length,
  checkPolicy: (source) => checkPolicy(source, { maxStates: 50 }).classes,
  assertPolicy: (source) => assertPolicy(source, () => true),
  PolicyDriver: (source) => {
    let given: unknown;
    new PolicyDriver(source, POLICY, ({ config, clock, backendOf }) => {
      given = config;
      return LLMRouter.fromConfig(config, { clock, backendOf });
    });
    return given;
  },
};

/** Counts how often the object is gone through. */
function watched(source: object) {
  const seen = { times: 0 };
  const proxy = new Proxy(source, {
    ownKeys(target) {
      seen.times++;
      return Reflect.ownKeys(target);
    },
  });
  return { proxy: proxy as never, seen };
}

describe.each(Object.entries(FUNCTIONS))('%s', (_, take) => {
  it('takes a path, a URL, an object and what is loaded already alike', async () => {
    const [one, ...others] = [file, pathToFileURL(file), JSON.parse(TEXT), loadConfig(file)];
    const expected = await take(one);

    expect(expected).toBeDefined();
    for (const source of others) expect(await take(source)).toEqual(expected);
  });

  it.each<[string, unknown]>([
    ['an empty object', {}],
    ['nothing', undefined],
    ['a file that is not there', join(folder, 'nowhere.yaml')],
    ['a model of no provider', { models: { a: {} } }],
  ])('gives a ConfigError for %s', async (_, source) => {
    const error: unknown = await (async () => take(source as never))().catch((thrown: unknown) => thrown);

    expect(error).toBeInstanceOf(ConfigError);
  });

  it('reads it once', async () => {
    const [once, taken] = [watched(JSON.parse(TEXT)), watched(JSON.parse(TEXT))];
    loadConfig(once.proxy);

    await take(taken.proxy);

    expect(once.seen.times).toBeGreaterThan(0);
    expect(taken.seen.times).toBe(once.seen.times);
  });
});

it('a text that looks like a reference once it is read is not read again by testPolicy', async () => {
  const config = {
    models: { a: { provider: 'simulated' }, b: { provider: 'simulated' } },
    rules: [{ match: { metadata: { tenant: '$${PATH}' } }, targets: ['b'] }, { targets: ['a'] }],
  };

  await expect(testPolicy(config, { walks: 2, maxPaths: 2, maxStates: 20 })).resolves.toMatchObject({ paths: 2 });
});

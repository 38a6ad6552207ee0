// biome-ignore-all lint/suspicious/noTemplateCurlyInString: such texts are what is tested
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect, it } from 'vitest';
import { configJsonSchema } from '../../src/config/json-schema.ts';
import { loadConfig } from '../../src/config/load.ts';

interface Validator {
  compile(schema: object): (value: unknown) => boolean;
}

/** The validator that fastify brings along. */
const fromFastify = createRequire(createRequire(import.meta.url).resolve('fastify'));
const Ajv = fromFastify('ajv') as new (options: object) => Validator;
const fits = new Ajv({ strict: false }).compile(configJsonSchema());

const environment = { PORT: '8080', ON: 'true', KEY: 'k' };
const takes = (config: object): boolean => {
  try {
    loadConfig(config, { environment });
    return true;
  } catch {
    return false;
  }
};
const with1 = (more: object): object => ({ models: { a: { provider: 'simulated' } }, ...more });
const model = (options: object): object => ({ models: { a: { provider: 'simulated', ...options } } });

it('is the schema that editors are given', () => {
  const file = readFileSync(new URL('../../docs/reference/config.schema.json', import.meta.url), 'utf8');
  expect(JSON.parse(file)).toEqual(configJsonSchema());
});

it.each<[string, object]>([
  ['one model', with1({})],
  [
    'a model of each provider',
    {
      models: {
        a: { provider: 'anthropic', model: 'm' },
        b: { provider: 'azure-openai', model: 'm', baseUrl: 'https://x.openai.azure.com' },
        c: { provider: 'ollama', model: 'm', options: { num_ctx: 5 } },
        d: { provider: 'openai', model: 'm', apiKey: '${KEY}' },
        e: { provider: 'simulated', latencyMs: { min: 1, max: 2 } },
      },
    },
  ],
  [
    'references for texts of a form, as `init` writes them',
    {
      models: {
        a: {
          provider: 'azure-openai',
          model: '${KEY}',
          baseUrl: 'https://${KEY}.openai.azure.com',
          apiVersion: '${KEY}',
          apiKey: '${KEY}',
          headers: { 'x-a': 'a ${KEY}' },
        },
      },
    },
  ],
  ['references for numbers and booleans', with1({ server: { port: '${PORT}' }, cache: { scopeByRoute: '${ON}' } })],
  [
    'rules',
    with1({
      rules: [
        { match: 'high', targets: ['a'] },
        { match: { priority: ['low'], metadata: { x: { prefix: 'y' } } }, targets: ['a'], strategy: 'cost' },
      ],
    }),
  ],
  ['no breaker', with1({ breaker: false })],
  ['boosts', with1({ queue: { boostMs: { low: 5 } } })],
  ['a cache', with1({ cache: { embedder: false, verify: { model: 'a' } } })],
])('takes what the loader takes: %s', (_what, config) => {
  expect([takes(config), fits(config)]).toEqual([true, true]);
});

it.each<[string, unknown]>([
  ['nothing', {}],
  ['an unknown key', with1({ route: [] })],
  ['an unknown key of a model', model({ wieght: 1 })],
  ['a key of another provider', model({ apiKey: 'x' })],
  ['a text of another form', { models: { a: { provider: 'openai', model: 'm', apiKey: 'a b' } } }],
  ['a backend', model({ backend: {} })],
  ['no provider', { models: { a: { model: 'm' } } }],
  ['no model at the provider', { models: { a: { provider: 'openai' } } }],
  ['a text for a number', with1({ timeoutMs: 'long' })],
  ['a number that is too small', with1({ timeoutMs: -1 })],
  ['a port that is too large', with1({ server: { port: 65_536 } })],
  ['a wrong word', with1({ rules: [{ targets: ['a'], strategy: 'rond-robin' }] })],
  ['a rule without targets', with1({ rules: [{ match: 'high' }] })],
  ['a wrong match', with1({ rules: [{ match: { prio: 'high' }, targets: ['a'] }] })],
  ['a breaker that is on', with1({ breaker: true })],
  ['a wrong option of a breaker', model({ breaker: { treshold: 5 } })],
])('refuses what the loader refuses: %s', (_what, config) => {
  expect([takes(config as object), fits(config)]).toEqual([false, false]);
});

// biome-ignore-all lint/suspicious/noTemplateCurlyInString: such texts are what is tested
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { pathOf, pathText } from '../../src/config/place.ts';
import { loadedFrom } from '../../src/verify/policy-source.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'llm-router-config-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function written(text: string, name = 'llm-router.yaml'): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

const TEXT = `models:
  gpt:
    provider: openai
    model: gpt-4o
    apiKey: \${KEY}
  "gpt-4.1":
    provider: openai
    model: gpt-4.1
rules:
  - targets: [gpt]
    fallback:
      - gpt-4.1
`;
const environment = { KEY: 'sk-1', EMPTY: '', ONE: '1', YES: 'true', WORD: 'x', YAML: '{ a: 1 }', proto: 'p' };

describe('a configuration', () => {
  it('is the same from a path, a URL and an object, in YAML and in JSON', () => {
    const file = written(TEXT);
    const { config } = loadConfig(file, { environment });
    expect(config).toEqual({
      models: {
        gpt: { provider: 'openai', model: 'gpt-4o', apiKey: 'sk-1' },
        'gpt-4.1': { provider: 'openai', model: 'gpt-4.1' },
      },
      rules: [{ targets: ['gpt'], fallback: ['gpt-4.1'] }],
    });
    const json = written(JSON.stringify(config, null, '\t'), 'llm-router.json');
    for (const source of [pathToFileURL(file), json, written(TEXT, 'router.conf'), config]) {
      expect(loadConfig(source, { environment }).config).toEqual(config);
    }
  });

  it('is told as it is written, without what its variables hold', () => {
    const loaded = loadConfig(written(TEXT), { environment });
    expect(loaded.written.models['gpt']).toEqual({ provider: 'openai', model: 'gpt-4o', apiKey: '${KEY}' });
    expect(JSON.stringify(loaded.written)).not.toContain('sk-1');
  });

  it('knows the line of each value, and of what one is missing in', () => {
    const file = written(TEXT);
    const { lineOf, placeOf, file: named } = loadConfig(file, { environment });
    expect(named).toBe(file);
    expect(lineOf('models.gpt.apiKey')).toBe(5);
    expect(lineOf('models["gpt-4.1"].model')).toBe(8);
    expect(lineOf('rules[0].fallback[0]')).toBe(12);
    expect(lineOf(['rules', 0, 'timeoutMs'])).toBe(10);
    expect(lineOf('cache.path')).toBe(1);
    expect(placeOf('rules[0].fallback[0]')).toEqual({ line: 12, column: 9 });
    expect(loadConfig({ models: { a: { provider: 'simulated' } } }).lineOf('models.a')).toBeUndefined();
  });

  it('takes anchors, the core schema of YAML 1.2 and texts of several lines', () => {
    const file = written(
      '%YAML 1.1\n---\nmodels:\n  a: &a { provider: simulated, latencyMs: 0x10, seed: -1, answer: yes }\n  b: *a\n  c:\n    provider: simulated\n    answer: |\n      one\n      two\n    upstream: "012"\n',
    );
    const a = { provider: 'simulated', latencyMs: 16, seed: -1, answer: 'yes' };
    const { config, lineOf } = loadConfig(file);
    expect(config.models).toEqual({ a, b: a, c: { provider: 'simulated', answer: 'one\ntwo\n', upstream: '012' } });
    expect([lineOf('models.b'), lineOf('models.b.seed')]).toEqual([5, 4]);
  });

  it('takes any options of a provider that was registered, and of a built-in one that was replaced', async () => {
    vi.resetModules();
    const [{ registerBackend: register }, { loadConfig: load }] = await Promise.all([
      import('../../src/backends/registry.ts'),
      import('../../src/config/load.ts'),
    ]);
    const config = { models: { a: { provider: 'mine', zzz: 1 }, b: { provider: 'openai', zzz: 1 } } };
    expect(() => load(config)).toThrow('models.a.provider: given "mine"; accepted: anthropic,');
    for (const name of ['mine', 'openai']) register(name, () => ({ generate: async () => ({ content: '' }) }));
    expect(load(config).config).toEqual(config);
    expect(() => load({ models: { a: { provider: 'mine', weight: 0 } } })).toThrow('models.a.weight: given 0');
  });

  it('leaves candidates to its caller, where that is asked', () => {
    const file = written(`${TEXT}  - match: high\n    targets: [nobody, "\${KEY}", gpt]\n    fallback: [gpt]\n`);
    const loaded = loadConfig(file, { environment, semantics: 'keep' });
    expect(loaded.config.rules![1]!.targets).toEqual(['nobody', 'sk-1', 'gpt']);
    expect(() => loadConfig(file, { environment })).toThrow(
      [
        `${file}:14:15 rules[1].targets[0]: given "nobody"; accepted: a model (gpt, gpt-4.1)`,
        `${file}:14:23 rules[1].targets[1]: given "\${KEY}"; accepted: a model (gpt, gpt-4.1)`,
        `${file}:15:16 rules[1].fallback[0]: given "gpt" twice among its targets and fallbacks; accepted: each model once`,
      ].join('\n'),
    );
  });

  it('tells of candidates with all that is wrong besides, also where they are left to its caller', () => {
    const wrong = written(`${TEXT}  - { name: gpt, targets: [nobody] }\n`);
    expect(() => loadConfig(wrong, { environment, semantics: 'keep' })).toThrow(
      [
        `${wrong}:13:7 rules[1].name: given "gpt"; accepted: a name that no model has`,
        `${wrong}:13:28 rules[1].targets[0]: given "nobody"; accepted: a model (gpt, gpt-4.1)`,
      ].join('\n'),
    );
  });
});

describe('a reference', () => {
  const answerOf = (answer: string, options = {}): unknown =>
    loadConfig({ models: { a: { provider: 'simulated', answer } } }, { environment, ...options }).config.models['a']![
      'answer'
    ];

  it.each([
    ['${KEY}', 'sk-1'],
    ['Bearer ${KEY}, ${ONE}', 'Bearer sk-1, 1'],
    ['${NO_SUCH:-usual}', 'usual'],
    ['${EMPTY:-usual}', 'usual'],
    ['${NO_SUCH:-}', ''],
    ['${EMPTY}', ''],
    ['$${KEY}', '${KEY}'],
    ['$$${KEY}', '$${KEY}'],
    ['$KEY', '$KEY'],
    ['${ONE}', '1'],
    ['${YAML}', '{ a: 1 }'],
  ])('%s stands for %j', (text, expected) => {
    expect(answerOf(text)).toBe(expected);
  });

  it.each(['${toString}', '${constructor}'])('finds nothing that an environment inherits: %s', (text) => {
    expect(() => answerOf(text)).toThrow(/the variable \w+ is not set/);
  });

  it('stands for a number or a boolean where no text is taken, and is the whole value', () => {
    const model = { provider: 'simulated', latencyMs: { min: '${ONE}', max: '${NO_SUCH:-2.5e1}' } };
    const more = { upstreamStreaming: '${YES}', metadata: 1 };
    const { config } = loadConfig(
      {
        models: { a: { ...model, upstreamStreaming: more.upstreamStreaming } },
        breaker: '${OFF:-false}',
        rules: [{ match: { metadata: { n: '${ONE}' } }, targets: ['a'] }],
      },
      { environment },
    );
    expect(config).toEqual({
      models: { a: { provider: 'simulated', latencyMs: { min: 1, max: 25 }, upstreamStreaming: true } },
      breaker: false,
      rules: [{ match: { metadata: { n: '1' } }, targets: ['a'] }],
    });
    expect(() => loadConfig({ models: { a: { provider: 'simulated' } }, seed: '1${ONE}' }, { environment })).toThrow(
      'seed: given "1${ONE}"; accepted: an integer',
    );
  });

  it('is no reference in a key', () => {
    const { config } = loadConfig(
      { models: { a: { provider: 'simulated', options: { '${KEY}': 1 } } } },
      { environment },
    );
    expect(config.models['a']!.options).toEqual({ '${KEY}': 1 });
  });

  it('to a variable that is not set stays as it is written, where that is asked and a text is taken', () => {
    const missing = { missing: 'keep' } as const;
    expect(answerOf('a ${NO_SUCH}', missing)).toBe('a ${NO_SUCH}');
    const url = {
      models: { a: { provider: 'ollama', model: 'm', baseUrl: 'http://${HOST}:1', headers: { x: '${Y}' } } },
    };
    expect(loadConfig(url, missing).config).toEqual(url);
    expect(() => loadConfig({ ...url, timeoutMs: '${NO_SUCH}' }, missing)).toThrow(
      'timeoutMs: given "${NO_SUCH}", whose variable is not set; accepted: milliseconds above 0',
    );
  });

  it('cannot make a configuration grow without end', () => {
    const environment = { LONG: 'x'.repeat(100_000) };
    expect(() => answerOf('${LONG}'.repeat(20), { environment })).toThrow(
      'models.a.answer: the variables stand for more than 1,048,576 letters; accepted: at most as many',
    );
  });
});

it('a policy that is nothing is refused as a configuration is', () => {
  expect(() => loadedFrom(null as never)).toThrow('config: given null; accepted: an object with models');
});

it.each([
  [[]],
  [['models', 'gpt-4.1', 'apiKey']],
  [['rules', 1, 'fallback', 0]],
  [['a b', '"', 'x.y[0]', 2]],
  [['\n', '\u009b2J', '\u2028', '\u{e0001}']],
])('a path is read as it is written: %j', (path) => {
  expect(pathOf(pathText(path))).toEqual(path);
});

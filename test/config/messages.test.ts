// biome-ignore-all lint/suspicious/noTemplateCurlyInString: such texts are what is tested
import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../src/config/config-error.ts';
import { type LoadOptions, loadConfig } from '../../src/config/load.ts';

const SIMULATED = { provider: 'simulated' };
const models = { gpt: SIMULATED, local: SIMULATED };

function refused(config: object, environment: Record<string, string> = {}, options: LoadOptions = {}): string {
  try {
    loadConfig(config, { environment, ...options });
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as Error).message;
  }
  throw new Error('it was accepted');
}

/** What grows with the square of a file took half a minute and more. */
const LONGEST_MS = 15_000;
const KEY = 'sk-live-0123456789abcdef';

describe('a mistake, and no failure of the reader, is', () => {
  it('a cache that names models where there are none', () => {
    const cache = { embedder: { provider: 'router', model: 'e', maxTokens: 5 }, verify: { model: 'j' } };
    expect(refused({ cache }).split('\n')).toEqual([
      'models: given nothing; accepted: an object of models by name, at least one',
      'cache.verify.model: given "j"; accepted: a model that answers requests (there is none)',
      'cache.embedder.model: given "e"; accepted: a model that serves embeddings (there is none)',
    ]);
  });

  it('a queue that is nothing', () => {
    expect(refused({ models, queue: null })).toMatch(/^queue: given null; accepted: [^\n]*$/);
  });

  it('a wrong default of all models, told once', () => {
    expect(refused({ models, queue: { maxQueueDepth: 'x' } })).toMatch(/^queue\.maxQueueDepth: [^\n]*$/);
  });

  it('a configuration of which no model answers requests', () => {
    expect(refused({ models: { e: { ...SIMULATED, serves: 'embeddings' } } })).toBe(
      'models: none that answers requests; accepted: at least one whose serves is chat, the default',
    );
  });

  it.each([
    ['a host', 'file://host/x'],
    ['an escaped slash', 'file:///a%2Fb'],
    ['half an escape', 'file:///a%zz'],
  ])('a URL of a file with %s', (_what, url) => {
    expect(refused(new URL(url))).toMatch(/^config: given a URL of file: with a host/);
  });
});

describe('what a variable holds is not told', () => {
  const rule = (one: object, environment: Record<string, string>): string =>
    refused({ models, rules: [{ targets: ['gpt'], ...one }] }, environment);

  it.each(['hush hush', `${KEY} x`, 'gpt'])('as the name of a rule: %s', (secret) => {
    const message = rule({ name: '${NAME}' }, { NAME: secret });
    expect(message).toMatch(/^rules\[0\]\.name: given (?:the name )?"\$\{NAME\}"; accepted: /);
    expect(message).not.toContain(secret);
  });

  it('in a name that is made after a match', () => {
    const one = { match: { metadata: { t: '${NAME}' } }, targets: ['gpt'] };
    const message = refused({ models, rules: [one, one] }, { NAME: 'hush' });
    expect(message).toMatch(/^rules\[1\]: is called "metadata\.t:__NAME_-\w+" after its match, as rules\[0\] is; /);
  });

  it.each([KEY, 'sk-live'])('nor what looks like a key, in a name or in a match: %s', (key) => {
    expect(rule({ name: `${KEY} x` }, {})).toContain('given the name "[redacted]"; accepted');
    const one = { match: { metadata: { t: key } }, targets: ['gpt'] };
    expect(refused({ models, rules: [one, one] })).toContain('is called "[redacted]" after its match');
  });

  it('where it is equal to something else that is', () => {
    const config = { models: { 7: SIMULATED }, queue: { maxQueueDepth: '${DEPTH}', maxConcurrency: 9 } };
    expect(refused(config, { DEPTH: '7' }).split('\n')).toEqual([
      'queue.maxConcurrency: given 9; accepted: at most maxQueueDepth (${DEPTH})',
      'models.7: given a name of digits only; accepted: one with a letter',
    ]);
    const model = { ...SIMULATED, weight: '${FIVE}', maxQueueDepth: 5, maxConcurrency: 6 };
    expect(refused({ models: { a: model } }, { FIVE: '5' })).toBe(
      'models.a.maxConcurrency: given 6; accepted: at most maxQueueDepth (5)',
    );
  });

  it('by a hint', () => {
    const message = refused({ models, rules: [{ targets: ['${NAME}'] }] }, { NAME: 'gtp' });
    expect(message).toBe('rules[0].targets[0]: given "${NAME}"; accepted: a model (gpt, local)');
  });
});

describe('a variable that is not set is told as such', () => {
  it.each<[string, object, string]>([
    [
      'of a candidate',
      { rules: [{ targets: ['${T}'] }] },
      'rules[0].targets[0]: given "${T}", whose variable is not set; accepted: a model (gpt, local)',
    ],
    [
      'of a model of the cache',
      { cache: { verify: { model: '${J}' } } },
      'cache.verify.model: given "${J}", whose variable is not set; accepted: a model that answers requests (gpt, local)',
    ],
    [
      'of a name',
      { rules: [{ name: '${N}', targets: ['gpt'] }] },
      'rules[0].name: given the name "${N}", whose variable is not set; accepted: a letter or digit, ',
    ],
    [
      'of a text with more in it',
      { timeoutMs: 'a; "${T}' },
      'timeoutMs: given "a; \\"${T}", whose variable is not set; accepted: milliseconds above 0',
    ],
    [
      'of what may be a key',
      { cache: { embedder: { provider: 'local', maxTokens: '${T}' } } },
      'cache.embedder.maxTokens: given a string, whose variable is not set; accepted: ',
    ],
    [
      'but not of an option that there is not',
      { timeotMs: '${T}' },
      'timeotMs: no such option; did you mean timeoutMs?',
    ],
  ])('%s', (_what, more, message) => {
    expect(refused({ models, ...more }, {}, { missing: 'keep' }).slice(0, message.length)).toBe(message);
  });

  it('but of the server nothing is said while it is only looked at', () => {
    const server = { port: '${PORT}', drainDelayMs: '${DELAY}', allowHosts: ['${HOST}'] };
    expect(loadConfig({ models, server }, { environment: {}, missing: 'keep' }).config.server).toEqual(server);
    expect(refused({ models, server: { port: 'x' } }, {}, { missing: 'keep' })).toContain('server.port: given "x"');
  });
});

describe('what was meant is told', () => {
  it.each<[string, object, string]>([
    ['a target', { rules: [{ targets: ['gtp'] }] }, 'given "gtp"; did you mean gpt? accepted: a model (gpt, local)'],
    ['a judge', { cache: { verify: { model: 'locla' } } }, 'given "locla"; did you mean local? accepted: '],
    ['a class', { rules: [{ match: 'hihg', targets: ['gpt'] }] }, 'given "hihg"; did you mean high? accepted: '],
    [
      'a class among conditions',
      { rules: [{ match: { priority: 'nomal' }, targets: ['gpt'] }] },
      'given "nomal"; did you mean normal? accepted: ',
    ],
  ])('of %s', (_what, more, message) => {
    expect(refused({ models, ...more })).toContain(message);
  });

  it('of an embedder', () => {
    const cache = { embedder: { provider: 'router', model: 'embdr', maxTokens: 5 } };
    const config = { models: { ...models, embed: { ...SIMULATED, serves: 'embeddings' } }, cache };
    expect(refused(config)).toBe(
      'cache.embedder.model: given "embdr"; did you mean embed? accepted: a model that serves embeddings (embed)',
    );
  });
});

describe('a message', () => {
  const FORGED = '\n/etc/x:1:1 forged\u001b[2J\u009b2J\u2028\u202e';
  it.each<[string, object]>([
    ['a candidate', { models, rules: [{ targets: [FORGED] }] }],
    ['a candidate twice', { models: { ...models, [FORGED]: SIMULATED }, rules: [{ targets: [FORGED, FORGED] }] }],
    ['the name of a rule', { models, rules: [{ name: FORGED, targets: ['gpt'] }] }],
    ['a judge', { models, cache: { verify: { model: FORGED } } }],
    ['a provider', { models: { a: { provider: FORGED } } }],
    ['a key', { models, [FORGED]: 1 }],
    ['the name of a model', { models: { [FORGED]: SIMULATED }, rules: [{ targets: ['x'] }] }],
    ['an accessor', { models: Object.defineProperty({}, FORGED, { get: () => 1, enumerable: true }) }],
  ])('holds neither a line nor a sequence that somebody put into %s', (_what, config) => {
    const lines = refused(config).split('\n');
    for (const line of lines) {
      expect(line).toMatch(/^[\w.[\]"\\/ :…;]+: (?:given|no such option)/);
      expect(line).toMatch(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]*$/u);
    }
  });

  it('shows the names of models, which may look like keys, and the numbers of options that are called so', () => {
    const model = { ...SIMULATED, minTokensPerSecond: 0, weight: -1 };
    expect(refused({ models: { qwen2_5_coder_32b_instruct: model } }).split('\n')).toEqual([
      'models.qwen2_5_coder_32b_instruct.minTokensPerSecond: given 0; accepted: a number above 0',
      'models.qwen2_5_coder_32b_instruct.weight: given -1; accepted: a number above 0',
    ]);
    expect(refused({ models: { monkey: { ...SIMULATED, weight: -1 } } })).toContain('models.monkey.weight: given -1;');
  });

  it('cuts what is long, and lists the first of many names', () => {
    const many = Object.fromEntries(Array.from({ length: 25 }, (_, index) => [`m${index}`, SIMULATED]));
    const long = 'x'.repeat(150);
    const [first, second] = refused({ models: many, [long]: 1, rules: [{ targets: [long] }] }).split('\n');
    expect(first).toMatch(/^\["x{60}…"\]: no such option/);
    expect(second).toMatch(/given "x{60}…"; accepted: a model \(m0, .*, m19, … and 5 more\)$/);
  });
});

describe('reading takes no time that grows faster than the file', () => {
  const deep = (levels: number, letters: number, inside: unknown): object => {
    let value = inside;
    for (let level = 0; level < levels; level++) value = { [`${level}`.padEnd(letters, 'k')]: value };
    return { models: { a: { ...SIMULATED, options: value } } };
  };

  it('refuses a key of more than 200 letters', () => {
    expect(refused(deep(1, 201, 1))).toBe('models.a.options: given a key of 201 letters; accepted: at most 200');
    expect(loadConfig(deep(1, 200, 1)).config.models).toHaveProperty('a');
  });

  it.each([
    ['long keys around many values', deep(55, 900, Array(5_000).fill(1)), /given a key of 900 letters/],
    ['keys around many values', deep(55, 200, Array(9_000).fill(1)), /it stands for more than 100,000 values/],
  ])('%s', (_what, config, message) => {
    const start = performance.now();
    expect(refused(config)).toMatch(message);
    expect(performance.now() - start).toBeLessThan(LONGEST_MS);
  });

  it('many wrong candidates, of one rule and of many', () => {
    const names = Array.from({ length: 8_000 }, (_, index) => `name-${index}`);
    const few = Object.fromEntries(names.slice(0, 800).map((name) => [`${name}-x`, SIMULATED]));
    const start = performance.now();
    refused({ models: few, rules: [{ targets: names, fallback: names }] });
    refused({ models: few, rules: names.slice(0, 2_000).map((name) => ({ name, targets: [`${name}-y`] })) });
    expect(performance.now() - start).toBeLessThan(LONGEST_MS);
  });
});

describe('the options of the loader', () => {
  it.each<[object, string]>([
    [{ enviroment: {} }, 'loadConfig().enviroment: no such option; did you mean environment? accepted: '],
    [{ missing: 'kept' }, 'loadConfig().missing: given "kept"; did you mean keep? accepted: error or keep'],
    [{ environment: 5 }, 'loadConfig().environment: given 5; accepted: an object of texts by name'],
  ])('are checked: %j', (options, message) => {
    expect(() => loadConfig({ models }, options)).toThrow(message);
  });
});

it('a class is taken in capitals, and kept as it is written for whoever is shown it', () => {
  const rules = [
    { match: 'HIGH', targets: ['gpt'] },
    { match: { priority: ['Low', 'normal'] }, targets: ['gpt'] },
  ];
  const { config, written } = loadConfig({ models, rules });
  expect(config.rules!.map(({ match }) => match)).toEqual(['high', { priority: ['low', 'normal'] }]);
  expect(written.rules).toEqual(rules);
});

// biome-ignore-all lint/suspicious/noTemplateCurlyInString: such texts are what is tested
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConfigError } from '../../src/config/config-error.ts';
import { loadConfig } from '../../src/config/load.ts';
import { ConfigurationError } from '../../src/errors.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'llm-router-config-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** No test may take longer: a file that makes its reader slow is a way to stop a server. */
const LONGEST_MS = 5_000;
const KEY = 'sk-live-0123456789abcdef';
const ENVIRONMENT = { PORT: `${KEY}-port`, EMPTY: '', TARGET: `${KEY}-name`, LINES: `${KEY}\n${KEY}`, DEPTH: '7041' };

const TOP = 'models, rules, breaker, queue, retries, timeoutMs, readerTimeoutMs, seed, cache, server';
const OF_MODEL =
  'maxQueueDepth, maxConcurrency, attemptTimeoutMs, firstTokenTimeoutMs, idleTimeoutMs, minTokensPerSecond, upstreamStreaming, abortGraceMs, breaker, weight, pricing, contextWindow, upstream, serves, options, expectedLatencyMs';
const OF_SIMULATED = `provider, latencyMs, failureRate, tokensPerSecond, tokens, seed, answer, ${OF_MODEL}`;
const OF_OPENAI = `provider, model, headers, connectTimeoutMs, apiKey, baseUrl, organization, project, ${OF_MODEL}`;
const PROVIDERS = 'anthropic, azure-openai, ollama, openai, simulated';
const NAMES =
  'a letter or digit, then up to 99 of letters, digits, _ . : / - (reserved: auto, and what every object has, such as constructor)';
const VISIBLE = 'a string of visible ASCII characters, without spaces or line breaks';
const HEADERS =
  'an object of header names and values in one line of Latin-1; none of connection, content-length, expect, keep-alive, transfer-encoding, upgrade';
const REFERENCES = 'accepted: ${NAME}, ${NAME:-text}, or $${ for a plain ${';

/** One model, in two lines. */
const OK = 'models:\n  a: { provider: simulated }\n';
const ofModel = (options: string): string => `models:\n  a: { provider: simulated, ${options} }\n`;
const ofOpenAI = (options: string): string => `models:\n  a: { provider: openai, model: m, ${options} }\n`;
const numbered = (count: number, line: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => line(index)).join('');

/** What is in the file, and the lines of the message behind the file's name. */
type Bad = readonly [what: string, content: string | Buffer, ...lines: string[]];

const SHAPE: readonly Bad[] = [
  ['nothing', '', ": it is empty; accepted: at least 'models:' with a model below"],
  ['only comments', '# one\n# two\n', ": it is empty; accepted: at least 'models:' with a model below"],
  ['null', '~\n', ':1:1: given null; accepted: an object with models'],
  ['a list', '- a\n- b\n', ':1:1: given an array of 2; accepted: an object with models'],
  ['a text', 'hello\n', ':1:1: given "hello"; accepted: an object with models'],
  ['no models', 'rules: []\n', ':1:1 models: given nothing; accepted: an object of models by name, at least one'],
  [
    'models in a list',
    'models:\n  - a\n',
    ':1:1 models: given an array of 1; accepted: an object of models by name, at least one',
  ],
  [
    'models without a model',
    'models:\n',
    ':1:1 models: given null; accepted: an object of models by name, at least one',
  ],
  ['an unknown key at the top', `${OK}ruels: []\n`, `:3:1 ruels: no such option; did you mean rules? accepted: ${TOP}`],
  [
    'an unknown key of a model',
    'models:\n  a:\n    provider: simulated\n    maxConcurency: 3\n',
    `:4:5 models.a.maxConcurency: no such option; did you mean maxConcurrency? accepted: ${OF_SIMULATED}`,
  ],
  [
    'what only code can say',
    ofModel('backend: x'),
    `:2:29 models.a.backend: no such option; accepted: ${OF_SIMULATED}`,
  ],
  [
    'an unknown provider',
    'models:\n  a: { provider: ollma }\n',
    `:2:8 models.a.provider: given "ollma"; did you mean ollama? accepted: ${PROVIDERS}`,
  ],
  ['no provider', 'models:\n  a: { model: m }\n', `:2:3 models.a.provider: given nothing; accepted: ${PROVIDERS}`],
  [
    'wrong types, all at once',
    'models:\n  a:\n    provider: simulated\n    maxQueueDepth: many\n    weight: 0\n    upstreamStreaming: yes\n    pricing: { inputPerMillion: 1 }\n',
    ':4:5 models.a.maxQueueDepth: given "many"; accepted: an integer of 1 or more',
    ':5:5 models.a.weight: given 0; accepted: a number above 0',
    ':6:5 models.a.upstreamStreaming: given "yes"; accepted: true or false',
    ':7:5 models.a.pricing.outputPerMillion: given nothing; accepted: a number of 0 or more',
  ],
  [
    'what is no number, and infinity',
    `${OK}timeoutMs: .nan\nreaderTimeoutMs: .inf\n`,
    ':3:1 timeoutMs: given NaN; accepted: milliseconds above 0',
    ':4:1 readerTimeoutMs: given Infinity; accepted: milliseconds above 0',
  ],
  [
    'negative numbers and fractions',
    `${OK}timeoutMs: -5\nseed: 1.5\nqueue:\n  boostMs: { critical: -1, urgent: 5 }\n`,
    ':3:1 timeoutMs: given -5; accepted: milliseconds above 0',
    ':4:1 seed: given 1.5; accepted: an integer',
    ':6:14 queue.boostMs.critical: given -1; accepted: milliseconds, 0 or more',
    ':6:28 queue.boostMs.urgent: no such option; accepted: critical, high, normal, low',
  ],
  [
    'wrong matches',
    `${OK}rules:\n  - match: hihg\n    targets: [a]\n  - match: { priority: [high, hihg] }\n    targets: [a]\n  - match: { metadata: { tenant: { prefx: x } } }\n    targets: [a]\n`,
    ':4:5 rules[0].match: given "hihg"; did you mean high? accepted: critical, high, normal, low or an object of conditions',
    ':6:31 rules[1].match.priority[1]: given "hihg"; did you mean high? accepted: critical, high, normal, low',
    ':8:26 rules[2].match.metadata.tenant: given an object; accepted: a string, number or boolean, an array of them, or { prefix }',
  ],
  [
    'a rule without targets, and one that is none',
    `${OK}rules:\n  - match: high\n  - a\n`,
    ':4:5 rules[0].targets: given nothing; accepted: an array of at least one model name',
    ':5:5 rules[1]: given "a"; accepted: an object with targets',
  ],
  [
    'wrong options of the server',
    `${OK}server: { host: "a b", port: 70000, allowHosts: ["http://x"], drainDelayMs: -1 }\n`,
    ':3:11 server.host: given "a b"; accepted: an address or a host name',
    ':3:24 server.port: given 70000; accepted: an integer of 0 to 65,535',
    ':3:50 server.allowHosts[0]: given "http://x"; accepted: an array of host names without scheme and port',
    ':3:63 server.drainDelayMs: given -1; accepted: an integer of 0 to 3,600,000',
  ],
  [
    'wrong options of the cache',
    `${OK}cache: { ttlHours: 0, embedder: true, verify: { model: a, timeoutMs: 0 } }\n`,
    ':3:10 cache.ttlHours: given 0; accepted: a number above 0',
    ":3:23 cache.embedder: given true; accepted: false, or an object with provider 'local' or 'router'",
    ':3:59 cache.verify.timeoutMs: given 0; accepted: milliseconds above 0',
  ],
  [
    'a wrong option deep in an embedder',
    `${OK}cache: { embedder: { provider: local, dtype: "q 8" } }\n`,
    ":3:39 cache.embedder.dtype: given \"q 8\"; accepted: a precision that transformers.js knows, such as 'q8' or 'fp32'",
  ],
];

const TOGETHER: readonly Bad[] = [
  [
    'a model twice',
    `${OK}  a: { provider: simulated }\n`,
    ':3:3 models.a: given twice, first in line 2; accepted: once',
  ],
  [
    'a key twice',
    'models:\n  a:\n    provider: simulated\n    weight: 1\n    weight: 2\n',
    ':5:5 models.a.weight: given twice, first in line 4; accepted: once',
  ],
  [
    'rules of one name',
    `${OK}rules:\n  - { name: x, targets: [a] }\n  - { name: x, targets: [a] }\n  - { match: high, targets: [a] }\n  - { match: high, targets: [a] }\n`,
    ':5:7 rules[1].name: given "x", as rules[0] is; accepted: a name of its own',
    ':7:5 rules[3]: is called "priority:high" after its match, as rules[2] is; accepted: a name of its own',
  ],
  [
    'names that cannot be',
    'models:\n  "a b": { provider: simulated }\n  7: { provider: simulated }\n  a: { provider: simulated }\nrules:\n  - { name: a, targets: [a] }\n  - { name: auto, targets: [a] }\n',
    `:2:3 models["a b"]: given the name "a b"; accepted: ${NAMES}`,
    ':3:3 models.7: given a name of digits only; accepted: one with a letter',
    ':6:7 rules[0].name: given "a"; accepted: a name that no model has',
    `:7:7 rules[1].name: given the name "auto"; accepted: ${NAMES}`,
  ],
  [
    'candidates that are no models, or stand there twice',
    'models:\n  a: { provider: simulated }\n  e: { provider: simulated, serves: embeddings }\nrules:\n  - targets: [b]\n    fallback: [e, a, a]\n',
    ':5:15 rules[0].targets[0]: given "b"; accepted: a model (a)',
    ':6:16 rules[0].fallback[0]: given "e"; accepted: a model (a)',
    ':6:22 rules[0].fallback[2]: given "a" twice among its targets and fallbacks; accepted: each model once',
  ],
  [
    'more calls than places',
    `${ofModel('maxQueueDepth: 2, maxConcurrency: 3')}queue: { maxQueueDepth: 4, maxConcurrency: 5 }\n`,
    ':2:47 models.a.maxConcurrency: given 3; accepted: at most maxQueueDepth (2)',
    ':3:28 queue.maxConcurrency: given 5; accepted: at most maxQueueDepth (4)',
  ],
  [
    'breakers and retries that contradict themselves, beside a wrong key',
    'models:\n  a: { provider: simulated, breaker: { policy: count, windowSize: 5, minimumCalls: 9 } }\n  b: { provider: simulated, wieght: 1 }\nbreaker: { recoveryTimeoutMs: 10, maxOpenMs: 5 }\nretries: { baseMs: 9, maxMs: 3 }\n',
    ':2:70 models.a.breaker.minimumCalls: given 9; accepted: at most windowSize (5), because no more results are looked at',
    `:3:29 models.b.wieght: no such option; did you mean weight? accepted: ${OF_SIMULATED}`,
    ':4:35 breaker.maxOpenMs: given 5; accepted: recoveryTimeoutMs (10) or more',
    ':5:23 retries.maxMs: given 3; accepted: baseMs (9) or more',
  ],
  [
    'a cache that names models which cannot serve it',
    `${OK}cache: { embedder: { provider: router, model: a, maxTokens: 5 }, verify: { model: b } }\n`,
    ':3:40 cache.embedder.model: given "a"; accepted: a model that serves embeddings (there is none)',
    ':3:76 cache.verify.model: given "b"; accepted: a model that answers requests (a)',
  ],
];

const YAML: readonly Bad[] = [
  [
    'a tab',
    'models:\n\ta: { provider: simulated }\n',
    ':2:1: a tab stands where the line is indented; accepted: spaces',
  ],
  [
    'an unclosed quote',
    `models:\n  a: { provider: "simulated }\n# ${KEY}\n`,
    ':2:18: a text in quotes begins here and is never closed; accepted: the same quote where it ends',
  ],
  ['two documents', `${OK}---\n${OK}`, ':3:1: a second document begins here; accepted: one document a file'],
  [
    'a wrong indentation',
    'models:\n  a:\n      provider: simulated\n    weight: 1\n',
    ':4:1: not valid YAML: All mapping items must start at the same column',
  ],
  [
    'two colons in a line',
    'models:\n  a: provider: simulated\n',
    ':2:6: not valid YAML: Nested mappings are not allowed in compact mappings',
  ],
  [
    'a backslash',
    `${OK}cache: { path: "C:\\data" }\n`,
    ':3:19: a backslash stands before a character that it cannot; accepted in double quotes: the escapes of JSON',
  ],
  [
    'a reserved character',
    `${OK}cache: { path: @${KEY} }\n`,
    ':3:16: a text begins with a reserved character; accepted: such a text in quotes',
  ],
  [
    'something behind a text',
    `models:\n  a: "x" ${KEY}\n`,
    ':2:10: something stands here that cannot; look at quotes, brackets, colons and the indentation before it',
  ],
  [
    'JSON without an end',
    '{ "models": { "a": { "provider": "simulated" } }\n',
    ':2:1: not valid YAML: Flow map must end with a }',
  ],
  [
    'a tag of its own',
    'models:\n  a: !js { provider: simulated }\n',
    ':2:3 models.a: given a value with a tag; accepted: values without tags',
  ],
  [
    'a tag for functions, and one for bytes',
    `${OK}seed: !!js/function "x"\ntimeoutMs: !!binary aGk=\n`,
    ':3:1 seed: given a value with a tag; accepted: values without tags',
    ':4:1 timeoutMs: given a value with a tag; accepted: values without tags',
  ],
  [
    'a merge key',
    'models:\n  a: &a { provider: simulated }\n  b: { <<: *a, provider: simulated }\n',
    ':3:8 models.b: given a merge key (<<); accepted: the options themselves, or an alias for a whole value',
  ],
  [
    'a key that is a list, and one that is nothing',
    `${OK}  ? [x]\n  : 1\n  ~: 2\n`,
    ':3:5 models: given a key that is no text; accepted: texts as keys',
    ':5:3 models: given a key that is no text; accepted: texts as keys',
  ],
  [
    'an alias of nothing',
    'models:\n  a: *b\n',
    ':2:3 models.a: given an alias without an anchor before it; accepted: an anchor that stands above',
  ],
  [
    'a cycle',
    'models: &m\n  a: { provider: simulated, options: *m }\n',
    ':2:29 models.a.options: it contains itself; accepted: data that ends',
  ],
  [
    'a billion laughs',
    `x0: &x0 [${Array(10).fill('l').join(', ')}]\n${numbered(9, (i) => `x${i + 1}: &x${i + 1} [${Array(10).fill(`*x${i}`).join(', ')}]\n`)}${OK}`,
    ':1:10 x4[7][6][3][5][0]: it stands for more than 100,000 values; accepted: at most as many',
  ],
  [
    'a long text, over and over',
    `x: &x "${'y'.repeat(200_000)}"\ny: [${Array(5_000).fill('*x').join(',')}]\n${OK}`,
    ':2:149 y[48]: it stands for more than 100,000 values; accepted: at most as many',
  ],
  [
    'brackets in brackets',
    `${OK}x: ${'['.repeat(200)}${']'.repeat(200)}\n`,
    ':3:103: nested too deeply; accepted: at most 64 levels',
  ],
  [
    'brackets without end',
    '['.repeat(200_000),
    ': it has more than 100,000 words and marks; accepted: at most as many',
  ],
  [
    'blocks in blocks',
    numbered(1_400, (index) => `${' '.repeat(index)}a:\n`),
    ':101:101: nested too deeply; accepted: at most 64 levels',
  ],
  [
    'levels that YAML allows and a configuration does not',
    `${OK.slice(0, -3)}, options: ${'{a: '.repeat(70)}1${'}'.repeat(70)} }\n`,
    `:2:279 models.a.options${'.a'.repeat(61)}: nested too deeply; accepted: at most 64 levels`,
  ],
  [
    'wrong escapes without end',
    `x: "${'\\q'.repeat(100_000)}"\n`,
    ':1:5: a backslash stands before a character that it cannot; accepted in double quotes: the escapes of JSON',
  ],
  [
    'prototypes',
    `__proto__: { polluted: true }\nmodels:\n  a: { provider: simulated, options: { constructor: { prototype: 1 } } }\n  __proto__: 1\n`,
    ':1:1 __proto__: given a key that every object has; accepted: any other',
    ':3:40 models.a.options.constructor: given a key that every object has; accepted: any other',
    ':4:3 models.__proto__: given a key that every object has; accepted: any other',
  ],
];

const REFERRING: readonly Bad[] = [
  [
    'a variable that is not set',
    ofOpenAI('apiKey: "${NO_SUCH}"'),
    ':2:36 models.a.apiKey: the variable NO_SUCH is not set; accepted: a variable that is set, or a text for when it is not: ${NO_SUCH:-…}',
  ],
  [
    'a variable that is empty',
    ofOpenAI('apiKey: "${EMPTY}"'),
    `:2:36 models.a.apiKey: given a string; accepted: ${VISIBLE}`,
  ],
  [
    'a variable of two lines',
    ofOpenAI('apiKey: "${LINES}"'),
    `:2:36 models.a.apiKey: given a string; accepted: ${VISIBLE}`,
  ],
  [
    'a variable that is no number',
    `${OK}server: { port: "\${PORT}" }\n`,
    ':3:11 server.port: given "${PORT}"; accepted: an integer of 0 to 65,535',
  ],
  [
    'a variable that is no model',
    `${OK}rules:\n  - targets: ["\${TARGET}"]\n`,
    ':4:15 rules[0].targets[0]: given "${TARGET}"; accepted: a model (a)',
  ],
  [
    'a variable that is too much',
    `${OK}queue: { maxQueueDepth: 5, maxConcurrency: "\${DEPTH}" }\n`,
    ':3:28 queue.maxConcurrency: given ${DEPTH}; accepted: at most maxQueueDepth (5)',
  ],
  [
    'a variable that is too little',
    `${ofModel('maxConcurrency: 9000')}queue: { maxQueueDepth: "\${DEPTH}" }\n`,
    ':2:29 models.a.maxConcurrency: given 9000; accepted: at most maxQueueDepth (${DEPTH})',
  ],
  [
    'references that are none',
    'models:\n  a: { provider: openai, model: "${}", apiKey: "${A-b}", organization: "x${A", project: "${A:-${B}}" }\n',
    `:2:26 models.a.model: given '\${' without a name and '}' behind it; ${REFERENCES}`,
    `:2:40 models.a.apiKey: given '\${' without a name and '}' behind it; ${REFERENCES}`,
    `:2:58 models.a.organization: given '\${' without a name and '}' behind it; ${REFERENCES}`,
    `:2:80 models.a.project: given '\${' without a name and '}' behind it; ${REFERENCES}`,
  ],
  [
    'a reference without quotes inside brackets',
    `${OK}server: { port: \${PORT} }\n`,
    ':3:18: something stands here that cannot; look at quotes, brackets, colons and the indentation before it; inside [ ] and { } a reference stands in quotes',
  ],
];

const SECRETS: readonly Bad[] = [
  [
    'a key for a provider',
    `models:\n  a: { provider: ${KEY} }\n`,
    `:2:8 models.a.provider: given a string; accepted: ${PROVIDERS}`,
  ],
  ['a key for a model', `models:\n  a: ${KEY}\n`, ':2:3 models.a: given a string; accepted: an object'],
  [
    'a key for a port',
    `${OK}server: { port: ${KEY} }\n`,
    ':3:11 server.port: given a string; accepted: an integer of 0 to 65,535',
  ],
  [
    'a key for a target',
    `${OK}rules:\n  - targets: [${KEY}]\n`,
    ':4:15 rules[0].targets[0]: given "[redacted]"; accepted: a model (a)',
  ],
  [
    'a key under a misspelt name',
    ofOpenAI(`api_key: ${KEY}`),
    `:2:36 models.a.api_key: no such option; did you mean apiKey? accepted: ${OF_OPENAI}`,
  ],
  ['a key with a blank', ofOpenAI(`apiKey: "${KEY} x"`), `:2:36 models.a.apiKey: given a string; accepted: ${VISIBLE}`],
  [
    'a key in a URL',
    `models:\n  a: { provider: ollama, model: m, baseUrl: "http://me:${KEY}@host" }\n`,
    ':2:36 models.a.baseUrl: given "http://[redacted]@host"; accepted: an http or https URL without credentials (put those into headers)',
  ],
  [
    'a key of digits',
    ofOpenAI('apiKey: 938475610293, headers: { x: 8475610293, y: true }'),
    `:2:36 models.a.apiKey: given a number; accepted: ${VISIBLE}`,
    `:2:69 models.a.headers.x: given a number; accepted: ${HEADERS}`,
    `:2:84 models.a.headers.y: given true; accepted: ${HEADERS}`,
  ],
  [
    'a key in the place of an option',
    ofOpenAI(`apiKey:sk-short, "headers = Bearer short", ${KEY}: 1`),
    ...[36, 53, 79].map((column) => `:2:${column} models.a["[redacted]"]: no such option; accepted: ${OF_OPENAI}`),
  ],
  [
    'a key in the place of a model, of an option further in, and twice',
    `models:\n  apiKey:sk-short:\n  a: { provider: simulated, options: { ${KEY}: !x 1, b: 1 } }\n  Bearer ${KEY}: { provider: simulated }\n${'  b:sk-short: { provider: simulated }\n'.repeat(2)}`,
    ':2:3 models["[redacted]"]: given null; accepted: an object',
    ':3:40 models.a.options["[redacted]"]: given a value with a tag; accepted: values without tags',
    `:4:3 models["[redacted]"]: given the name "[redacted]"; accepted: ${NAMES}`,
    ':6:3 models["[redacted]"]: given twice, first in line 5; accepted: once',
  ],
  ['a key and nothing else', `${KEY}\n`, ':1:1: given a string; accepted: an object with models'],
  [
    'a key of the server with a blank',
    `${OK}server: { adminKey: "${KEY} x" }\n`,
    ':3:11 server.adminKey: given a string; accepted: one or more visible ASCII characters',
  ],
];

const BYTES: readonly Bad[] = [
  [
    'Latin-1',
    Buffer.concat([Buffer.from(`${OK}# caf`), Buffer.from([0xe9, 0x0a])]),
    ':3:1: it is not UTF-8; accepted: text in UTF-8',
  ],
  ['UTF-16', Buffer.from(`\ufeff${OK}`, 'utf16le'), ':1:1: it is not UTF-8; accepted: text in UTF-8'],
  ['a NUL', `${OK}seed: "\0"\n`, ':3:1: it holds a NUL character; accepted: text'],
  ['10 MB', '#'.repeat(10 << 20), ': it has 10,485,760 bytes; accepted: at most 1,048,576'],
  [
    'a byte order mark, which is fine, and a mistake',
    `\ufeff${OK}seed: x\n`,
    ':3:1 seed: given "x"; accepted: an integer',
  ],
  ['the line ends of Windows', `${OK}seed: x\n`.replaceAll('\n', '\r\n'), ':3:1 seed: given "x"; accepted: an integer'],
];

function refused(source: string | URL | object): ConfigError {
  try {
    loadConfig(source, { environment: ENVIRONMENT });
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    expect(error).toBeInstanceOf(ConfigurationError);
    return error as ConfigError;
  }
  throw new Error('it was accepted');
}

describe.each([
  ['of another shape', SHAPE],
  ['that contradicts itself', TOGETHER],
  ['of wrong YAML', YAML],
  ['with wrong references', REFERRING],
  ['with a key where none belongs', SECRETS],
  ['of wrong bytes', BYTES],
])('a file %s is refused', (_kind, table) => {
  it.each(table)(
    'with %s',
    (_what, content, ...lines) => {
      const file = join(folder, 'llm-router.yaml');
      writeFileSync(file, content);
      const { message, mistakes } = refused(file);
      expect(message.split('\n')).toEqual(lines.map((line) => file + line));
      expect(mistakes).toHaveLength(lines.length);
      const told = `${message} ${JSON.stringify(mistakes)}`;
      for (const secret of [KEY, 'short', '5610293', ENVIRONMENT.DEPTH]) expect(told).not.toContain(secret);
      expect(Object.prototype).not.toHaveProperty('polluted');
    },
    LONGEST_MS,
  );
});

describe('what is no file of text is refused', () => {
  it.each([
    ['a missing file', 'none.yaml', 'there is no such file'],
    ['what lies in a file', 'plain.yaml/inside', 'there is no such file'],
    ['a folder', 'folder', 'it is a directory; accepted: a file of YAML or JSON'],
    ['a path with a NUL', 'a\0b', 'it cannot be read (ERR_INVALID_ARG_VALUE)'],
  ])('%s', (_what, name, message) => {
    writeFileSync(join(folder, 'plain.yaml'), OK);
    mkdirSync(join(folder, 'folder'), { recursive: true });
    const file = join(folder, name);
    expect(refused(file).message).toBe(`${file}: ${message}`);
  });

  it('a path without end, cut', () => {
    expect(refused('x'.repeat(5_000)).message).toBe(`${'x'.repeat(60)}…: it cannot be read (ENAMETOOLONG)`);
  });

  it.each([
    ['YAML', ofOpenAI(`apiKey: ${KEY}`)],
    ['the line ends of old', ofOpenAI(`apiKey: ${KEY}`).replaceAll('\n', '\r')],
    ['YAML in one line', `models: { a: { provider: openai, apiKey: ${KEY} } }`],
    ['JSON in one line', JSON.stringify({ models: { a: { provider: 'openai', apiKey: KEY } } })],
    ['one that is longer than a path', `{ models: { a: { apiKey: ${KEY}, answer: ${'x'.repeat(5_000)} } } }`],
  ])('a text of a configuration in place of its path: %s', (_what, text) => {
    expect(refused(text).message).toBe(
      'config: given a text that is the name of no file; accepted: a path, a URL of file:, or an object',
    );
  });

  it('but a file of any name is read', () => {
    const file = join(folder, 'a {b: c}.yaml');
    writeFileSync(file, OK);
    expect(loadConfig(file).config.models).toHaveProperty('a');
    const missing = join(folder, '${DIR}', '{name}.yaml');
    expect(refused(missing).message).toBe(`${missing}: there is no such file`);
  });

  it.skipIf(process.platform === 'win32')('a device', () => {
    expect(refused('/dev/zero').message).toBe('/dev/zero: it is no regular file; accepted: a file of YAML or JSON');
  });

  it('a URL of elsewhere', () => {
    expect(refused(new URL('https://example.com/router.yaml')).message).toBe(
      'config: given a URL of https:; accepted: a path, or a URL of file:',
    );
  });
});

const cyclic: Record<string, unknown> = { models: {} };
cyclic['models'] = { a: { provider: 'simulated', options: cyclic } };
const model = (options: object): object => ({ models: { a: { provider: 'simulated', ...options } } });
const throwing = (): never => {
  throw new Error(KEY);
};
const PLAIN = 'accepted: plain data, as it could stand in a file';

describe('an object is refused', () => {
  it.each<[string, unknown, string]>([
    ['that contains itself', cyclic, 'models.a.options: it contains itself; accepted: data that ends'],
    [
      'with a getter that throws',
      Object.defineProperty({}, 'models', { get: throwing, enumerable: true }),
      `config: given an accessor, "models"; ${PLAIN}`,
    ],
    [
      'that throws whatever it is asked',
      new Proxy({}, { ownKeys: throwing }),
      `config: given an object that cannot be read; ${PLAIN}`,
    ],
    ['with a function', model({ classify: throwing }), `models.a.classify: given a function; ${PLAIN}`],
    [
      'with a backend',
      model({ backend: { generate: throwing } }),
      `models.a.backend.generate: given a function; ${PLAIN}`,
    ],
    [
      'with an instance of a class',
      model({ answer: new Map() }),
      `models.a.answer: given an instance of a class; ${PLAIN}`,
    ],
    ['that is an instance of a class', new Map(), `config: given an instance of a class; ${PLAIN}`],
    ['with a bigint', model({ weight: 1n }), `models.a.weight: given a bigint; ${PLAIN}`],
    ['with a symbol', model({ options: Symbol('x') }), `models.a.options: given a symbol; ${PLAIN}`],
    [
      'with a number that is none',
      model({ weight: Number.NaN }),
      'models.a.weight: given NaN; accepted: a number above 0',
    ],
    [
      'with a prototype',
      JSON.parse('{"__proto__":{"x":1},"models":{"a":{"provider":"simulated"}}}'),
      '__proto__: given a key that every object has; accepted: any other',
    ],
    [
      'with a list that has holes',
      // biome-ignore lint/suspicious/noSparseArray: it is what is tested
      { ...model({}), rules: [{ targets: [, 'a'] }, { targets: Array(1e9) }] },
      `rules[0].targets: given an array with holes; ${PLAIN}\nrules[1].targets: given an array with holes; ${PLAIN}`,
    ],
    [
      'with a list that has further properties',
      { ...model({}), rules: Object.assign([{ targets: Object.assign(['a'], { [KEY]: 'a' }) }], {}) },
      `rules[0].targets: given an array with a property, "[redacted]"; ${PLAIN}`,
    ],
    [
      'with a list that has both',
      { ...model({}), rules: Object.assign(Array(1), { also: { targets: ['a'] } }) },
      `rules: given an array with holes; ${PLAIN}`,
    ],
    [
      'with a property in place of a rule',
      { ...model({}), rules: Object.assign([], { also: { targets: ['a'] } }) },
      `rules: given an array with a property, "also"; ${PLAIN}`,
    ],
    [
      'with an accessor that is called after a key',
      Object.defineProperty({}, KEY, { get: throwing, enumerable: true }),
      `config: given an accessor, "[redacted]"; ${PLAIN}`,
    ],
    ['that is a list', [], 'config: given an array of 0; accepted: an object with models'],
    ['that is null', null, 'config: given null; accepted: an object with models'],
    ['that is nothing', undefined, 'config: given nothing; accepted: an object with models'],
    ['that is a number', 5, 'config: given 5; accepted: an object with models'],
    [
      'with a wrong value, of which no line is known',
      model({ weight: 0 }),
      'models.a.weight: given 0; accepted: a number above 0',
    ],
  ])('%s', (_what, value, message) => {
    expect(refused(value as object).message).toBe(message);
  });

  it('and at most a hundred mistakes are told, of which the error has all', () => {
    const rules = Array.from({ length: 150 }, () => ({ targets: [] }));
    const { message, mistakes } = refused({ ...model({}), rules });
    expect(mistakes).toHaveLength(150);
    expect(message.split('\n')).toHaveLength(101);
    expect(message).toMatch(/\nand 50 more$/);
  });
});
